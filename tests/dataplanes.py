"""Hosts and documents that Hypothesis makes: every kind of object, ours and foreign, in a small world of names.

A document refers only to links that will be there, so that most of them can be applied.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.port import Port
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plan.compare import replaced
from hypothesis import strategies as st

from tests.fake_kernel import FakeKernel

Params = dict[str, Any]
Entry = dict[str, Any]

#: Option of the module -> the links that it may list in this world.
WORLD: dict[str, tuple[str, ...]] = {
    "vrfs": ("ra", "rb"),
    "bridges": ("b1", "b2"),
    "vxlans": ("x1", "x2", "xe"),
    "veths": ("va", "vb"),
    "dummies": ("d1",),
    "vlans": ("l1",),
    "macvlans": ("m1",),
    "interfaces": ("eth0", "eth1"),
}
SECTION = {name: section for section, names in WORLD.items() for name in names}
PEER = {"va": "vb", "vb": "va"}
#: Options of ports that are switches, and that depend on nothing else.
PORT_SWITCHES = [row.called for row in Port.attributes.values() if row.type == "bool" and row.sayable and row.name != "mab"]
#: What a link may stand on.
BELOW = {"l1": ("eth0", "va"), "m1": ("eth1", "vb", "l1"), "xe": ("d1",), "x1": ("eth0", "d1")}
ENTRIES = ("bridge_vlans", "vnis", "fdb", "addresses", "routes", "neighbors", "rules")


class Kinds(NamedTuple):
    """What the kernel has that documents are for; an MTU above that of the device below is no example for a real one."""

    sections: tuple[str, ...] = tuple(WORLD)
    vlan_filtering: bool = True
    mtus: tuple[int, ...] = (1400, 1450)
    underlay: bool = True


ALL = Kinds()


@functools.cache
def _places(count: int) -> st.SearchStrategy[int]:
    """The places in a sequence; kept, because Hypothesis takes longer to make a strategy than to draw from it."""
    return st.sampled_from(range(count))


@functools.cache
def _sets_of_places(count: int, most: int) -> st.SearchStrategy[list[int]]:
    return st.lists(_places(count), unique=True, max_size=most)


def _one(draw: st.DrawFn, *values: Any) -> Any:
    return values[draw(_places(len(values)))]


def _some(draw: st.DrawFn, values: Sequence[Any], most: int) -> list[Any]:
    return [values[place] for place in draw(_sets_of_places(len(values), most))] if values else []


def _maybe(draw: st.DrawFn, entry: Entry, option: str, *values: Any) -> None:
    """Gives an option one of some values, or leaves it out, which is as likely."""
    value = _one(draw, None, *values) if len(values) > 1 else _one(draw, None, None, *values)
    if value is not None:
        entry[option] = value


def _link(draw: st.DrawFn, name: str, there: set[str], kinds: Kinds) -> Entry:
    """An entry for a link; it refers to links that are ``there``."""
    section, entry = SECTION[name], Entry(name=name)
    _maybe(draw, entry, "up", True, True, False)
    _maybe(draw, entry, "mtu", *kinds.mtus)
    _maybe(draw, entry, "description", "web", "db")
    if section != "vrfs":
        _maybe(draw, entry, "mac", f"02:00:00:00:00:{len(name) + ord(name[-1]):02x}", f"02:00:00:00:01:{ord(name[-1]):02x}")
        _maybe(draw, entry, "ipv6_link_local", True, False)
        vrfs = [other for other in WORLD["vrfs"] if other in there]
        bridges = [other for other in WORLD["bridges"] if other in there]
        if section in ("bridges", "dummies") or not _one(draw, False, True):
            _maybe(draw, entry, "vrf", "", *vrfs)
        else:
            _maybe(draw, entry, "bridge", "", *bridges, *bridges)
        if entry.get("bridge"):
            for option in _some(draw, PORT_SWITCHES, 2):
                entry[option] = _one(draw, False, True)
    below = [other for other in BELOW.get(name, ()) if other in there]
    own: Any = {
        "vrfs": _vrf, "bridges": _bridge, "vxlans": _vxlan, "veths": _veth, "vlans": _vlan, "macvlans": _macvlan
    }.get(section, lambda *_unused: None)  # fmt: skip
    own(draw, entry, below, kinds)
    return entry


def _vrf(draw: st.DrawFn, entry: Entry, below: list[str], kinds: Kinds) -> None:
    entry["table"] = _one(draw, *((10, 11) if entry["name"] == "ra" else (20, 21)))


def _bridge(draw: st.DrawFn, entry: Entry, below: list[str], kinds: Kinds) -> None:
    _maybe(draw, entry, "stp", True, False)
    if kinds.vlan_filtering:
        _maybe(draw, entry, "vlan_filtering", True, True, False)


def _vxlan(draw: st.DrawFn, entry: Entry, below: list[str], kinds: Kinds) -> None:
    _maybe(draw, entry, "learning", True, False)
    _maybe(draw, entry, "ttl", 0, 64)
    _maybe(draw, entry, "local", "10.0.0.1", "10.0.0.2")
    if entry["name"] == "xe":
        entry.update(external=True, dstport=4790)
        if kinds.vlan_filtering:  # as old a kernel as one without it knows no filter of VNIs either
            _maybe(draw, entry, "vnifilter", True, True, False)
        return
    first = 1 if entry["name"] == "x1" else 3
    entry["vni"] = _one(draw, first, first + 1)
    _maybe(draw, entry, "dstport", 4789, 8472)
    if below and kinds.underlay:
        _maybe(draw, entry, "dev", *below)
    if "dev" in entry:
        _maybe(draw, entry, "group", "239.0.0.1")
    else:
        _maybe(draw, entry, "remote", "10.0.0.9")


def _veth(draw: st.DrawFn, entry: Entry, below: list[str], kinds: Kinds) -> None:
    entry["peer"] = PEER[entry["name"]]


def _vlan(draw: st.DrawFn, entry: Entry, below: list[str], kinds: Kinds) -> None:
    entry.update(link=_one(draw, *below), vlan=_one(draw, 100, 200))


def _macvlan(draw: st.DrawFn, entry: Entry, below: list[str], kinds: Kinds) -> None:
    entry["link"] = _one(draw, *below)
    _maybe(draw, entry, "mode", "bridge", "vepa", "private")


class View(NamedTuple):
    """What matters of a link for what can be on it."""

    section: str
    up: bool
    master: str
    filtering: bool
    vnifilter: bool


def _viewed(entry: Entry, section: str, before: View | None = None) -> View:
    """A link as an entry makes it of what it was before."""
    old = before or View(section, False, "", False, False)
    master = entry.get("bridge", entry.get("vrf"))
    return View(
        section,
        entry.get("up", old.up if before else True),
        old.master if master is None else master,
        entry.get("vlan_filtering", old.filtering),
        entry.get("vnifilter", old.vnifilter),
    )


def _entries(draw: st.DrawFn, views: dict[str, View], kinds: Kinds, option: str) -> list[Entry]:
    """Entries that links which look so can have."""
    raised = sorted(name for name, view in views.items() if view.up)
    ports = sorted(name for name, view in views.items() if view.master in WORLD["bridges"] and view.master in views)
    if option == "bridge_vlans":
        carriers = [name for name in ports if views[views[name].master].filtering]
        carriers += [name for name, view in views.items() if view.filtering]
        pairs = [(dev, vlan) for dev in carriers for vlan in ("1", "100", "200-201")] if kinds.vlan_filtering else []
        return [_bridge_vlan(draw, dev, vlan) for dev, vlan in _some(draw, pairs, 3)]
    if option == "vnis":
        devs = [name for name, view in views.items() if view.vnifilter]
        return [
            {"dev": dev, "vni": vni} for dev, vni in _some(draw, [(dev, vni) for dev in devs for vni in ("500", "600-602")], 2)
        ]
    if option == "fdb":
        vxlans = [name for name in ("x1", "x2") if name in views]
        made = [_remote(draw, dev, mac) for dev, mac in _some(draw, [(dev, mac) for dev in vxlans for mac in _MACS], 3)]
        for dev in _some(draw, ports, 2):
            # A bridge has a station at one port only.
            made.append({"dev": dev, "mac": f"02:00:00:00:0a:{ord(dev[0]) + ord(dev[-1]):02x}"})
            _maybe(draw, made[-1], "sticky", True, False)
        return made
    if option == "addresses":
        return [
            _address(draw, dev, address) for dev, address in _some(draw, [(d, a) for d in sorted(views) for a in _ADDRESSES], 4)
        ]
    if option == "routes":
        return [_route(draw, dst, raised) for dst in _some(draw, _NETWORKS, 3)]
    if option == "neighbors":
        return [_neighbor(draw, dev, ip) for dev, ip in _some(draw, [(dev, ip) for dev in raised for ip in _STATIONS], 3)]
    return [
        {"priority": priority, "table": table} for priority, table in _some(draw, [(100, "10"), (100, "20"), (200, "10")], 2)
    ]


_MACS = ("02:00:00:00:00:0b", "02:00:00:00:00:0c", "00:00:00:00:00:00")
_ADDRESSES = ("10.1.0.1/24", "10.2.0.1/24", "2001:db8:1::1/64", "2001:db8:2::1/64")
_NETWORKS = ("10.10.0.0/16", "10.20.0.0/16", "2001:db8:10::/48", "2001:db8:20::/48")
_STATIONS = ("10.1.0.7", "2001:db8:1::7")


def _bridge_vlan(draw: st.DrawFn, dev: str, vlan: str) -> Entry:
    entry: Entry = {"dev": dev, "vlan": vlan}
    _maybe(draw, entry, "untagged", True, False)
    if vlan == "100":
        _maybe(draw, entry, "pvid", True, False)
    if dev == "xe" and vlan != "1":
        _maybe(draw, entry, "vni", "500" if vlan == "100" else "600-601")
    return entry


def _remote(draw: st.DrawFn, dev: str, mac: str) -> Entry:
    entry: Entry = {"dev": dev, "mac": mac, "dst": _one(draw, "10.0.0.5", "10.0.0.6")}
    _maybe(draw, entry, "vni", 7, 8)
    _maybe(draw, entry, "port", 4444)
    return entry


def _address(draw: st.DrawFn, dev: str, address: str) -> Entry:
    entry: Entry = {"dev": dev, "address": address}
    if ":" in address:
        entry["nodad"] = True  # nothing waits for an address to become one
    _maybe(draw, entry, "noprefixroute", True, False)
    _maybe(draw, entry, "metric", 0, 1000)
    return entry


def _route(draw: st.DrawFn, dst: str, raised: list[str]) -> Entry:
    entry: Entry = {"dst": dst}
    _maybe(draw, entry, "metric", 50)
    _maybe(draw, entry, "table", "77")
    if not raised or _one(draw, True, False, False, False):
        return {**entry, "type": _one(draw, "blackhole", "unreachable")}
    entry["dev"] = _one(draw, *raised)
    if _one(draw, False, True):
        entry.update(via="2001:db8:99::1" if ":" in dst else "10.99.0.1", onlink=True)
    return entry


def _neighbor(draw: st.DrawFn, dev: str, ip: str) -> Entry:
    if _one(draw, True, False, False, False):
        return {"dev": dev, "ip": ip, "proxy": True}
    return {"dev": dev, "ip": ip, "mac": _one(draw, *_MACS[:2])}


def _references(names: list[str], draw: st.DrawFn, there: set[str], kinds: Kinds) -> list[Entry]:
    """Entries for links by name, those left out that have nothing to stand on."""
    for name in ("l1", "m1"):
        if name in names and not there & set(BELOW[name]):
            there = there - {name}
            names = [other for other in names if other != name]
    return [_link(draw, name, there, kinds) for name in names]


@st.composite
def host_params(draw: st.DrawFn, kinds: Kinds = ALL) -> Params:
    """What a host has, as options of the module."""
    names = sorted({"eth0", "eth1", *_some(draw, [n for n in SECTION if SECTION[n] in kinds.sections], 9)})
    names = sorted({*names, *(PEER[name] for name in names if name in PEER)})
    entries = _references(names, draw, set(names), kinds)
    params: Params = {}
    for entry in entries:
        params.setdefault(SECTION[entry["name"]], []).append({"up": True, **entry})
    views = {entry["name"]: _viewed(entry, SECTION[entry["name"]]) for entry in entries}
    for option in ENTRIES:
        params[option] = _entries(draw, views, kinds, option)
    params["sysctls"] = {path: _one(draw, "0", "1") for path in _some(draw, _sysctls(views), 3)}
    return params


def _sysctls(views: dict[str, View]) -> list[str]:
    return ["net/ipv4/ip_forward", *(f"net/ipv4/conf/{name}/forwarding" for name in sorted(views))]


@st.composite
def hosts(draw: st.DrawFn, kinds: Kinds = ALL) -> FakeKernel:
    """A host; some of what it has is ours."""
    kernel = FakeKernel.holding(draw(host_params(kinds)))
    links = kernel.state["link"]
    for name, link in links.items():
        if SECTION[name] == "interfaces":
            links[name] = replace(link, held=_one(draw, False, True))
        else:
            ours = links[PEER[name]].owned if name == "vb" else _one(draw, False, True)
            links[name] = replace(link, owned=ours, held=not ours and _one(draw, True, False, False, False, False))
        if link.kind == "bridge":
            # Where VLANs are filtered, no port is given one by itself: that has cases of its own.
            links[name] = replace(links[name], default_vlan=0 if link.vlan_filtering else _one(draw, 0, 1))
    for group in ("bridge_vlan", "vni", "fdb", "address", "route", "neighbor", "rule"):
        for key, made in kernel.state[group].items():
            dev = links.get(getattr(made, "dev", ""))
            ours = bool(dev and (dev.owned or dev.held)) if group in ("bridge_vlan", "vni", "fdb") else _one(draw, False, True)
            kernel.state[group][key] = replaced(made, owned=ours)
    return kernel


@st.composite
def documents(draw: st.DrawFn, kernel: FakeKernel, kinds: Kinds = ALL) -> Params:
    """A document for a host, as options of the module."""
    links = kernel.state["link"]
    fates = {name: _one(draw, "present", "present", "ignored", "ignored", "absent") for name in SECTION}
    fates = {name: fate for name, fate in fates.items() if SECTION[name] in kinds.sections or name in links}
    for name, fate in fates.items():
        if SECTION[name] == "interfaces":
            fates[name] = "ignored" if fate == "absent" or name not in links else fate
    for name in [name for name in fates if name in PEER]:
        fates[name] = fates["va"] if "absent" in (fates["va"], fates["vb"]) else fates[name]
    purge = _one(draw, False, True)
    listed = {SECTION[name] for name, fate in fates.items() if fate != "ignored"}
    listed |= set(_some(draw, [section for section in kinds.sections if section not in listed], 2))
    gone = {name for name, fate in fates.items() if fate == "absent"}
    gone |= {name for name in links if purge and links[name].owned and SECTION[name] in listed and fates[name] == "ignored"}
    present = [name for name, fate in fates.items() if fate == "present"]
    gone -= {PEER[name] for name in present if name in PEER}
    present = [name for name in present if not (SECTION[name] == "veths" and name in gone)]
    there = (set(links) | set(present) | {PEER[name] for name in present if name in PEER}) - gone
    entries = _references(present, draw, there, kinds)
    params: Params = {section: [] for section in listed}
    for entry in entries:
        params[SECTION[entry["name"]]].append(entry)
    for name, fate in fates.items():
        if fate == "absent" and name in gone:
            params[SECTION[name]].append({"name": name, "state": "absent"})
    views = {name: _present(links[name]) for name in there & set(links)}
    for name in views:
        if purge and links[name].held and "interfaces" in listed and fates[name] == "ignored":
            views[name] = views[name]._replace(master="")
    views.update({entry["name"]: _viewed(entry, SECTION[entry["name"]], views.get(entry["name"])) for entry in entries})
    for option in _some(draw, ENTRIES, 4):
        params[option] = _entries(draw, views, kinds, option)
        params[option] += _some(draw, _leaving(kernel, option, params[option]), 2)
    if _one(draw, False, True):
        params["sysctls"] = {path: _one(draw, "0", "1") for path in _some(draw, _sysctls(views), 2)}
    return {**params, "purge": purge}


def _present(link: Any) -> View:
    """A link of a host as entries see it."""
    section = SECTION[link.name]
    return View(section, link.up, link.master, bool(getattr(link, "vlan_filtering", 0)), bool(getattr(link, "vnifilter", 0)))


#: Option -> the group of its objects, and what identifies an entry among them.
_IDENTITY: dict[str, tuple[str, Callable[[Any], Entry]]] = {
    "bridge_vlans": ("bridge_vlan", lambda made: {"dev": made.dev, "vlan": str(made.vlan)}),
    "vnis": ("vni", lambda made: {"dev": made.dev, "vni": str(made.vni)}),
    "fdb": ("fdb", lambda made: {"dev": made.dev, "mac": made.mac, **({"dst": made.dst} if made.dst else {})}),
    "addresses": ("address", lambda made: {"dev": made.dev, "address": made.address}),
    "routes": ("route", lambda made: {"dst": made.dst, "table": str(made.table), "metric": made.metric}),
    "neighbors": ("neighbor", lambda made: {"dev": made.dev, "ip": made.ip, "proxy": made.proxy}),
    "rules": ("rule", lambda made: {"priority": made.priority, "table": str(made.table)}),
}


def _leaving(kernel: FakeKernel, option: str, kept: list[Entry]) -> list[Entry]:
    """Objects of a host as entries that are to be absent, those left out that a document keeps."""
    group, identity = _IDENTITY[option]
    entries = [identity(made) for made in kernel.state[group].values()]
    return [{**entry, "state": "absent"} for entry in entries if not any(_alike(entry, other) for other in kept)]


def _alike(entry: Entry, other: Entry) -> bool:
    """Whether two entries may mean one object."""
    shared: list[str] = [option for option in ("dev", "mac", "address", "ip", "priority") if option in entry]
    if "vlan" in entry or "vni" in entry or not shared:
        shared = ["dev"] if "dev" in entry else ["dst"]
    return all(entry[option] == other.get(option) for option in shared)


@st.composite
def hosts_and_documents(draw: st.DrawFn, kinds: Kinds = ALL) -> tuple[FakeKernel, Params]:
    """A host, and a document for it."""
    kernel = draw(hosts(kinds))
    return kernel, copy.deepcopy(draw(documents(kernel, kinds)))
