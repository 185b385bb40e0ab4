"""FRR's service: what has to be done about it, and the limits of what is waited for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError, FrrError
from ansible_collections.evpn.fabric.plugins.module_utils._frr import instance, service
from ansible_collections.evpn.fabric.plugins.module_utils._frr.objects import Service
from ansible_collections.evpn.fabric.plugins.module_utils._frr.planning import service_operations


@pytest.mark.parametrize(
    ("active", "enabled", "dead", "restarts", "expected"),
    [
        (True, True, (), False, []),
        (True, False, (), False, [("change", "hitless", {"enabled": True})]),
        (False, True, (), False, [("change", "daemon", {"active": True})]),
        (
            False,
            False,
            ("bgpd", "zebra"),
            False,
            [("change", "hitless", {"enabled": True}), ("change", "daemon", {"active": True})],
        ),
        (True, True, ("bgpd",), False, [("recreate", "daemon", {"active": True, "enabled": True})]),
        (False, False, ("bgpd",), True, [("change", "hitless", {"enabled": True})]),
    ],
    ids=["all is well", "disabled", "stopped", "both", "a daemon is dead", "FRR restarts anyway"],
)
def test_frr_runs_with_all_its_daemons_and_starts_at_boot(
    active: bool, enabled: bool, dead: tuple[str, ...], restarts: bool, expected: list[tuple[str, str, dict[str, bool]]]
) -> None:
    made = [operation.to_output() for operation in service_operations(Service(active, enabled), dead, restarts)]
    assert {operation["name"] for operation in made} <= {"frr.service"}
    shown = [
        (
            operation["action"],
            operation["disruption"],
            {key: value for key, value in operation["after"].items() if key != "name"},
        )
        for operation in made
    ]
    assert shown == expected


def test_a_restart_names_the_daemons_that_are_dead() -> None:
    (made,) = service_operations(Service(active=True, enabled=True), ("ospfd", "bgpd"), False)
    assert made.reason == "bgpd, ospfd are enabled and not running: FRR restarts"


def test_a_program_that_does_not_end_is_an_error_and_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "TIMEOUT", 0.2)
    with pytest.raises(FrrError, match=r"^sleep 5 did not end within 0 s$"):
        service._run("sleep", "5")
    with pytest.raises(FrrError, match=r"^no-such-program is not installed on this host$"):
        service._run("no-such-program")


def test_a_daemon_of_a_scratch_frr_that_does_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "START_LIMIT", 0.2)
    with pytest.raises(FabricError, match=r"^sleep of a scratch FRR did not start within 0 s$"):
        instance._run(["sleep", "5"], "sleep of a scratch FRR")


def test_a_wait_for_daemons_ends_when_the_run_is_asked_to_stop() -> None:
    class Dead:
        def alive(self) -> frozenset[str]:
            return frozenset()

    vtysh: Any = Dead()
    with pytest.raises(FrrError, match=r"^SIGTERM came, so this run was stopped$"):
        service.missing_after(vtysh, {"bgpd"}, 1, lambda: "SIGTERM")
