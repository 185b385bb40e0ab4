"""The lines of maintenance: which they are for a configuration, and that runs of it do not see them."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import maintenance
from ansible_collections.evpn.fabric.plugins.module_utils._frr.comparison import compared
from ansible_collections.evpn.fabric.plugins.module_utils._frr.configuration import Running, parse

BGP = "router bgp 65001\n neighbor eth1 interface remote-as external\n"
OSPF = "router ospf\n ospf router-id 192.0.2.1\n"
SHUT, HIGH = ("bgp graceful-shutdown",), ("router ospf", "max-metric router-lsa administrative")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (BGP, (SHUT,)),
        (OSPF, (HIGH,)),
        (BGP + OSPF, (SHUT, HIGH)),
        ("router bgp 65001 vrf red\n no bgp ebgp-requires-policy\n", (SHUT,)),
        ("router ospf6\n ospf6 router-id 192.0.2.1\n", ()),
        ("ip prefix-list A seq 5 permit 192.0.2.0/24\n", ()),
    ],
)
def test_each_routing_process_has_a_line(text: str, lines: tuple[tuple[str, ...], ...]) -> None:
    assert maintenance.lines_for(parse(text)) == lines


def test_a_run_compares_neither_line_in_a_maintenance_unless_its_configuration_has_it() -> None:
    text = "bgp graceful-shutdown\n" + BGP + OSPF + " max-metric router-lsa administrative\n"
    running = Running(frozenset({"zebra", "bgpd", "ospfd"}), text, text, in_maintenance=True)
    plain = parse(BGP + OSPF)
    assert compared(running, plain).keys() == plain.keys()
    written = parse("bgp graceful-shutdown\n" + BGP + OSPF)
    assert compared(running, written).keys() == written.keys()


def test_without_a_maintenance_its_lines_are_as_any_other() -> None:
    text = "bgp graceful-shutdown\n" + BGP + OSPF + " max-metric router-lsa administrative\n"
    seen = compared(Running(frozenset({"zebra", "bgpd", "ospfd"}), text, text), parse(BGP + OSPF))
    assert seen.keys() - parse(BGP + OSPF).keys() == {SHUT, HIGH}


def test_commands_leave_the_contexts_that_they_enter() -> None:
    assert maintenance.commands((HIGH, SHUT), negated=True) == [
        "router ospf",
        "no max-metric router-lsa administrative",
        "exit",
        "no bgp graceful-shutdown",
    ]
