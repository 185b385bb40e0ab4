"""What a document says no more returns to what it was, seen by ip(8)."""

from __future__ import annotations

import errno
import json
import pathlib
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core import namespace
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError, KernelError, ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import addresses as wire
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import memory
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.kernel import Kernel
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import KernelPlane

from tests.engine import bring, document, names, plan
from tests.namespaces import addresses, ip, link

pytestmark = pytest.mark.usefixtures("network")

BRIDGES = [{"name": "br1", "mac": "02:00:5e:00:01:01"}]


@pytest.fixture(autouse=True)
def port(network: None) -> None:
    ip("link add eth1 mtu 1400 type veth peer name far1", "link set far1 up", "link set eth1 alias 'rack 4'")


def bring_down_to(**document: Any) -> list[tuple[str, str, str]]:
    """Brings the host to a document that lists no interfaces but those given, twice; the operations it took."""
    wanted: dict[str, Any] = {"bridges": BRIDGES, "interfaces": [], "sysctls": {}, "addresses": [], "purge": True, **document}
    made = bring(**wanted)
    assert bring(**wanted) == [], "the second time there is nothing to do"
    return names(made)


def eth1() -> tuple[Any, ...]:
    shown = link("eth1")
    assert shown
    return shown["mtu"], shown.get("ifalias", ""), "UP" in shown["flags"], shown.get("master")


def sysctl(path: str, value: str | None = None) -> str:
    file = pathlib.Path("/proc/sys", path)
    if value is not None:
        file.write_text(value)
    return file.read_text().strip()


UPLINK: dict[str, Any] = {"name": "eth1", "mtu": 1450, "up": True, "description": "to spine1"}


@pytest.mark.parametrize("up", [False, True])
def test_an_interface_that_is_listed_no_longer_gets_back_what_it_had(up: bool) -> None:
    ip(f"link set eth1 {'up' if up else 'down'}")
    bring_down_to(interfaces=[UPLINK])
    bring_down_to(interfaces=[{**UPLINK, "mtu": 1350, "description": "to spine2"}])
    assert eth1() == (1350, "to spine2 [evpn.fabric port]", True, None)
    assert bring_down_to() == [("change", "veth", "eth1")]
    assert eth1() == (1400, "rack 4", up, None)


def test_an_interface_gets_back_what_its_entry_says_no_more() -> None:
    bring_down_to(interfaces=[{**UPLINK, "bridge": "br1"}])
    assert eth1() == (1450, "to spine1 [evpn.fabric port]", True, "br1")
    bring_down_to(interfaces=[{"name": "eth1", "up": True}])
    assert eth1() == (1400, "rack 4 [evpn.fabric port]", True, None)


def test_without_purge_what_is_not_said_is_left_alone() -> None:
    bring(bridges=BRIDGES, interfaces=[{**UPLINK, "bridge": "br1"}], sysctls={"net/ipv4/conf/eth1/arp_accept": 1})
    assert bring(bridges=BRIDGES, interfaces=[{"name": "eth1"}], sysctls={}) == []
    assert bring(bridges=BRIDGES, interfaces=[], sysctls={}) == []
    assert eth1() == (1450, "to spine1 [evpn.fabric port]", True, "br1")


@pytest.mark.parametrize(
    "use",
    [
        (["link add own0 type bridge", "link set eth1 master own0"]),
        (["address add 192.0.2.1/24 dev eth1"]),
        (["address add 192.0.2.1/24 dev eth1 valid_lft 600 preferred_lft 600"]),
        (["link add own0 link eth1 type macvlan"]),
        (["link add own0 link eth1 type macvtap"]),
    ],
    ids=["bridge", "address", "address that expires", "device on it", "device of another kind on it"],
)
def test_an_interface_that_others_use_keeps_what_they_need(use: list[str]) -> None:
    bring_down_to(interfaces=[UPLINK])
    ip(*use)
    bring_down_to()
    mtu, alias, up, master = eth1()
    assert (mtu, alias, up) == (1450, "rack 4", True)
    assert master == ("own0" if "master own0" in use[-1] else None)


def test_a_port_that_was_in_a_bridge_of_others_is_in_it_again() -> None:
    ip("link add own0 type bridge", "link set eth1 master own0")
    bring_down_to(interfaces=[{"name": "eth1", "bridge": "br1"}])
    assert eth1()[3] == "br1"
    bring_down_to()
    assert eth1()[3] == "own0"
    bring_down_to(interfaces=[{"name": "eth1", "bridge": "br1"}])
    bring_down_to(interfaces=[{"name": "eth1", "bridge": "br1"}])
    ip("link del own0")
    bring_down_to()
    assert eth1()[3] is None


def test_a_port_that_others_moved_stays_where_they_want_it() -> None:
    bring_down_to(interfaces=[{"name": "eth1", "bridge": "br1"}])
    ip("link add own0 type bridge", "link set eth1 master own0")
    bring_down_to()
    assert eth1()[3] == "own0"


def test_a_device_leaves_the_bridge_that_its_entry_does_not_name_any_more() -> None:
    vxlan = {"name": "vx1", "vni": 1, "learning": False}
    bring_down_to(vxlans=[{**vxlan, "bridge": "br1"}])
    bring_down_to(vxlans=[vxlan])
    assert "master" not in (link("vx1") or {})


def test_sysctls_of_links_return_and_those_of_the_host_stay() -> None:
    sysctl("net/ipv4/conf/eth1/arp_notify", "1")
    host = sysctl("net/ipv4/fib_multipath_hash_policy")
    assert host == "0"
    asked = {
        "net/ipv4/conf/br1/arp_accept": 1,
        "net/ipv4/neigh/br1/mcast_solicit": 20,
        "net/ipv6/conf/br1/accept_dad": 0,
        "net/ipv4/conf/eth1/arp_notify": 0,
        "net/ipv4/fib_multipath_hash_policy": 1,
    }
    before = {path: sysctl(path) for path in asked if "/br1/" not in path}
    bring_down_to()
    before.update({path: sysctl(path) for path in asked if "/br1/" in path})
    bring_down_to(sysctls=asked)
    assert all(sysctl(path) == str(value) for path, value in asked.items())
    bring_down_to(sysctls={"net/ipv4/conf/br1/arp_accept": 1})
    stay = {"net/ipv4/conf/br1/arp_accept": "1", "net/ipv4/fib_multipath_hash_policy": "1"}
    assert {path: sysctl(path) for path in asked} == {**before, **stay}


def test_a_device_takes_the_sysctls_that_were_set_for_it_along() -> None:
    bring_down_to(sysctls={"net/ipv4/conf/br1/arp_accept": 1, "net/ipv4/neigh/br1/ucast_solicit": 100})
    assert bring_down_to(bridges=[]) == [("delete", "bridge", "br1")]


def test_a_document_that_is_for_the_host_alone_leaves_those_of_links() -> None:
    bring_down_to(sysctls={"net/ipv4/conf/br1/arp_accept": 1})
    bring(sysctls={"net/ipv4/fib_multipath_hash_policy": 1}, purge=True)
    assert sysctl("net/ipv4/conf/br1/arp_accept") == "1"


def test_a_run_that_fails_leaves_nothing_to_return() -> None:
    ip("link add own0 link far1 type macvlan mode passthru")
    second = {"name": "mv2", "link": "far1", "mode": "passthru"}
    with pytest.raises(KernelError, match="macvlan mv2"):
        bring(bridges=BRIDGES, interfaces=[{**UPLINK, "bridge": "br1"}], macvlans=[second], purge=True)
    assert eth1() == (1400, "rack 4", False, None)
    ip("link set eth1 mtu 1300 up alias 'rack 5'")
    bring_down_to(interfaces=[{"name": "eth1"}])
    bring_down_to()
    assert eth1() == (1300, "rack 5", True, None)


def test_a_run_that_is_killed_has_written_down_what_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(self: Any, steps: Any, stopped: Any) -> Any:
        perform(self, steps, stopped)
        raise KeyboardInterrupt

    perform = Kernel._perform
    monkeypatch.setattr(Kernel, "_perform", killed)
    with pytest.raises(KeyboardInterrupt):
        bring(bridges=BRIDGES, interfaces=[{**UPLINK, "bridge": "br1"}], purge=True)
    monkeypatch.undo()
    assert eth1() == (1450, "to spine1 [evpn.fabric port]", True, "br1")
    bring_down_to()
    assert eth1() == (1400, "rack 4", False, None)


def test_another_interface_of_the_name_gets_nothing_back() -> None:
    bring_down_to(interfaces=[UPLINK])
    ip("link del eth1", "link add eth1 mtu 1300 type veth peer name far1", "link set eth1 alias '[evpn.fabric port]'")
    bring_down_to()
    assert eth1() == (1300, "", False, None)


def test_another_namespace_of_the_number_remembers_nothing() -> None:
    bring_down_to(interfaces=[UPLINK])
    file = pathlib.Path(namespace.path("213.json"))
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text(json.dumps({**json.loads(file.read_text()), "namespace": 1}))
    bring_down_to()
    assert eth1() == (1450, "to spine1", True, None)


def test_a_file_that_cannot_be_read_is_named() -> None:
    bring_down_to(interfaces=[UPLINK])
    file = pathlib.Path(namespace.path("213.json"))
    file.write_text("{")
    try:
        with pytest.raises(FabricError, match=r"213\.json, which says .* cannot be read: .* Remove it"):
            bring(interfaces=[], purge=True)
    finally:
        file.unlink()  # another test's namespace may get the number of this one
    assert bring(interfaces=[], purge=True)


def test_addresses_are_purged_where_the_kernel_does_not_mark_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MARKS_ADDRESSES", (99, 0))
    monkeypatch.setattr(wire, "PROTO", 99)  # an attribute that the kernel knows nothing of
    both = [{"dev": "br1", "address": "10.0.0.1/24"}, {"dev": "br1", "address": "2001:db8::1/64", "nodad": True}]
    bring_down_to(addresses=both)
    ip("address add 10.9.0.1/24 dev br1")
    bring_down_to(addresses=[{"dev": "br1", "address": "10.0.0.2/24"}])
    assert addresses("br1") == ["10.9.0.1/24", "10.0.0.2/24"]
    # One that others have added is no more ours for having been ours once.
    ip("address add 10.0.0.1/24 dev br1")
    bring_down_to()
    assert addresses("br1") == ["10.9.0.1/24", "10.0.0.1/24"]


def test_what_cannot_be_written_down_is_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: str, target: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(memory.os, "replace", full)
    with pytest.raises(KernelError, match=r"213\.json: No space left on device\nNothing had been changed before"):
        bring(bridges=BRIDGES, interfaces=[UPLINK], purge=True)
    assert eth1() == (1400, "rack 4", False, None)
    assert link("br1") is None


def test_who_uses_an_interface_counts_for_documents_without_addresses_too() -> None:
    bring(interfaces=[UPLINK], purge=True)
    ip("address add 192.0.2.1/24 dev eth1")
    bring(interfaces=[{"name": "eth1", "description": "to spine2"}], purge=True)
    assert eth1() == (1450, "to spine2 [evpn.fabric port]", True, None)
    assert bring(interfaces=[{"name": "eth1", "description": "to spine2"}], purge=True) == []


def test_a_sysctl_returns_in_the_run_that_sets_those_of_all_interfaces() -> None:
    listed = [{"name": "eth1"}]
    before = sysctl("net/ipv4/conf/eth1/forwarding")
    other = "0" if before == "1" else "1"
    bring(interfaces=listed, sysctls={"net/ipv4/conf/eth1/forwarding": other}, purge=True)
    everywhere = {"net/ipv4/conf/all/forwarding": other}
    bring(interfaces=listed, sysctls=everywhere, purge=True)
    assert sysctl("net/ipv4/conf/eth1/forwarding") == before
    assert bring(interfaces=listed, sysctls=everywhere, purge=True) == []


def test_what_is_of_ipv6_does_not_return_to_a_link_that_is_too_small_for_it() -> None:
    bring_down_to(interfaces=[{**UPLINK, "ipv6_link_local": False}], sysctls={"net/ipv6/conf/eth1/accept_ra": 0})
    bring_down_to(interfaces=[{**UPLINK, "mtu": 1000}])
    assert eth1()[0] == 1000


def test_a_run_with_nothing_to_do_reads_no_more_than_its_document_is_about(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted: dict[str, Any] = {"bridges": BRIDGES, "interfaces": [{**UPLINK, "bridge": "br1"}], "purge": True}
    bring(**wanted)
    monkeypatch.delattr(Kernel, "read_rest")
    assert bring(**wanted) == []
    with pytest.raises(AttributeError, match="read_rest"):
        bring(bridges=[], interfaces=[], purge=True)


def test_a_device_of_others_on_a_device_that_goes_is_named() -> None:
    ip("link add own0 link eth1 type macvlan")
    bring_down_to(interfaces=[{"name": "own0", "description": "theirs"}])
    ip("link set eth1 alias '[evpn.fabric]'")
    with pytest.raises(ValidationError, match="macvlan own0: is not ours and would go with the device it stands on"):
        bring(veths=[], interfaces=[], purge=True)


def test_addresses_of_gateways_go_where_the_kernel_does_not_mark_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MARKS_ADDRESSES", (99, 0))
    monkeypatch.setattr(wire, "PROTO", 99)
    bucket = {"dev": "lo", "address": "192.0.2.1/32"}
    bring(Kernel(wire.GATEWAY_PROTOCOL), addresses=[bucket])
    bring(addresses=[], purge=True)
    assert addresses("lo") == ["192.0.2.1/32"], "nobody has said that this host is no gateway"
    bring(addresses=[], purge=True, gateway=False)
    assert addresses("lo") == []
    ip("address add 192.0.2.1/32 dev lo")
    assert bring(addresses=[], purge=True, gateway=False) == [], "it is somebody else's now"


def test_another_mac_address_is_no_obstacle_where_ipv6_is_off() -> None:
    bring_down_to()
    sysctl("net/ipv6/conf/br1/disable_ipv6", "1")
    bring_down_to(bridges=[{**BRIDGES[0], "mac": "02:00:5e:00:01:02"}])
    there = link("br1")
    assert there and there["address"] == "02:00:5e:00:01:02"


def test_a_run_that_was_reverted_has_forgotten_nothing() -> None:
    one: dict[str, Any] = {"bridges": [{"name": "br1"}], "sysctls": {"net/ipv4/conf/br1/arp_accept": 1}, "purge": True}
    bring(**one)
    kernel = Kernel()
    plane, desired = KernelPlane(kernel), document(bridges=[], sysctls={}, purge=True)
    removal = plane.plan(desired, plane.read(desired))
    plane.apply(removal)
    plane.revert(removal)
    kernel.close()
    assert plan(**one) == []
    bring(bridges=[{"name": "br1"}], sysctls={}, purge=True)
    assert sysctl("net/ipv4/conf/br1/arp_accept") == "0"


def test_a_host_that_forwards_keeps_the_routes_of_router_advertisements() -> None:
    """The role host sets accept_ra to 2 for that; the document of the data plane knows nothing of it."""
    host: dict[str, Any] = {"sysctls": {"net/ipv6/conf/eth1/accept_ra": 2}, "purge": True}
    bring(**host)
    assert bring(interfaces=[], sysctls={}, purge=True) == []
    assert sysctl("net/ipv6/conf/eth1/accept_ra") == "2"
    assert bring(**host) == []
