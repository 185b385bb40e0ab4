"""A report of drift as people, CI servers and Prometheus read it."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

from ansible_collections.evpn.fabric.plugins.module_utils._module.drift_forms import files, table

AT = "2026-11-27T03:00:12Z"
CHANGED: dict[str, Any] = {
    "plane": "kernel",
    "kind": "vxlan",
    "name": "vxlan10100",
    "whose": "changed",
    "reason": "mtu 1400 -> 1450",
    "action": "change",
    "disruption": "session",
    "since": "2026-11-27T02:00:00Z",
    "repairable": True,
}
FOREIGN = {
    **CHANGED,
    "kind": "route",
    "name": '10.9.0.0/16 "x"\n\x01',
    "whose": "foreign",
    "action": None,
    "disruption": None,
    "repairable": False,
}
NOTHING: dict[str, Any] = {
    "at": AT,
    "reachable": True,
    "problem": None,
    "confirmed": {"at": "2026-11-20T14:02:51Z", "digest": "5c1f"},
    "inventory": "unchanged",
    "inventory_changes": [],
    "findings": [],
}
REPORT: dict[str, Any] = {
    "version": 1,
    "at": AT,
    "notes": ["gw2 is back and stays out"],
    "hosts": {
        "leaf1": {
            **NOTHING,
            "findings": [CHANGED, FOREIGN],
            "inventory": "changed",
            "inventory_changes": ["frr", "kernel.vxlans"],
        },
        "leaf10": NOTHING,
        "leaf2": {**NOTHING, "reachable": False, "problem": "it cannot be reached", "confirmed": None, "inventory": "unknown"},
        "leaf3": {**NOTHING, "problem": "FRR does not answer"},
    },
    "ended": [],
}
FILES = dict(files(REPORT))


def test_the_table_has_a_line_for_each_host_and_each_finding() -> None:
    assert table(REPORT["hosts"], REPORT["notes"])[:2] == [
        "DRIFT   leaf1   2 differ; repairing 1 disturbs at most: session; 1 left to people; confirmed 2026-11-20T14:02:51Z; "
        "the inventory has changed since (frr, kernel.vxlans): evpn.fabric.site brings that about",
        "        2026-11-27T02:00:00Z changed   vxlan vxlan10100: mtu 1400 -> 1450 [session]",
    ]
    lines = table(REPORT["hosts"], REPORT["notes"])
    assert lines[2].endswith("[by hand]")
    assert lines[3:] == [
        "ok      leaf10  confirmed 2026-11-20T14:02:51Z",
        "LOST    leaf2",
        "        it cannot be reached",
        "FAIL    leaf3   confirmed 2026-11-20T14:02:51Z",
        "        FRR does not answer",
        "note    gw2 is back and stays out",
    ]


def test_json_is_the_report() -> None:
    assert json.loads(FILES["drift.json"]) == REPORT


def test_junit_has_a_case_for_each_finding_and_one_that_passes_where_there_is_none() -> None:
    suites = {suite.get("name"): suite for suite in ElementTree.fromstring(FILES["drift.xml"])}
    counts = {name: tuple(suite.get(key) for key in ("tests", "failures", "errors")) for name, suite in suites.items()}
    assert counts == {
        "leaf1": ("2", "2", "0"),
        "leaf10": ("1", "0", "0"),
        "leaf2": ("1", "0", "1"),
        "leaf3": ("1", "0", "1"),
    }
    assert all(len(list(suites[name])) == int(count or 0) for name, (count, _failed, _errors) in counts.items())
    assert suites["leaf1"][0][0].get("message") == "changed since 2026-11-27T02:00:00Z: mtu 1400 -> 1450"


def test_metrics_are_told_for_each_host_in_the_form_of_prometheus() -> None:
    lines = FILES["drift.prom"].splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    form = re.compile(r'evpn_fabric_drift_\w+(\{\w+="(?:[^"\\\n]|\\.)*"(,\w+="(?:[^"\\\n]|\\.)*")*\})? -?\d+\Z')
    assert all(form.match(line) for line in samples), samples
    assert 'evpn_fabric_drift_findings{host="leaf1",plane="kernel",whose="changed",repairable="true"} 1' in samples
    assert 'evpn_fabric_drift_findings{host="leaf1",plane="kernel",whose="foreign",repairable="false"} 1' in samples
    told = {line.rpartition(" ")[0]: line.rpartition(" ")[2] for line in samples}
    for metric, values in {
        "host_findings": ["2", "0", "0", "0"],
        "host_problem": ["0", "0", "1", "1"],
        "host_reachable": ["1", "1", "0", "1"],
        "host_inventory_changed": ["1", "0", None, "0"],
        "host_oldest_timestamp_seconds": ["1795744800", None, None, None],
        "host_looked_timestamp_seconds": ["1795748412"] * 4,
    }.items():
        found = [told.get(f'evpn_fabric_drift_{metric}{{host="{host}"}}') for host in ("leaf1", "leaf10", "leaf2", "leaf3")]
        assert found == values, metric
    assert told["evpn_fabric_drift_run_timestamp_seconds"] == "1795748412"
    named = {line.split(" ")[2] for line in lines if line.startswith("# TYPE")}
    assert named == {re.split("[{ ]", line)[0] for line in samples}


def test_names_are_written_as_prometheus_reads_them() -> None:
    ((_name, _text), _junit, (_file, text)) = files({**REPORT, "hosts": {'a"b\\c': NOTHING}})
    assert 'evpn_fabric_drift_host_findings{host="a\\"b\\\\c"} 0' in text.splitlines()
