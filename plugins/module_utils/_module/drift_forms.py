# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report of drift: a table for people, JSON, JUnit for CI, metrics for Prometheus. Private to this collection.

docs/drift.md has the form of a report, and the names of the metrics.
"""

from __future__ import annotations

import calendar
import json
import re
import time
from typing import Any, Dict, Iterable, Iterator, List, Tuple
from xml.etree import ElementTree

from .._core.operation import DISRUPTIONS

Entries = Dict[str, Dict[str, Any]]
#: Metric -> what it is, for those of a host.
_METRICS = {
    "findings": "Findings of a host by plane, by whose they are, and by whether they are repaired by themselves.",
    "host_findings": "All findings of a host.",
    "host_problem": "Whether it is not known how the host differs, or not as a whole.",
    "host_reachable": "Whether Ansible reached the host.",
    "host_inventory_changed": "Whether the inventory derives another document than the confirmed one.",
    "host_oldest_timestamp_seconds": "When the oldest finding of a host was seen first.",
    "host_looked_timestamp_seconds": "When the host was looked at last.",
}


def files(report: Dict[str, Any]) -> Iterator[Tuple[str, str]]:
    """The names and texts of the files that tell of a report."""
    yield "drift.json", json.dumps(report, indent=1) + "\n"
    yield "drift.xml", junit(report["hosts"])
    yield "drift.prom", metrics(report)


def table(hosts: Entries, notes: Iterable[str]) -> List[str]:
    """A line for each host, one for each finding, and one for each note."""
    width = max(map(len, hosts), default=4)
    lines = []
    for name, entry in hosts.items():
        lines.append(("%s %-*s  %s" % (_word(entry), width, name, "; ".join(_summary(entry)))).rstrip())
        lines += ["        " + line for line in (entry["problem"] or "").split("\n") if line]
        lines += ["        " + _line(each) for each in entry["findings"]]
    return lines + ["note    %s" % note for note in notes]


def _word(entry: Dict[str, Any]) -> str:
    if not entry["reachable"]:
        return "LOST   "
    return "FAIL   " if entry["problem"] else "DRIFT  " if entry["findings"] else "ok     "


def _summary(entry: Dict[str, Any]) -> Iterator[str]:
    found = entry["findings"]
    costs = [each["disruption"] for each in found if each["repairable"]]
    if found:
        by_hand = len(found) - len(costs)
        yield "%d differ" % len(found) if len(found) != 1 else "1 differs"
        if costs:
            yield "repairing %d disturbs at most: %s" % (len(costs), max(costs, key=DISRUPTIONS.index))
        if by_hand:
            yield "%d left to people" % by_hand
    if entry["confirmed"]:
        yield "confirmed %s" % entry["confirmed"]["at"]
    if entry["inventory"] == "changed":
        yield "the inventory has changed since (%s): evpn.fabric.site brings that about" % ", ".join(entry["inventory_changes"])


def _line(finding: Dict[str, Any]) -> str:
    cost = finding["disruption"] if finding["repairable"] else "by hand"
    return "%(since)s %(whose)-9s %(kind)s %(name)s: %(reason)s" % finding + " [%s]" % cost


def junit(hosts: Entries) -> str:
    """A test suite for each host, a test case for each finding, and one that passes where there is none."""
    root = ElementTree.Element("testsuites", name="evpn.fabric drift")
    for name, entry in hosts.items():
        found, problem = entry["findings"], entry["problem"]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=name,
            tests=str(len(found) + bool(problem) or 1),
            failures=str(len(found)),
            errors=str(int(bool(problem))),
        )
        for each in found:
            place, subject = "%s.%s" % (name, each["plane"]), "%s %s" % (each["kind"], each["name"])
            case = ElementTree.SubElement(suite, "testcase", classname=place, name=_for_xml(subject))
            message = "%s since %s: %s" % (each["whose"], each["since"], each["reason"])
            ElementTree.SubElement(case, "failure", message=_for_xml(message))
        if problem or not found:
            case = ElementTree.SubElement(suite, "testcase", classname=name, name="looked at")
            if problem:
                ElementTree.SubElement(case, "error", message=_for_xml(problem))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _for_xml(text: str) -> str:
    """A text with what XML 1.0 cannot carry at all replaced (its section 2.2)."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


def metrics(report: Dict[str, Any]) -> str:
    """Gauges in the text format of Prometheus, for the textfile collector of its node exporter."""
    values: Dict[str, List[str]] = {name: [] for name in _METRICS}
    for name, entry in report["hosts"].items():
        counts: Dict[Tuple[str, str, str], int] = {}
        for each in entry["findings"]:
            key = each["plane"], each["whose"], str(each["repairable"]).lower()
            counts[key] = counts.get(key, 0) + 1
        for key, count in sorted(counts.items()):
            values["findings"].append(_sample(count, host=name, **dict(zip(("plane", "whose", "repairable"), key))))
        values["host_findings"].append(_sample(len(entry["findings"]), host=name))
        values["host_problem"].append(_sample(int(bool(entry["problem"])), host=name))
        values["host_reachable"].append(_sample(int(entry["reachable"]), host=name))
        if entry["inventory"] != "unknown":
            values["host_inventory_changed"].append(_sample(int(entry["inventory"] == "changed"), host=name))
        if entry["findings"]:
            oldest = min(_seconds(each["since"]) for each in entry["findings"])
            values["host_oldest_timestamp_seconds"].append(_sample(oldest, host=name))
        values["host_looked_timestamp_seconds"].append(_sample(_seconds(entry["at"]), host=name))
    lines = _metric("run_timestamp_seconds", "When the report was made.", [_sample(_seconds(report["at"]))])
    for name, samples in values.items():
        lines += _metric(name, _METRICS[name], samples)
    return "\n".join(lines) + "\n"


def _metric(name: str, text: str, samples: List[str]) -> List[str]:
    name = "evpn_fabric_drift_%s" % name
    return ["# HELP %s %s" % (name, text), "# TYPE %s gauge" % name, *(name + sample for sample in samples)]


def _sample(value: int, **labels: str) -> str:
    told = ",".join('%s="%s"' % (name, _escaped(text)) for name, text in labels.items())
    return "%s %d" % ("{%s}" % told if told else "", value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _seconds(at: str) -> int:
    return calendar.timegm(time.strptime(at, "%Y-%m-%dT%H:%M:%SZ"))
