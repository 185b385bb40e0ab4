"""Hosts built by hand, as a document: feeding it back only marks what is there. Seen and built by ip(8) and bridge(8)."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine import bring, plan, present
from tests.hand_built import assert_only_marks, assert_shown, settled
from tests.namespaces import ip, link, show

pytestmark = pytest.mark.usefixtures("network")

FLOOD = "00:00:00:00:00:00"
#: A VTEP with what this machine's kernel has, and a host behind it.
LINKS = (
    "link add br1 address 02:00:5e:00:01:01 type bridge",
    "link add br2 type bridge stp_state 1",
    "link add vx1 mtu 1450 type vxlan id 1 local 10.0.0.1 dstport 4789 nolearning",
    "link add vx2 type vxlan id 1 remote 2001:db8::2 dstport 4789 ttl 9",
    "link add vx3 type vxlan external dstport 4790 local 2001:db8::1",
    "link add vx4 type vxlan id 4 group 239.1.1.1 dev eth0 dstport 8472",
    "link add eth3 type veth peer name host3",
    "link add mv1 link eth0 type macvlan mode private",
    "link set br1 mtu 1450",
    "link set vx1 master br1 addrgenmode none",
    "link set vx2 master br2",
    "link set eth3 master br1",
    "link set eth3 alias 'to web 1'",
    "link set mv1 down",
    *(f"link set {name} up" for name in ("br1", "br2", "vx1", "vx2", "vx3", "eth3", "host3")),
)
LISTED = {"bridges": ["br1", "br2"], "vxlans": ["vx1", "vx2", "vx3", "vx4"], "veths": ["host3", "eth3"], "macvlans": ["mv1"]}


def bridge(*lines: str) -> None:
    """Runs lines of ``bridge`` commands."""
    subprocess.run(["bridge", "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True)


@pytest.fixture
def host(network: None) -> Iterator[None]:
    """A namespace built by hand. Its eth0 is a veth whose other end is in another namespace, as a container's is."""
    with subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; read line"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as other:  # fmt: skip
        assert other.stdin and other.stdout
        other.stdout.readline()
        ip("link add eth0 address 02:00:00:00:00:f0 type veth peer name outside", f"link set outside netns {other.pid}",
           "link set eth0 up")  # fmt: skip
        ip(*LINKS)
        bridge(
            "link set dev vx1 neigh_suppress on learning off",
            "link set dev eth3 isolated on hairpin on guard on",
        )
        yield
        other.stdin.close()


def _await_forwarding(port: str) -> None:
    """Waits for a port whose carrier the kernel notices up to a second after its end is up."""
    deadline = time.monotonic() + 20
    while (show("bridge", "link", "show", "dev", port) or [{}])[0].get("state") != "forwarding":
        assert time.monotonic() < deadline, f"{port} does not forward"
        time.sleep(0.05)


def entry(document: dict[str, Any], section: str, name: str) -> dict[str, Any]:
    (found,) = [made for made in document[section] if made["name"] == name]
    return found


@pytest.mark.usefixtures("host")
def test_links_built_by_hand_are_adopted_as_they_are() -> None:
    before = settled()
    document, owned = present()
    assert {section: [made["name"] for made in document[section]] for section in LISTED} == LISTED
    assert [made["name"] for made in document["interfaces"]] == ["lo", "eth0"]
    assert not any(owned.values())
    assert_only_marks(document)
    aliases = {made["ifname"]: made["ifalias"] for made in show("ip", "link", "show")}
    assert all(alias.endswith("[evpn.fabric]") for name, alias in aliases.items() if name not in ("lo", "eth0"))
    assert (aliases["eth0"], aliases["eth3"]) == ("[evpn.fabric port]", "to web 1 [evpn.fabric]")
    assert_shown(before)
    marked = {section: names for section, names in present()[1].items() if names}
    assert marked == {**LISTED, "interfaces": ["lo", "eth0"]}


@pytest.mark.usefixtures("host")
def test_links_are_spelled_as_the_options_of_modules_and_only_what_a_new_one_does_not_have() -> None:
    document, _owned = present()
    assert entry(document, "bridges", "br1") == {"name": "br1", "mac": "02:00:5e:00:01:01", "mtu": 1450}
    assert entry(document, "bridges", "br2")["stp"] is True
    vx1 = entry(document, "vxlans", "vx1")
    assert vx1.pop("mac") == (link("vx1") or {})["address"]
    assert vx1 == {
        "name": "vx1", "mtu": 1450, "ipv6_link_local": False, "bridge": "br1", "vni": 1, "local": "10.0.0.1", "learning": False,
        "neigh_suppress": True}  # fmt: skip
    vx2, vx3, vx4 = (entry(document, "vxlans", name) for name in ("vx2", "vx3", "vx4"))
    assert (vx2["remote"], vx2["ttl"], "local" in vx2, "learning" in vx2) == ("2001:db8::2", 9, False, False)
    # ip(8) makes such a device so, and the kernel would not by itself.
    assert (vx3["external"], vx3["learning"], vx3["local"], "vni" in vx3) == (True, False, "2001:db8::1", False)
    assert (vx4["group"], vx4["dev"], vx4["dstport"], vx4["up"]) == ("239.1.1.1", "eth0", 8472, False)
    eth3 = entry(document, "veths", "eth3")
    assert (eth3["peer"], eth3["bridge"], eth3["description"]) == ("host3", "br1", "to web 1")
    assert [name for name in eth3 if eth3[name] is True] == ["isolated", "hairpin", "guard"]
    mv1 = entry(document, "macvlans", "mv1")
    assert (mv1["link"], mv1["mode"], mv1["up"]) == ("eth0", "private", False)
    assert entry(document, "interfaces", "eth0") == {"name": "eth0", "mtu": 1500, "up": True}
    assert entry(document, "interfaces", "lo") == {"name": "lo", "up": True}


@pytest.mark.usefixtures("host")
def test_a_document_makes_the_same_host_anew() -> None:
    document, _owned = present()
    ip(*(f"link del {name}" for name in ("br1", "br2", "vx1", "vx2", "vx3", "vx4", "eth3", "mv1")))
    bring(**document)
    again = present()[0]
    for made in (document, again):
        for section in LISTED:
            made[section].sort(key=lambda entry: entry["name"])
    assert again == document


def test_a_pair_of_ours_whose_other_end_has_moved_away_is_still_ours() -> None:
    ip("link add va type veth peer name vb", "link set va alias 'a [evpn.fabric]'", "link set vb alias '[evpn.fabric]'")
    with subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; read line"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as other:  # fmt: skip
        assert other.stdin and other.stdout
        other.stdout.readline()
        ip(f"link set vb netns {other.pid}")
        document, owned = present("veths", "interfaces")
        assert (document["veths"], owned["interfaces"]) == ([], ["va"])
        assert entry(document, "interfaces", "va")["description"] == "a"
        assert [operation["name"] for operation in bring(**document)] == ["lo"]
        assert (link("va") or {})["ifalias"] == "a [evpn.fabric]"
        other.stdin.close()


ADDRESSES = (
    "address add 10.0.0.1/32 dev lo",
    "address add 10.1.0.1/24 dev host3",
    "address add 10.2.0.1/24 dev host3 noprefixroute",
    "address add 10.5.0.1/24 dev host3 metric 1001",
    "address add 2001:db8:1::1/64 dev host3 nodad",
    "address add fe80::1/64 dev host3 nodad",
)


@pytest.mark.usefixtures("host")
def test_addresses_are_those_that_somebody_gave() -> None:
    ip(*ADDRESSES, "address add 10.3.0.1/24 dev host3 valid_lft 1000 preferred_lft 1000")
    everything = [made["local"] for shown in show("ip", "address", "show") for made in shown.get("addr_info", ())]
    assert {"127.0.0.1", "::1", "10.3.0.1"} < set(everything), "nothing here that must be left out"
    assert len([address for address in everything if address.startswith("fe80::")]) > 1
    document, owned = present("addresses")
    assert sorted(document["addresses"], key=lambda made: made["address"]) == [
        {"dev": "lo", "address": "10.0.0.1/32"},
        {"dev": "host3", "address": "10.1.0.1/24"},
        {"dev": "host3", "address": "10.2.0.1/24", "noprefixroute": True},
        {"dev": "host3", "address": "10.5.0.1/24", "metric": 1001},
        {"dev": "host3", "address": "2001:db8:1::1/64", "nodad": True},
        {"dev": "host3", "address": "fe80::1/64", "nodad": True},
    ]
    assert owned == {"addresses": []}
    assert plan(purge=True, **document) == []
    bring(addresses=[*document["addresses"], {"dev": "host3", "address": "10.4.0.1/24"}])
    assert present("addresses")[1] == {"addresses": ["10.4.0.1/24 on host3"]}


@pytest.mark.usefixtures("host")
def test_routes_are_those_that_somebody_gave() -> None:
    ip(
        *ADDRESSES,
        "route add 10.20.0.0/16 via 10.1.0.9",
        "route add 10.21.0.0/16 table 77 proto static nexthop via 10.1.0.9 nexthop via 10.1.0.10 weight 3",
        "route add blackhole 10.22.0.0/16 metric 5",
        "route add 10.23.0.0/16 via 172.16.0.1 dev host3 onlink src 10.1.0.1",
        "route add default via 2001:db8:1::9",
        *(f"route add 10.30.{number}.0/24 via 10.1.0.9 proto {number}" for number in (11, 16, 186, 188)),
        "route add 10.50.0.0/16 dev host3 table local",
    )
    document, owned = present("routes")
    assert sorted(document["routes"], key=lambda route: route["dst"]) == [
        {"dst": "10.20.0.0/16", "via": "10.1.0.9", "dev": "host3", "table": "main"},
        {"dst": "10.21.0.0/16", "table": "77", "nexthops": [
            {"via": "10.1.0.10", "dev": "host3", "weight": 3}, {"via": "10.1.0.9", "dev": "host3"}]},
        {"dst": "10.22.0.0/16", "type": "blackhole", "metric": 5, "table": "main"},
        {"dst": "10.23.0.0/16", "via": "172.16.0.1", "dev": "host3", "onlink": True, "src": "10.1.0.1", "table": "main"},
        {"dst": "::/0", "via": "2001:db8:1::9", "dev": "host3", "metric": 1024, "table": "main"},
    ]  # fmt: skip
    assert owned == {"routes": []}
    assert plan(purge=True, **document) == []


@pytest.mark.usefixtures("host")
def test_neighbors_are_those_that_somebody_gave() -> None:
    ip(
        *ADDRESSES,
        "neigh add 10.1.0.7 dev host3 lladdr 02:00:00:00:00:07 nud permanent",
        "neigh add 2001:db8:1::7 dev host3 lladdr 02:00:00:00:00:07 nud permanent",
        "neigh add proxy 10.1.0.8 dev host3",
        "neigh add 10.1.0.70 dev host3 lladdr 02:00:00:00:00:70 nud reachable",
        "neigh add 10.1.0.71 dev host3 lladdr 02:00:00:00:00:71 nud noarp extern_learn",
        # What zebra makes for the gateways of unnumbered sessions.
        "neigh add 169.254.0.1 dev host3 lladdr 02:00:00:00:00:72 nud permanent protocol zebra",
    )
    document, owned = present("neighbors")
    assert sorted(document["neighbors"], key=lambda made: made["ip"]) == [
        {"dev": "host3", "ip": "10.1.0.7", "mac": "02:00:00:00:00:07"},
        {"dev": "host3", "ip": "10.1.0.8", "proxy": True},
        {"dev": "host3", "ip": "2001:db8:1::7", "mac": "02:00:00:00:00:07"},
    ]
    assert owned == {"neighbors": []}
    assert plan(purge=True, **document) == []


@pytest.mark.usefixtures("host")
def test_forwarding_entries_are_those_that_somebody_gave() -> None:
    _await_forwarding("eth3")  # the kernel refuses a learned entry of a port that does not learn yet (fdb_add_entry(): EPERM)
    bridge(
        "fdb add 02:00:00:00:00:01 dev vx1 dst 10.0.0.2 static",
        f"fdb append {FLOOD} dev vx1 dst 10.0.0.2",
        f"fdb append {FLOOD} dev vx1 dst 10.0.0.3 vni 77 port 4444",
        f"fdb append {FLOOD} dev vx4 dst 239.1.1.2 via eth0",
        "fdb add 02:00:00:00:00:05 dev vx3 src_vni 500 dst 2001:db8::5 vni 501",
        "fdb add 02:00:00:00:00:09 dev eth3 master static sticky",
        "fdb add 02:00:00:00:00:0a dev eth3 master dynamic",
        "fdb add 02:00:00:00:00:0b dev eth3 master permanent",
        "fdb add 02:00:00:00:00:0c dev eth3 master static extern_learn",
        "fdb add 01:00:5e:00:00:77 dev eth3 self",
        # What zebra makes of a VNI: a station, which it marks, and where broadcast goes, which it does not.
        "fdb add 02:00:00:00:00:0d dev vx2 dst 2001:db8::4 static extern_learn",
        f"fdb append {FLOOD} dev vx2 dst 2001:db8::4",
    )
    document, owned = present("fdb")
    assert sorted(document["fdb"], key=lambda made: (made["dev"], made["mac"], made.get("dst", ""))) == [
        {"dev": "eth3", "mac": "02:00:00:00:00:09", "sticky": True},
        {"dev": "eth3", "mac": "02:00:00:00:00:0b", "dst": "local"},
        {"dev": "vx1", "mac": FLOOD, "dst": "10.0.0.2"},
        {"dev": "vx1", "mac": FLOOD, "dst": "10.0.0.3", "vni": 77, "port": 4444},
        {"dev": "vx1", "mac": "02:00:00:00:00:01", "dst": "10.0.0.2"},
        {"dev": "vx3", "mac": "02:00:00:00:00:05", "src_vni": 500, "dst": "2001:db8::5", "vni": 501},
        {"dev": "vx4", "mac": FLOOD, "dst": "239.1.1.2", "via": "eth0"},
    ]
    assert owned == {}
    assert plan(**document) == []


def test_rules_are_all_there_but_for_those_of_daemons() -> None:
    ip(
        "rule add priority 100 from 10.0.0.0/8 iif lo fwmark 0x10/0xff table 77",
        "rule add priority 101 to 192.0.2.0/24 prohibit",
        "rule add priority 102 l3mdev",
        "rule add priority 103 table 78 protocol zebra",
        "rule add priority 104 table 79 fwmark 0/0x10000",
    )
    subprocess.run(["ip", "-6", "rule", "add", "priority", "107", "from", "2001:db8::/32", "table", "main"], check=True)
    document, owned = present("rules")
    ours = [rule for rule in document["rules"] if 100 <= rule["priority"] < 200]
    assert ours == [
        {"priority": 100, "family": "ipv4", "action": "lookup", "table": "77", "iif": "lo", "from": "10.0.0.0/8",
         "fwmark": "0x10/0xff"},
        {"priority": 101, "family": "ipv4", "action": "prohibit", "to": "192.0.2.0/24"},
        {"priority": 102, "family": "ipv4", "action": "lookup", "l3mdev": True},
        {"priority": 107, "family": "ipv6", "action": "lookup", "table": "main", "from": "2001:db8::/32"},
    ]  # fmt: skip
    assert {(rule["priority"], rule["table"]) for rule in document["rules"] if rule not in ours} == {
        (0, "local"), (32766, "main"), (32767, "default")}  # fmt: skip
    assert owned == {"rules": []}
    assert plan(purge=True, **document) == []
    bring(rules=[{"priority": 2000, "table": "77"}])
    assert present("rules")[1] == {"rules": ["2000: from all lookup 77 (ipv4)"]}


@pytest.mark.usefixtures("host")
def test_a_whole_host_is_adopted_at_once() -> None:
    ip(*ADDRESSES, "route add 10.20.0.0/16 via 10.1.0.9", "neigh add 10.1.0.7 dev host3 lladdr 02:00:00:00:00:07 nud permanent",
       "rule add priority 100 table 77")  # fmt: skip
    bridge("fdb add 02:00:00:00:00:01 dev vx1 dst 10.0.0.2", "fdb add 02:00:00:00:00:09 dev eth3 master static")
    document, _owned = present()
    assert [section for section in ("addresses", "routes", "neighbors", "fdb", "rules") if not document[section]] == []
    assert_only_marks(document)
    assert bring(purge=True, **document) == []
    assert present()[0] == document


@pytest.mark.usefixtures("host")
def test_only_sections_that_are_asked_for_are_reported() -> None:
    document, owned = present("bridges", "fdb")
    assert (set(document), set(owned)) == ({"bridges", "fdb"}, {"bridges"})
    assert [made["name"] for made in document["bridges"]] == ["br1", "br2"]


@pytest.mark.usefixtures("host")
def test_reporting_changes_nothing() -> None:
    def whole() -> list[list[dict[str, Any]]]:
        looks = (("link",), ("address",), ("route", "show", "table", "all"), ("rule",))
        return [[lasting(made) for made in show("ip", *words)] for words in looks]

    def lasting(made: dict[str, Any]) -> dict[str, Any]:
        """An object without what the kernel changes by itself: timers, and what follows the carrier a second later."""
        by_itself = {"linkinfo", "operstate"}
        kept = {key: value for key, value in made.items() if key not in by_itself}
        return {**kept, "flags": sorted(set(made.get("flags", ())) - {"LOWER_UP", "NO-CARRIER", "linkdown"})}

    def settled() -> list[list[dict[str, Any]]]:
        """All of it, once the kernel gives its own addresses no more: they come with carriers, on a slow machine late."""
        seen, since = whole(), time.monotonic()
        while time.monotonic() - since < 2:
            time.sleep(0.2)
            now = whole()
            if now != seen:
                seen, since = now, time.monotonic()
        return seen

    before = settled()
    present()
    assert whole() == before
