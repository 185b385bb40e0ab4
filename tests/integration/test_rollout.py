"""`evpn.fabric.site` over a fabric of hosts with real FRR: in batches where hosts change, at once where they do not."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.whole_fabrics import WholeFabric

#: A gate that fails does so within seconds.
QUICKLY = ("verify_attempts=4", "verify_delay=1")
BROUGHT = "TASK [Bring the host to its document]"


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("making namespaces needs root")


@pytest.fixture(scope="module")
def hosts() -> Iterator[WholeFabric]:
    with contextlib.ExitStack() as stack:
        made = WholeFabric("debian12", "ebgp")
        made.start(stack)
        yield made


def batches(text: str) -> list[set[str]]:
    """The hosts that were brought to their documents together, in the order in which that was done."""
    return [
        set(re.findall(r"^(?:ok|changed|fatal): \[(\w+)\]", part.split("TASK [")[0], re.M)) for part in text.split(BROUGHT)[1:]
    ]


def site(hosts: WholeFabric, *extra: str, **changed: Any) -> tuple[bool, str]:
    return hosts.play("evpn.fabric.site", *QUICKLY, *extra, **changed)


NETWORKS = [{"name": "net0", "vni": 10000, "vlan": 2}, {"name": "new", "vni": 10900, "vlan": 90}]
EVERY = {"spine1", "spine2", "leaf1", "leaf2"}


def test_hosts_that_keep_no_document_are_brought_at_once_and_so_are_hosts_with_nothing_to_do(hosts: WholeFabric) -> None:
    succeeded, text = site(hosts)
    assert succeeded and batches(text) == [EVERY], text
    succeeded, text = site(hosts)
    assert succeeded and batches(text) == [EVERY] and "changed=0" in text and not re.search(r"changed=[1-9]", text), text


def test_hosts_that_change_do_so_one_after_the_other_after_those_that_do_not(hosts: WholeFabric) -> None:
    succeeded, text = site(hosts, fabric_networks=NETWORKS)
    assert succeeded and batches(text) == [{"spine1", "spine2"}, {"leaf1"}, {"leaf2"}], text
    succeeded, text = site(hosts, '{"fabric_rollout": ["leaf2", "vteps"]}')
    assert not succeeded and "fabric_rollout[1]: leaf2 is in fabric_rollout[0] too. Write each host into one batch." in text, (
        text
    )
    succeeded, text = site(hosts, "fabric_rollout=vteps")
    assert succeeded and batches(text) == [{"spine1", "spine2"}, {"leaf1", "leaf2"}], text


def test_a_change_that_makes_a_host_worse_stops_there_and_leaves_the_others_untouched(hosts: WholeFabric) -> None:
    # Its neighbors do not have the password yet.
    secret = {"fabric_underlay": {"protocol": "ebgp", "unnumbered": False, "password": "another"}}
    succeeded, text = site(hosts, **secret)
    assert not succeeded and batches(text) == [{"spine1"}], text
    assert "spine1: bgp session: leaf1 via" in text and "not touched: spine2, leaf1, leaf2" in text, text
    assert "spine1: reverted to what it was before this run" in text, text
    assert "another" not in text and "password" not in hosts.hosts["spine1"].running_config()
    assert "password" not in hosts.hosts["spine2"].running_config()
    succeeded, text = site(hosts, "fabric_rollout=fabric", **secret)
    assert succeeded and batches(text) in ([EVERY], [{"spine1"}, EVERY - {"spine1"}]), text
