"""Forwarding entries, neighbors and routes on this machine's kernel, seen by bridge(8) and ip(8)."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError, KernelError, ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._host import guard
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import fdb as fdb_on_the_wire
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.kernel import Kernel
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import KernelPlane

from tests.engine import bring, document, names, plan, plan_of
from tests.namespaces import ip, show

pytestmark = pytest.mark.usefixtures("network")

FLOOD = "00:00:00:00:00:00"
LINKS: dict[str, Any] = {
    "bridges": [{"name": "br1"}],
    "vxlans": [
        {"name": "vx1", "vni": 1, "bridge": "br1", "learning": False, "local": "10.0.0.1"},
        {"name": "vx2", "external": True, "dstport": 4790, "local": "2001:db8::1"},
    ],
    "veths": [{"name": "eth3", "peer": "host3"}],
    "addresses": [
        {"dev": "host3", "address": "10.9.0.1/24"},
        {"dev": "host3", "address": "2001:db8:9::1/64", "nodad": True},
    ],
}


def fdb(dev: str) -> list[dict[str, Any]]:
    """Static entries of a device that lead somewhere, or that its bridge holds."""
    # Without a VLAN, a stock kernel repeats an entry in every VLAN of its port.
    return [entry for entry in show("bridge", "fdb", "show", "dev", dev) if entry["state"] == "static" and "vlan" not in entry]


def test_forwarding_entries_of_every_kind() -> None:
    entries: list[dict[str, Any]] = [
        {"dev": "vx1", "mac": "02:00:00:00:00:01", "dst": "10.0.0.2"},
        {"dev": "vx1", "mac": FLOOD, "dst": "10.0.0.2"},
        {"dev": "vx1", "mac": FLOOD, "dst": "10.0.0.3", "vni": 77, "port": 4444},
        {"dev": "vx1", "mac": "02:00:00:00:00:09", "sticky": True},
        {"dev": "vx2", "mac": "02:00:00:00:00:05", "src_vni": 500, "dst": "2001:db8::5", "vni": 501},
    ]
    bring(**LINKS, fdb=entries)
    assert sorted((entry["mac"], entry.get("dst", ""), entry.get("vni"), entry.get("port")) for entry in fdb("vx1")) == [
        (FLOOD, "10.0.0.2", None, None),
        (FLOOD, "10.0.0.3", 77, 4444),
        ("02:00:00:00:00:01", "10.0.0.2", None, None),
        ("02:00:00:00:00:09", "", None, None),
    ]
    (external,) = fdb("vx2")
    assert (external["dst"], external["vni"], external["src_vni"]) == ("2001:db8::5", 501, 500)
    assert bring(**LINKS, fdb=entries) == []
    moved: list[dict[str, Any]] = [{**entries[0], "dst": "10.0.0.7"}, entries[1]]
    assert sorted(action for action, _kind, _name in names(bring(**LINKS, fdb=moved, purge=True))) == [
        "change", "delete", "delete", "delete"]  # fmt: skip
    assert {(entry["mac"], entry["dst"]) for entry in fdb("vx1")} == {("02:00:00:00:00:01", "10.0.0.7"), (FLOOD, "10.0.0.2")}


def test_a_destination_of_broadcast_changes_and_the_others_stay() -> None:
    entries: list[dict[str, Any]] = [{"dev": "vx1", "mac": FLOOD, "dst": dst} for dst in ("10.0.0.2", "10.0.0.3")]
    bring(**LINKS, fdb=entries)
    entries[0] = {**entries[0], "vni": 77, "port": 4444}
    assert names(bring(**LINKS, fdb=entries)) == [("change", "fdb", f"{FLOOD} on vx1 dst 10.0.0.2")]
    assert sorted((entry["dst"], entry.get("vni"), entry.get("port")) for entry in fdb("vx1")) == [
        ("10.0.0.2", 77, 4444), ("10.0.0.3", None, None)]  # fmt: skip


def test_entries_of_others_stay() -> None:
    bring(**LINKS)
    subprocess.run(["bridge", "fdb", "add", "02:00:00:00:00:aa", "dev", "vx1", "dst", "10.0.0.9", "extern_learn"], check=True)
    # As zebra lists the VTEPs that broadcast goes to.
    subprocess.run(["bridge", "fdb", "append", FLOOD, "dev", "vx1", "dst", "10.0.0.9", "permanent"], check=True)
    ip(
        "neigh add 10.9.0.70 dev host3 lladdr 02:00:00:00:00:70 nud permanent",
        "route add 10.70.0.0/16 via 10.9.0.70 proto static",
    )
    assert plan(**LINKS, fdb=[], neighbors=[], routes=[], purge=True) == []


@pytest.mark.parametrize(
    ("made", "options", "name"),
    [
        (("bridge", "fdb", "add", "02:00:00:00:00:aa", "dev", "vx1", "dst", "10.0.0.9", "extern_learn"),
         {"fdb": [{"dev": "vx1", "mac": "02:00:00:00:00:aa", "dst": "10.0.0.2"}]}, "fdb 02:00:00:00:00:aa on vx1"),
        (("ip", "neigh", "add", "10.9.0.7", "dev", "host3", "lladdr", "02:00:00:00:00:07", "extern_learn"),
         {"neighbors": [{"dev": "host3", "ip": "10.9.0.7", "mac": "02:00:00:00:00:17"}]}, "neighbor 10.9.0.7 on host3"),
        (("ip", "route", "add", "10.70.0.0/16", "via", "10.9.0.70", "proto", "zebra"),
         {"routes": [{"dst": "10.70.0.0/16", "via": "10.9.0.9"}]}, "route 10.70.0.0/16"),
    ],
    ids=["fdb", "neighbor", "route"],
)  # fmt: skip
def test_what_zebra_keeps_is_not_taken_over(made: tuple[str, ...], options: dict[str, Any], name: str) -> None:
    bring(**LINKS)
    subprocess.run(made, check=True)
    with pytest.raises(ValidationError, match=f"{name}.*is kept by zebra"):
        plan(**LINKS, **options)
    assert names(bring(**{**LINKS, "vxlans": [{**LINKS["vxlans"][0], "vni": 9}, LINKS["vxlans"][1]]})) == [
        ("recreate", "vxlan", "vx1"), ("change", "port", "vx1")]  # fmt: skip


def test_an_entry_that_a_dump_lacks_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    entries: list[dict[str, Any]] = [
        {"dev": "vx1", "mac": f"02:00:00:00:00:{number:02x}", "dst": "10.0.0.2"} for number in range(1, 9)
    ]
    entries.append({"dev": "vx1", "mac": "02:00:00:00:01:00"})
    bring(**LINKS, fdb=entries)
    whole = fdb_on_the_wire.decode

    def decode(*arguments: Any) -> dict[Any, Any]:
        return dict(list(whole(*arguments).items())[::2])

    monkeypatch.setattr(fdb_on_the_wire, "decode", decode)
    assert plan(**LINKS, fdb=entries) == []
    assert names(plan(**LINKS, fdb=[*entries, {"dev": "vx1", "mac": "02:00:00:00:02:00", "dst": "10.0.0.2"}])) == [
        ("create", "fdb", "02:00:00:00:02:00 on vx1 dst 10.0.0.2")]  # fmt: skip


def test_a_link_that_is_made_anew_has_its_entries_again() -> None:
    entries = [{"dev": "vx1", "mac": "02:00:00:00:00:01", "dst": "10.0.0.2"}, {"dev": "vx1", "mac": "02:00:00:00:00:09"}]
    bring(**LINKS, fdb=entries)
    vxlans: list[dict[str, Any]] = [{**LINKS["vxlans"][0], "vni": 2}, LINKS["vxlans"][1]]
    made = bring(**{**LINKS, "vxlans": vxlans})
    assert [(action, kind) for action, kind, _name in names(made)] == [
        ("recreate", "vxlan"), ("change", "port"), ("recreate", "fdb"), ("recreate", "fdb")]  # fmt: skip
    assert {entry["mac"] for entry in fdb("vx1")} == {"02:00:00:00:00:01", "02:00:00:00:00:09"}


def test_neighbors_come_change_and_go() -> None:
    entries: list[dict[str, Any]] = [
        {"dev": "host3", "ip": "10.9.0.7", "mac": "02:00:00:00:00:07"},
        {"dev": "host3", "ip": "2001:db8:9::7", "mac": "02:00:00:00:00:07"},
        {"dev": "host3", "ip": "10.9.0.8", "proxy": True},
    ]
    bring(**LINKS, neighbors=entries)
    shown = {entry["dst"]: entry for entry in show("ip", "neigh", "show", "dev", "host3", "nud", "permanent")}
    assert {ip: entry["lladdr"] for ip, entry in shown.items()} == dict.fromkeys(
        ("10.9.0.7", "2001:db8:9::7"), "02:00:00:00:00:07"
    )
    assert [entry["dst"] for entry in show("ip", "neigh", "show", "proxy")] == ["10.9.0.8"]
    assert bring(**LINKS, neighbors=entries) == []
    changed = bring(**LINKS, neighbors=[{**entries[0], "mac": "02:00:00:00:00:17"}], purge=True)
    assert sorted(names(changed)) == [
        ("change", "neighbor", "10.9.0.7 on host3"),
        ("delete", "neighbor", "2001:db8:9::7 on host3"),
        ("delete", "neighbor", "proxy 10.9.0.8 on host3"),
    ]


ROUTES: list[dict[str, Any]] = [
    {"dst": "10.20.0.0/16", "via": "10.9.0.9"},
    {"dst": "10.21.0.0/16", "table": "77", "nexthops": [{"via": "10.9.0.9"}, {"via": "10.9.0.10", "weight": 3}]},
    {"dst": "10.22.0.0/16", "type": "blackhole"},
    {"dst": "10.23.0.0/16", "via": "172.16.0.1", "dev": "host3", "onlink": True, "metric": 50, "src": "10.9.0.1"},
    {"dst": "10.24.0.0/16", "dev": "host3"},
    {"dst": "2001:db8:20::/48", "via": "2001:db8:9::9"},
    {"dst": "2001:db8:21::/48", "nexthops": [{"via": "2001:db8:9::8"}, {"via": "2001:db8:9::9"}]},
    {"dst": "2001:db8:22::/48", "type": "unreachable"},
]


def test_routes_of_every_kind() -> None:
    bring(**LINKS, routes=ROUTES)
    shown = {route["dst"]: route for route in show("ip", "-4", "route", "show", "table", "all", "proto", "213")}
    assert shown["10.20.0.0/16"]["gateway"] == "10.9.0.9"
    assert {(hop["gateway"], hop["weight"]) for hop in shown["10.21.0.0/16"]["nexthops"]} == {("10.9.0.9", 1), ("10.9.0.10", 3)}
    assert (shown["10.21.0.0/16"]["table"], shown["10.22.0.0/16"]["type"]) == ("77", "blackhole")
    assert (shown["10.23.0.0/16"]["flags"], shown["10.23.0.0/16"]["metric"]) == (["onlink"], 50)
    assert bring(**LINKS, routes=ROUTES) == []
    made = bring(**LINKS, routes=[{"dst": "10.22.0.0/16", "via": "10.9.0.10"}, ROUTES[5]], purge=True)
    assert [name for action, _kind, name in names(made) if action == "change"] == ["10.22.0.0/16"]
    assert len(made) == 7
    assert [route["gateway"] for route in show("ip", "route", "show", "10.22.0.0/16")] == ["10.9.0.10"]


def metrics(dev: str) -> dict[str, int]:
    """Subnet -> the metric of the kernel's route to it."""
    routes = [*show("ip", "-4", "route", "show", "dev", dev), *show("ip", "-6", "route", "show", "dev", dev)]
    return {route["dst"]: route.get("metric", 0) for route in routes if route["protocol"] == "kernel"}


def test_an_address_with_another_metric_is_made_anew_and_keeps_what_hangs_on_it() -> None:
    addresses = [
        {"dev": "host3", "address": "10.9.0.1/24", "metric": 1001},
        {"dev": "host3", "address": "10.9.0.2/24", "metric": 1001},
        {"dev": "host3", "address": "2001:db8:9::1/64", "nodad": True, "metric": 4294967295},
    ]
    host = {**LINKS, "addresses": addresses, "neighbors": [{"dev": "host3", "ip": "10.9.0.7", "mac": "02:00:00:00:00:07"}]}
    bring(**host, routes=ROUTES)
    assert metrics("host3").items() >= {"10.9.0.0/24": 1001, "2001:db8:9::/64": 4294967295}.items()
    assert bring(**host, routes=ROUTES) == []
    for noprefixroute in (True, False):
        (made,) = bring(addresses=[{"dev": "host3", "address": "2001:db8:9::1/64", "noprefixroute": noprefixroute}])
        assert made["action"] == "change"
    assert metrics("host3")["2001:db8:9::/64"] == 4294967295, "what is not named stays"
    before = show("ip", "-4", "route", "show", "table", "all"), show("ip", "neighbor", "show", "nud", "permanent")
    changed = [{**addresses[0], "metric": 1002}, {**addresses[2], "metric": 0}]
    anew = [operation for operation in bring(addresses=changed) if not operation["reason"].startswith("put back")]
    assert [(operation["action"], operation["disruption"], operation["reason"]) for operation in anew] == [
        ("recreate", "session", "metric 1001 -> 1002; FRR notices it on a new address only"),
        ("recreate", "session", "metric 4294967295 -> 0; FRR notices it on a new address only"),
    ]
    assert metrics("host3").items() >= {"10.9.0.0/24": 1002, "2001:db8:9::/64": 256}.items()
    shown = show("ip", "-4", "address", "show", "dev", "host3")[0]["addr_info"]
    assert [(entry["local"], entry.get("secondary", False)) for entry in shown] == [("10.9.0.1", False), ("10.9.0.2", True)]
    assert bring(**{**host, "addresses": [{"dev": "host3", "address": "10.9.0.1/24"}]}, routes=ROUTES) == []
    bring(addresses=addresses)
    after = show("ip", "-4", "route", "show", "table", "all"), show("ip", "neighbor", "show", "nud", "permanent")
    assert [sorted(map(str, each)) for each in after] == [sorted(map(str, each)) for each in before]


def test_a_change_of_a_metric_that_is_taken_back_leaves_all_as_it_was() -> None:
    bring(**LINKS, routes=ROUTES)
    before = show("ip", "-4", "route", "show", "table", "all")
    changed = [{"dev": "host3", "address": "10.9.0.1/24", "metric": 7}]
    with pytest.raises(KernelError, match="was reverted"):
        bring(addresses=changed, routes=[{"dst": "10.66.0.0/16", "via": "192.0.2.1"}])
    after = show("ip", "-4", "route", "show", "table", "all")
    assert sorted(map(str, after)) == sorted(map(str, before))


def test_a_route_that_the_kernel_refuses_takes_all_back() -> None:
    with pytest.raises(
        KernelError,
        match=r"refuses to add route 10\.66\.0\.0/16: .*unreachable\)\nWhat had been done before \(\d+ steps\) was reverted",
    ):
        bring(**LINKS, routes=[{"dst": "10.65.0.0/16", "via": "10.9.0.9"}, {"dst": "10.66.0.0/16", "via": "192.0.2.1"}])
    assert [link["ifname"] for link in show("ip", "link", "show")] == ["lo"]


def test_all_problems_of_many_entries_are_told_with_their_places() -> None:
    with pytest.raises(ValidationError) as refused:
        plan(
            fdb=[{"dev": "vx1", "mac": "nonsense"}, {"dev": "vx1", "mac": FLOOD},
                 {"dev": "a b", "mac": "02:00:00:00:00:01", "vni": 0}],
            routes=[{"dst": "10.0.0.1/8", "via": "10.0.0.1"}, {"dst": "10.0.0.0/8"}],
            neighbors=[{"dev": "vx1", "ip": "10.0.0.1"}, {"dev": "vx1", "ip": "224.0.0.1", "mac": "02:00:00:00:00:01"}],
            addresses=[{"dev": "br1", "address": "10.0.0.1/8", "metric": 4294967296}],
        )  # fmt: skip
    assert [problem.path for problem in refused.value.problems] == [
        "fdb[2].dev", "fdb[0].mac", "fdb[2].vni", "fdb[1].dst", "addresses[0].metric", "routes[0].dst", "routes[1].via",
        "neighbors[1].ip", "neighbors[0].mac"]  # fmt: skip


def test_ten_thousand_entries_at_once() -> None:
    entries = [{"dev": "vx1", "mac": f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}", "dst": f"10.0.1.{number % 200}"}
               for number in range(10000)]  # fmt: skip
    assert len(bring(**LINKS, fdb=entries)) > 10000
    assert len(fdb("vx1")) == 10000
    assert bring(**LINKS, fdb=entries) == []


def test_a_second_run_waits_and_then_says_who_is_at_work() -> None:
    child = os.fork()
    if child == 0:
        with guard.lock(0):
            time.sleep(3)
        os._exit(0)
    time.sleep(0.5)
    with pytest.raises(FabricError, match=f"process {child}"), guard.lock(0.3):
        pytest.fail("two runs at once")
    with guard.lock(10):
        pass
    os.waitpid(child, 0)


def test_a_signal_ends_a_run_in_undo() -> None:
    kernel, wanted = Kernel(), document(**LINKS)
    made = plan_of(kernel, wanted)
    with guard.deferred_signals() as received:
        asked = 0

        def stopped() -> str | None:
            nonlocal asked
            asked += 1
            if asked == 5:
                os.kill(os.getpid(), signal.SIGTERM)
            return received()

        with pytest.raises(FabricError, match="SIGTERM came, so this run was stopped\nWhat had been done before"):
            KernelPlane(kernel).apply(made, stopped)
    assert [link["ifname"] for link in show("ip", "link", "show")] == ["lo"]
