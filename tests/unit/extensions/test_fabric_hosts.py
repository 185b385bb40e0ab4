"""What an event can say to a rule, whatever was sent."""

from __future__ import annotations

import pathlib
import re
import runpy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

PATH = pathlib.Path(__file__).parents[3] / "extensions/eda/plugins/event_filter/fabric_hosts.py"
reduced = runpy.run_path(str(PATH))["main"]


def alert(host: Any, status: str = "firing", **more: Any) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": "FabricDrift", "host": host, **more},
        "annotations": {"summary": "{{ 1 }}"},
    }


def of_alertmanager(*alerts: Any) -> dict[str, Any]:
    """An event as the source `eda.builtin.webhook` makes it of what Alertmanager posts."""
    return {"payload": {"version": "4", "status": "firing", "alerts": list(alerts)}, "meta": {"headers": {"Host": "{{ 1 }}"}}}


def test_each_alert_that_fires_becomes_an_event_with_two_names() -> None:
    made = reduced(of_alertmanager(alert("leaf1", job="frr"), alert("leaf2", "resolved"), alert("gw-1.example_2")))
    assert made == [
        {"fabric": {"alertname": "FabricDrift", "host": "leaf1"}},
        {"fabric": {"alertname": "FabricDrift", "host": "gw-1.example_2"}},
    ]


def test_the_host_is_in_the_label_that_one_names() -> None:
    made = reduced(of_alertmanager(alert("leaf1", instance="leaf2")), host_label="instance")
    assert made == [{"fabric": {"alertname": "FabricDrift", "host": "leaf2"}}]


def test_an_object_with_both_names_becomes_an_event_too() -> None:
    sent = {"payload": {"alertname": "FabricDrift", "host": "leaf1", "gateway": "gw1"}, "meta": {"hosts": "all"}}
    assert reduced(sent) == [{"fabric": {"alertname": "FabricDrift", "host": "leaf1"}}]


@pytest.mark.parametrize(
    "host",
    ["{{ lookup('pipe', 'id') }}", "@/etc/passwd", "all,localhost", "leaf*", "!leaf1", "-e", "~leaf.*", "leaf1\n", "", "a" * 64,
     "é", None, 7, ["leaf1"], {"leaf1": 1}],
)  # fmt: skip
def test_what_is_no_name_becomes_no_event(host: Any) -> None:
    assert reduced(of_alertmanager(alert(host))) == []
    assert reduced({"payload": {"alertname": "FabricDrift", "host": host}}) == []
    assert reduced({"payload": {"alertname": host, "host": "leaf1"}}) == []


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("leaf1") | st.just("firing"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["alerts", "labels", "status", "host", "alertname", "payload", "meta"]), inner, max_size=5
        )
    ),
    max_leaves=20,
)


@given(anything)
def test_whatever_is_sent_only_names_come_out(sent: Any) -> None:
    for event in reduced({"payload": sent}):
        assert list(event) == ["fabric"] and list(event["fabric"]) == ["alertname", "host"]
        assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) for name in event["fabric"].values())
