"""How soon a host is back after a change that nobody confirms, and whether exactly, in each case that it has to survive.

Hosts with systemd and FRR of all releases, several at once because they mostly wait. Seconds count from the deadline until the
host disarms its checkpoint, which it does last; what it is then is compared with what it was: kernel, sysctls, FRR's running
and startup configuration, and what others have made. The peer is the same change, as Ansible runs it on the host.
"""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import time
from collections.abc import Callable, Iterator
from typing import Any

from lab.image import SUITES
from tests import rollbacks
from tests.rollbacks import CHANGED, DOCUMENT, KEPT, TIMEOUT
from tests.systemd_host import SystemdHost

from .measure import ROLLBACKS, Row, progress, seconds

#: Hosts at once: so many of each release.
HOSTS = 2 * tuple(SUITES)
#: Seconds: after the deadline; and from the start of the machine, where FRR starts, too.
AT_MOST, BOOT_AT_MOST = 5, 60
#: How far the clock is set, in seconds; every other time that far back.
DAY = 86400


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of one repeat: ``took`` seconds (None where nothing goes back), and the names of what ``differs`` then."""

    took: float | None
    differs: tuple[str, ...]


Trial = Callable[[SystemdHost, int], Outcome]


def rows() -> Iterator[Row]:
    """Seconds until a host is back, and how many times it was not as before, for each case."""
    with multiprocessing.Pool(len(HOSTS)) as pool:
        done = list(pool.imap_unordered(_all_cases, range(len(HOSTS))))
    applied = tuple(host.applied for host in done)
    for what in CASES:
        outcomes = [outcome for host in done for outcome in host.outcomes[what]]
        took = tuple(outcome.took for outcome in outcomes if outcome.took is not None)
        if took:
            at_most = BOOT_AT_MOST if what == RESTARTED else AT_MOST
            yield Row(f"{what}: until the host is back", "s", took, "the change", applied, worst_at_most=at_most)
        wrong = float(sum(bool(outcome.differs) for outcome in outcomes))
        yield Row(f"{what}: not exactly as before", "times", (wrong,), "of", (float(len(outcomes)),), at_most=0)


@dataclasses.dataclass
class _Host:
    """What one host has shown: seconds of the change, and the outcomes of its repeats by case."""

    applied: float
    outcomes: dict[str, list[Outcome]]


def _all_cases(place: int) -> _Host:
    """The repeats of each case that fall to the host at this place. A process does it: it ends its host if it is ended."""
    image = HOSTS[place]
    with SystemdHost(image) as host:
        host.shell(rollbacks.UPLINK)
        rollbacks.make_ready(host)
        shown = _Host(seconds(lambda: host.module("fabric_host", CHANGED)), {})
        for what, trial in CASES.items():
            shown.outcomes[what] = []
            for repeat in range(place, ROLLBACKS, len(HOSTS)):
                rollbacks.make_ready(host)
                outcome = trial(host, repeat)
                shown.outcomes[what].append(outcome)
                took = "refused" if outcome.took is None else f"{outcome.took:.2f} s"
                progress(f"rollback: {image}, {what}, {repeat + 1} of {ROLLBACKS}: {took} {', '.join(outcome.differs)}")
    return shown


def _goes_back(host: SystemdHost, before: dict[str, Any]) -> Outcome:
    took = rollbacks.seconds_to_go_back(host)
    assert took > 0, "it went back before it was due"
    if took > AT_MOST:
        progress(host.shell("journalctl --unit 'evpn-fabric-revert-*' --no-pager --lines 20"))
    return Outcome(took, tuple(rollbacks.differences(before, rollbacks.state(host))))


def _after(disturb: Callable[[SystemdHost], object]) -> Trial:
    """A trial of what leaves a change that is not confirmed."""

    def trial(host: SystemdHost, _repeat: int) -> Outcome:
        before = rollbacks.state(host)
        disturb(host)
        return _goes_back(host, before)

    return trial


def _clock_set(host: SystemdHost, repeat: int) -> Outcome:
    before = rollbacks.state(host)
    with rollbacks.clock_set(host, DAY if repeat % 2 else -DAY):
        return _goes_back(host, before)


def _second_control_host(host: SystemdHost, _repeat: int) -> Outcome:
    """It asks at once, and again when the deadline comes: it is refused, or finds the host as its document says."""
    before = rollbacks.state(host)
    rollbacks.changed(host, timeout=2 * TIMEOUT)  # a module's run takes some of it
    assert "has not confirmed that yet" in host.module("fabric_host", DOCUMENT)["msg"]
    time.sleep(max(0.0, rollbacks.deadline(host) - time.monotonic() - 0.5))
    second = rollbacks.start(host, DOCUMENT)
    outcome = _goes_back(host, before)
    told = json.loads(second.communicate(timeout=rollbacks.PATIENCE)[0])
    assert "has not confirmed that yet" in told.get("msg", "") or told["changed"] is False, told
    return outcome


def _restarted(host: SystemdHost, _repeat: int) -> Outcome:
    before = rollbacks.without_chance(rollbacks.state(host))
    with rollbacks.restarted(host):
        took = seconds(lambda: rollbacks.starts(host))
        assert not rollbacks.is_armed(host)
        return Outcome(took, tuple(rollbacks.differences(before, rollbacks.without_chance(rollbacks.state(host)))))


def _full_disk(host: SystemdHost, _repeat: int) -> Outcome:
    before = rollbacks.state(host)
    with rollbacks.full_disk(host):
        told = host.module("fabric_host", {**CHANGED, "confirm_timeout": TIMEOUT})
        assert "nothing was changed: 32 KiB are free" in told["msg"]
        return Outcome(None, tuple(rollbacks.differences(before, rollbacks.state(host))))


def _damaged(host: SystemdHost, _repeat: int) -> Outcome:
    """The live state is what was there before it came due."""
    rollbacks.changed(host)
    before = rollbacks.state(host)
    rollbacks.damage(host)
    rollbacks.seconds_to_go_back(host)
    host.run("rm", f"{KEPT}/checkpoint.damaged")
    return Outcome(None, tuple(rollbacks.differences(before, rollbacks.state(host))))


RESTARTED = "host restarted while armed"
CASES: dict[str, Trial] = {
    "control host killed mid-apply": _after(rollbacks.killed_half_way),
    "connection cut by the change": _after(rollbacks.cut_off),
    "timer fires during the apply": _after(rollbacks.outlasts_its_timer),
    "second control host meanwhile": _second_control_host,
    "clock set by a day": _clock_set,
    RESTARTED: _restarted,
    "full disk, refused": _full_disk,
    "checkpoint damaged, refused": _damaged,
}
