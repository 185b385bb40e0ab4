"""FRR's planner, case by case: a folder each with what was read of a host, what is desired, and what has to come of it.

``snapshot.yml`` and ``desired.yml`` are the fields of the planner's inputs. ``expected.yml`` lists operations, or has the
sentence that the configuration is refused with, and beside them what else the case is about: how FRR has to be asked first
(``trial``), whether a scratch FRR has to get there from what runs (``way``), the enabled daemons that have to run (``needed``),
those to enable (``new``), the text that is ``saved``, and ``warnings``.
"""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
import yaml
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FrrError
from ansible_collections.evpn.fabric.plugins.module_utils._frr import planning
from ansible_collections.evpn.fabric.plugins.module_utils._frr.configuration import Running
from ansible_collections.evpn.fabric.plugins.module_utils._frr.objects import File, SeenAddress, Service
from ansible_collections.evpn.fabric.plugins.module_utils._frr.planning import Desired, Snapshot, Trial

CASES = sorted((pathlib.Path(__file__).parent / "cases").iterdir())
#: The numbers of FRR's user and group.
OWNER = (92, 92)


def load(case: pathlib.Path, name: str) -> Any:
    return yaml.safe_load((case / f"{name}.yml").read_text())


def desired(case: pathlib.Path) -> Desired:
    given = load(case, "desired")
    return Desired(**{**given, "daemons": tuple(given.get("daemons", ())), "keep": tuple(given.get("keep", ()))})


def file(given: dict[str, Any] | None) -> File | None:
    if given is None:
        return None
    # YAML 1.1 knows no 0o640.
    return File(given["text"], int(str(given.get("mode", "0o640")), 8), given.get("uid", OWNER[0]), OWNER[1])


def snapshot(case: pathlib.Path) -> Snapshot:
    given = load(case, "snapshot")
    running = given["running"]
    return Snapshot(
        Running(frozenset(running.get("daemons", ())), running.get("text", ""), running.get("text", "")),
        unit=Service(**given["unit"]) if "unit" in given else None,
        pathspace=given.get("pathspace"),
        daemons_file=file(given.get("daemons_file")),
        installed=frozenset(given.get("installed", ())),
        dead=frozenset(given.get("dead", ())),
        startup=file(given.get("startup")),
        owner=OWNER,
        trial=Trial(**given["trial"]) if "trial" in given else None,
        overlooked=tuple(SeenAddress(*each) for each in given.get("overlooked", ())),
        unfinished=tuple(given.get("unfinished", ())),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_case(case: pathlib.Path) -> None:
    expected = load(case, "expected")
    given = desired(case), snapshot(case)
    if "trial" in expected:
        assert planning.trial_needed(*given) == expected["trial"]
    if "needed" in expected:
        assert sorted(planning.needed_daemons(*given)) == expected["needed"]
    if "way" in expected:
        assert planning.way_needed(*given) == expected["way"]
    if "refused" in expected:
        with pytest.raises(FrrError) as refused:
            planning.plan(*given)
        assert str(refused.value) == expected["refused"]
        return
    if "operations" not in expected:
        return
    plan = planning.plan(*given)
    assert [shown(operation) for operation in plan.operations] == expected["operations"]
    assert list(plan.warnings) == expected.get("warnings", [])
    if "new" in expected:
        assert list(plan.new) == expected["new"]
    if "saved" in expected:
        assert plan.text == expected["saved"]


def shown(operation: Any) -> dict[str, Any]:
    made = {key: getattr(operation, key) for key in ("kind", "name", "action", "disruption", "reason")}
    if operation.kind == "frr":
        sides = {"removed": operation.before, "added": operation.after}
        made.update({side: lines.lines if lines else [] for side, lines in sides.items()})
    return made


def test_a_plan_says_what_applying_it_has_to_do() -> None:
    by_name = {
        case.name: planning.plan(desired(case), snapshot(case)) for case in CASES if "refused" not in load(case, "expected")
    }
    assert {name for name, plan in by_name.items() if plan.restarts} == {
        "a_daemon_that_somebody_started_besides_is_enabled_where_systemd_runs_frr",
        "a_dead_daemon_needs_a_restart",
        "a_new_daemon_may_be_one_that_the_configuration_needs",
        "a_new_daemon_needs_a_restart_and_nothing_is_said_of_overlooked_addresses",
        "a_stopped_frr_is_started",
        "a_stopped_frr_starts_with_any_defaults",
        "other_defaults_need_a_restart",
        "what_a_scratch_frr_does_not_get_to_needs_a_restart",
    }
    assert {name for name, plan in by_name.items() if plan.saves} == {
        "a_heading_of_vtysh_is_not_saved",
        "a_startup_file_of_root_is_changed",
        "a_startup_file_that_others_may_read_is_changed",
        "another_startup_file_is_changed",
        "lines_to_keep_come_before_the_end_of_a_file",
        "lines_to_keep_stay_and_are_saved",
    }
    assert {name for name, plan in by_name.items() if plan.announces} == {"overlooked_addresses_are_announced_again"}
    assert {name for name, plan in by_name.items() if plan.enables} == {
        "a_service_that_does_not_start_at_boot_is_enabled",
        "a_stopped_frr_is_started",
    }
