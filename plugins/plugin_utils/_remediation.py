# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts are repaired now, and why others are not. Private to this collection.

Pure: the time of drift's report is the only clock. The unit of a repair is a host, because its transaction brings the whole
host to its confirmed document. So one finding that must not be repaired keeps its host from being repaired at all.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem, ValidationError, some
from ansible_collections.evpn.fabric.plugins.module_utils._core.operation import DISRUPTIONS

#: The version of the memory of repairs.
VERSION = 1
#: Who owns which VNI is repaired by moves between gateways, and not by a host's own transaction.
OWNERSHIP = "ownership"
_HOUR = datetime.timedelta(hours=1)


class Limits(NamedTuple):
    """What a run may do.

    ``max_disruption`` is the strongest disruption of a repair. An object that was repaired ``returns`` times within ``window``
    hours and differs again is left alone, and so is one whose repair failed as often. ``changed_inventory`` says that hosts are
    repaired although the inventory derives another document than the one that they keep.
    """

    max_disruption: str
    hosts_at_once: int
    hosts_per_hour: int
    returns: int
    window: int
    changed_inventory: bool


class Object(NamedTuple):
    """What a finding is about."""

    plane: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Repair(NamedTuple):
    """A repair that was begun: when, where, and of what.

    One that has not ``succeeded`` has failed and was reverted, or its run was ended.
    """

    at: datetime.datetime
    host: str
    objects: tuple[Object, ...]
    succeeded: bool


class Decision:
    """One run over the report of drift.

    ``report`` is what `evpn.fabric.drift` wrote, ``repairs`` what earlier runs began. ``busy`` has the hosts on which somebody
    is at work, each with what it is in words ("is in maintenance"). ``apart`` are groups of which no two hosts are repaired at
    once. Hosts that differ longest come first, and those whose last repair failed come last and alone: a failure ends the run,
    and reverts the hosts that are repaired at the same time.
    """

    def __init__(
        self,
        report: Mapping[str, Any],
        repairs: Sequence[Repair],
        limits: Limits,
        busy: Mapping[str, str],
        apart: Iterable[Collection[str]] = (),
    ):
        self.limits = limits
        self.now = read_time(report["at"])
        self.repairs = repairs
        self.busy = busy
        self.apart = [set(group) for group in apart]
        self.looked_at = {name: host for name, host in report["hosts"].items() if host["at"] == report["at"]}
        last = {repair.host: repair for repair in repairs}
        #: When the repair of a host was begun that failed, if that was its last one.
        self.failed = {name: repair.at for name, repair in last.items() if not repair.succeeded}
        self.budget = max(0, limits.hosts_per_hour - sum(repair.at > self.now - _HOUR for repair in repairs))
        #: Repairs that this run begins: of hosts by their own transaction, and of gateways by moves between them.
        self.hosts: list[Repair] = []
        self.moves: list[Repair] = []
        self.lines: list[str] = []
        self.all_well = True
        for name in sorted(self.looked_at, key=self._turn):
            self._judge(name, self.looked_at[name])
        self._judge_moves()

    @property
    def batches(self) -> list[list[Repair]]:
        """Repairs of hosts by their own transaction; those of a batch at once, batch after batch."""
        batches: list[list[Repair]] = []
        for repair in self.hosts:
            if batches and len(batches[-1]) < self.limits.hosts_at_once and not self._kept_apart(repair.host, batches[-1]):
                batches[-1].append(repair)
            else:
                batches.append([repair])
        return batches

    @property
    def steps(self) -> list[list[Repair]]:
        """What is repaired one after the other: batches of hosts, then all moves."""
        return [*self.batches, self.moves] if self.moves else self.batches

    @property
    def earlier(self) -> list[Repair]:
        """Repairs of earlier runs that count for a limit still."""
        oldest = self.now - max(_HOUR, self._window)
        return [repair for repair in self.repairs if repair.at > oldest]

    @property
    def _window(self) -> datetime.timedelta:
        return datetime.timedelta(hours=self.limits.window)

    def _judge(self, name: str, host: Mapping[str, Any]) -> None:
        of_the_host = _repairable(host, ownership=False)
        beyond = [finding for finding in host["findings"] if not finding["repairable"]]
        if host["problem"]:
            self._leave(f"{name}: not repaired: {_one_line(host['problem'])}")
        elif of_the_host:
            reasons = [*self._work_in_progress(), *self._why_not(name, of_the_host)] or [*self._why_later(1)]
            if reasons:
                self._leave(f"{name}: not repaired, {_counted(of_the_host)}: {'. '.join(reasons)}.")
            else:
                self.hosts.append(self._begin(name, of_the_host))
        if beyond:
            self._leave(f"{name}: {_counted(beyond)} that nothing repairs: {some([*map(_object, beyond)])}")

    def _judge_moves(self) -> None:
        """A move is between gateways: where one of them must not be repaired, none gives up or takes over anything."""
        found = {name: _repairable(host, ownership=True) for name, host in self.looked_at.items()}
        waiting = {name: findings for name, findings in found.items() if findings}
        reasons = [*self._work_in_progress()] if waiting else []
        for name, findings in waiting.items():
            problem = self.looked_at[name]["problem"]
            reasons += [
                f"{name}: {reason}"
                for reason in ([_one_line(problem).rstrip(".")] if problem else self._why_not(name, findings))
            ]
        reasons = reasons or [*self._why_later(len(waiting))]
        if waiting and reasons:
            self._leave(f"{', '.join(waiting)}: what they own is not moved: {'. '.join(reasons)}.")
        elif waiting:
            self.moves = [self._begin(name, findings) for name, findings in waiting.items()]

    def _begin(self, name: str, findings: Sequence[Mapping[str, Any]]) -> Repair:
        objects = tuple(dict.fromkeys(map(_object, findings)))
        self.budget -= 1
        self.lines.append(f"{name}: repaired now, {_counted(findings)}: {some(objects)}")
        return Repair(self.now, name, objects, succeeded=False)

    def _leave(self, words: str) -> None:
        self.lines.append(words)
        self.all_well = False

    def _work_in_progress(self) -> Iterable[str]:
        for name, doing in self.busy.items():
            yield f"{name} {doing}, and nothing is repaired meanwhile"

    def _why_not(self, name: str, findings: Iterable[Mapping[str, Any]]) -> Iterable[str]:
        """What keeps a host from being repaired, each with the remedy."""
        if self.looked_at[name]["inventory"] != "unchanged" and not self.limits.changed_inventory:
            yield (
                "The inventory has changed since the last confirmed run, so this is a rollout. Run evpn.fabric.site, or set "
                "remediate_changed_inventory to go back to the confirmed document"
            )
        strongest = max((finding["disruption"] for finding in findings), key=DISRUPTIONS.index)
        if DISRUPTIONS.index(strongest) > DISRUPTIONS.index(self.limits.max_disruption):
            yield (
                f"The repair disturbs more ({strongest}) than remediate_max_disruption allows ({self.limits.max_disruption}). "
                f"Run evpn.fabric.remediate with remediate_max_disruption={strongest}"
            )
        objects = [*map(_object, findings)]
        if flapping := [each for each in objects if self._times(name, each, succeeded=True) >= self.limits.returns]:
            yield (
                f"Repaired {self.limits.returns} times within {self.limits.window} h, and different again: {some(flapping)}. "
                "Find out who changes it, then run evpn.fabric.site"
            )
        if failing := [each for each in objects if self._times(name, each, succeeded=False) >= self.limits.returns]:
            yield (
                f"The repair failed {self.limits.returns} times within {self.limits.window} h: {some(failing)}. Read the "
                "output of those runs, mend what they name, then run evpn.fabric.site"
            )

    def _why_later(self, hosts: int) -> Iterable[str]:
        if hosts > self.budget:
            limit = f"Only {self.limits.hosts_per_hour} hosts are repaired within an hour (remediate_hosts_per_hour)"
            yield f"{limit}. A later run repairs it"

    def _times(self, name: str, each: Object, succeeded: bool) -> int:
        """How often repairs of an object within the window have succeeded, so that it has come back, or have failed."""
        since = self.now - self._window
        of_the_host = [repair for repair in self.repairs if repair.host == name and repair.at > since]
        return sum(repair.succeeded is succeeded and each in repair.objects for repair in of_the_host)

    def _kept_apart(self, name: str, others: Collection[Repair]) -> bool:
        hosts = {repair.host for repair in others}
        return not self.failed.keys().isdisjoint({name, *hosts}) or any(
            name in group and not group.isdisjoint(hosts) for group in self.apart
        )

    def _turn(self, name: str) -> tuple[str, str, str]:
        """What hosts are sorted by. Of those that failed together, the one that was not tried again comes first."""
        failed = self.failed.get(name)
        return (_time(failed) if failed else "", _differs_since(self.looked_at[name]), name)


def at_work(looks: Mapping[str, Mapping[str, Any]], states: Mapping[str, str]) -> dict[str, str]:
    """Hosts on which somebody is at work, each with what it is in words.

    ``looks`` are the results of `drift_info` by host, ``states`` what gateways are by the inventory. A gateway that is active
    there and holds nothing while others do has been drained, or has come back: nobody but its operator knows which.
    """
    holds = {name: looks[name]["ownership"]["holds"] for name in states if "holds" in (looks[name].get("ownership") or {})}
    out = [name for name, held in holds.items() if not held and any(holds.values()) and states[name] == "active"]
    found = dict.fromkeys(out, "serves nothing: it is drained, or has come back and was not taken in")
    for name, look in looks.items():
        if look.get("maintenance"):
            found[name] = f"is in maintenance until {look['maintenance']['until']}"
        elif look.get("checkpoint"):
            found[name] = "has a checkpoint that waits to be confirmed"
    return found


def read_memory(text: str) -> list[Repair]:
    """The memory of repairs from its JSON text, empty where there is none yet. Raises :class:`ValidationError`."""
    if not text:
        return []
    remedy = "Restore the file, or remove it: then no repair of the past counts for a limit"
    try:
        found = json.loads(text)
        if found["version"] != VERSION:
            raise ValueError(f"it is of version {found['version']}, and this release reads version {VERSION}")
        return [
            Repair(
                read_time(each["at"]),
                str(each["host"]),
                tuple(Object(*map(str, names)) for names in each["objects"]),
                bool(each["succeeded"]),
            )
            for each in found["repairs"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ValidationError([Problem("remediation.json", f"cannot be read ({error})", remedy)]) from error


def written(repairs: Iterable[Repair]) -> str:
    """The memory of repairs as JSON text."""
    listed = [{**repair._asdict(), "at": _time(repair.at)} for repair in repairs]
    return json.dumps({"version": VERSION, "repairs": listed}, indent=2) + "\n"


def begun(earlier: str, steps: Sequence[str], step: int) -> str:
    """The memory of repairs, as JSON text, when a step begins: those before it have succeeded, those after it do not count.

    ``earlier`` and ``steps`` are a decision's, each as JSON text; ``step`` counts from 0. With the number of steps as ``step``,
    all have succeeded. Raises :class:`ValidationError`.
    """
    over = [repair._replace(succeeded=True) for text in steps[:step] for repair in read_memory(text)]
    return written([*read_memory(earlier), *over, *(repair for text in steps[step : step + 1] for repair in read_memory(text))])


def read_time(text: str) -> datetime.datetime:
    """A time of the report, UTC in ISO 8601 with seconds. Raises ValueError."""
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)


def _time(at: datetime.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _object(finding: Mapping[str, Any]) -> Object:
    return Object(finding["plane"], finding["kind"], finding["name"])


def _one_line(problem: str) -> str:
    """All that keeps a host's drift from being known."""
    return " ".join(problem.splitlines())


def _counted(findings: Sequence[Any]) -> str:
    return f"{len(findings)} {'finding' if len(findings) == 1 else 'findings'}"


def _repairable(host: Mapping[str, Any], ownership: bool) -> list[Mapping[str, Any]]:
    """The findings of a host that are repaired by moves between gateways, or those that its own transaction repairs."""
    return [each for each in host["findings"] if each["repairable"] and (each["whose"] == OWNERSHIP) is ownership]


def _differs_since(host: Mapping[str, Any]) -> str:
    return min((finding["since"] for finding in host["findings"]), default="")
