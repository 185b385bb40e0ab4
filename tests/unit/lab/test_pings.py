"""Which pings are worth sending."""

from __future__ import annotations

from lab.pings import Tenant, planned


def host(name: str, network: str, vrf: str | None, *addresses: str) -> Tenant:
    return Tenant(name, network, vrf, addresses, None)


def sent(*hosts: Tenant) -> set[tuple[str, str, str | None]]:
    return {(ping.source.name, ping.target.name, ping.way) for ping in planned(list(hosts))}


def test_bridged_networks_are_apart() -> None:
    red, blue = host("red", "red", None, "10.0.0.1"), host("blue", "blue", None, "10.0.0.2")
    assert sent(red, blue) == {("red", "blue", None), ("blue", "red", None)}


def test_hosts_of_one_network_or_vrf_reach_each_other() -> None:
    web1, web2, app = (host("web1", "web", "a", "10.1.0.1"), host("web2", "web", "a", "10.1.0.2"),
                       host("app", "app", "a", "10.2.0.1"))  # fmt: skip
    assert sent(web1, web2) == {("web1", "web2", "bridged"), ("web2", "web1", "bridged")}
    assert sent(web1, app) == {("web1", "app", "routed"), ("app", "web1", "routed")}


def test_an_address_that_both_vrfs_have_says_nothing() -> None:
    one, other = host("one", "web", "a", "10.1.0.1"), host("other", "shop", "b", "10.1.0.1", "10.1.0.9")
    assert [ping.address for ping in planned([one, other])] == ["10.1.0.9"]


def test_no_ping_is_of_a_family_that_the_source_has_not() -> None:
    both, four = host("both", "web", "a", "10.1.0.1", "2001:db8::1"), host("four", "web", "a", "10.1.0.2")
    assert [(ping.source.name, ping.address) for ping in planned([both, four])] == [("both", "10.1.0.2"), ("four", "10.1.0.1")]
