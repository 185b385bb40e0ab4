"""What has to be done about FRR's service."""

from __future__ import annotations

import pytest
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
