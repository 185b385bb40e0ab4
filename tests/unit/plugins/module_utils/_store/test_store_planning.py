"""What has to change in what a host keeps."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError
from ansible_collections.evpn.fabric.plugins.module_utils._store.planning import (
    DOCUMENT,
    ENGINE,
    SERVICE,
    Actual,
    Desired,
    Kept,
    StorePlan,
    plan,
)

ROOM = 4096


def kept(**digests: str) -> dict[str, Kept]:
    return {kind: Kept(kind, f"the {kind}", digest) for kind, digest in digests.items()}


def planned(desired: dict[str, Kept], actual: dict[str, Kept], free: int = ROOM, has_systemd: bool = True) -> StorePlan:
    return plan(Desired(desired, {}, ROOM), Actual(actual, free, has_systemd), "the command")


def listed(made: StorePlan) -> list[tuple[str, str]]:
    assert {operation.disruption for operation in made.operations} <= {"hitless"}
    return [(operation.action, operation.kind) for operation in made.operations]


WHOLE = kept(engine="1", document="2", service="3")


def test_a_host_that_keeps_nothing_gets_all_of_it() -> None:
    assert listed(planned(WHOLE, {})) == [("create", ENGINE), ("create", DOCUMENT), ("create", SERVICE)]


def test_a_host_that_keeps_what_it_shall_has_nothing_to_do() -> None:
    assert listed(planned(WHOLE, kept(engine="1", document="2", service="3"))) == []


def test_what_is_shown_tells_documents_apart_and_not_what_is_in_them() -> None:
    made = plan(Desired(WHOLE, {"frr": {"config": "password secret"}}), Actual({}, ROOM, True), "the command")
    shown = [operation.to_output()["after"] for operation in made.operations]
    assert shown[1] == {"name": "the document", "digest": "2"}
    assert "secret" not in str(shown)


@pytest.mark.parametrize("kind", [ENGINE, DOCUMENT, SERVICE])
def test_only_what_differs_is_changed(kind: str) -> None:
    assert listed(planned(WHOLE, {**WHOLE, **kept(**{kind: "other"})})) == [("change", kind)]


def test_what_is_to_be_removed_needs_no_room() -> None:
    assert listed(planned({}, WHOLE, free=0)) == [("delete", ENGINE), ("delete", DOCUMENT), ("delete", SERVICE)]


def test_a_full_disk_is_refused_with_the_remedy() -> None:
    with pytest.raises(FabricError, match=r"nothing was changed: 3 KiB are free .* Make room, or write persist: false"):
        planned(WHOLE, {}, free=ROOM - 1)


def test_a_full_disk_is_no_matter_where_nothing_is_to_be_written() -> None:
    assert listed(planned(WHOLE, WHOLE, free=0)) == []


def test_without_systemd_the_rest_is_kept_and_a_warning_says_what_to_do() -> None:
    made = planned(WHOLE, {}, has_systemd=False)
    assert listed(made) == [("create", ENGINE), ("create", DOCUMENT)]
    assert len(made.warnings) == 1 and made.warnings[0].endswith("the command")
    assert planned(WHOLE, {}).warnings == ()
    assert planned({}, {}, has_systemd=False).warnings == (), "nothing is to be restored"
