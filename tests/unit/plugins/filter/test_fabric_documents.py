"""The filter `fabric_documents`: for which hosts it derives what."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.filter.fabric_documents import fabric_documents

from tests.fabrics import fabric


def test_of_hosts_that_are_named_the_documents_are_those_of_a_run_on_all() -> None:
    groups, hostvars = fabric()
    every = fabric_documents(hostvars, groups, expectations=True)
    some = fabric_documents(hostvars, groups, expectations=True, hosts=["leaf2", "localhost"])
    assert set(every["documents"]) == set(every["expectations"]) == set(groups["fabric"])
    for kind in ("documents", "expectations"):
        assert some[kind] == {"leaf2": every[kind]["leaf2"]}


def test_an_inventory_is_checked_as_a_whole_whatever_hosts_are_named() -> None:
    groups, hostvars = fabric()
    hostvars["leaf1"]["fabric_loopback"] = hostvars["leaf2"]["fabric_loopback"]
    found = fabric_documents(hostvars, groups, hosts=["spine1"])
    assert any("leaf1.fabric_loopback" in problem or "leaf2.fabric_loopback" in problem for problem in found["problems"])
    assert found["documents"] == {}


def test_texts_of_frr_are_written_where_they_are_asked_for() -> None:
    groups, hostvars = fabric()
    assert fabric_documents(hostvars, groups)["frr_texts"] == {}
    texts = fabric_documents(hostvars, groups, frr_texts=True, hosts=["leaf2"])["frr_texts"]
    assert list(texts) == ["leaf2"]
    assert f"router bgp {hostvars['leaf2']['fabric_asn']}\n" in texts["leaf2"]
