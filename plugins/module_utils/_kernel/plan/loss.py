# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What else goes when a link goes, goes down or moves: the kernel's own consequences. Private to this collection."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_interface
from typing import NamedTuple

from ..model.kinds import KINDS
from ..model.membership import BridgeVlan

#: Groups of objects that belong to a link and go with it.
ATTACHED = tuple(kind.group for kind in KINDS.values() if kind.is_of_link)


class Shock(NamedTuple):
    """What a link's change does to what belongs to it.

    It was ``down`` for a moment, it ``left`` its bridge, it has another MAC address (``other_mac``), it has lost IPv6
    (``no_ipv6``).
    """

    down: bool
    left: bool
    other_mac: bool
    no_ipv6: bool = False


def dying_with(names, links):
    """The links that go when ``names`` go, these included: devices stacked on them and the other ends of veth pairs."""
    gone, waiting = set(), list(names)
    above: dict[str, list[str]] = {}
    if waiting:
        for link in links.values():
            for below in (link.lower, link.peer if link.kind == "veth" else None):
                if below:
                    above.setdefault(below, []).append(link.name)
    while waiting:
        name = waiting.pop()
        if name in links and name not in gone:
            gone.add(name)
            waiting += above.get(name, ())
    return gone


def without(state, gone):
    """The state that remains when the links ``gone`` are gone; sysctls of theirs return to the default.

    Links that had one of them as bridge or VRF belong to none.
    """
    if not gone:
        return dict(state)
    remaining = {group: dict(objects) for group, objects in state.items()}
    for name in gone:
        remaining["link"].pop(name, None)
    for name, link in remaining["link"].items():
        if link.master in gone:
            remaining["link"][name] = replace(link, master="")
    remaining["port"] = {
        dev: port
        for dev, port in state["port"].items()
        if dev in remaining["link"] and remaining["link"][dev].master == state["link"][dev].master
    }
    for group in ATTACHED:
        remaining[group] = {key: made for key, made in state[group].items() if made.dev not in gone}
    for path, sysctl in state["sysctl"].items():
        if sysctl.dev in gone:
            remaining["sysctl"][path] = replace(sysctl, value=sysctl.default)
    return remaining


def shock(before, released, after, links):
    """The :class:`Shock` of a link that changes so; ``released`` is the link in between, when its bridge or VRF has gone.

    ``links`` has every link by name that is one of its masters.

    A link that moves into or out of a VRF while it is up is closed and opened by the VRF driver.
    """
    masters = {before.master, released.master, after.master}
    changed = masters if len(masters) > 1 else ()
    moved = any(name and links[name].kind == "vrf" for name in changed)
    bridged = before.master and links[before.master].kind == "bridge" and len(masters) > 1
    down = bool(before.up and (moved or after.up is False))
    return Shock(down, bool(bridged), before.mac != after.mac, after.is_too_small_for_ipv6 and not before.is_too_small_for_ipv6)


def after_shocks(remaining, shocks):
    """The state that remains after shocks to links, by name.

    A link that goes down loses its global IPv6 addresses (addrconf_ifdown in net/ipv6/addrconf.c), its routes and its
    neighbors (neigh_ifdown in net/core/neighbour.c); one that leaves a bridge its entries there; one with another MAC address
    its neighbors, but not those that it answers for (neigh_changeaddr); one without IPv6 all that is of it.
    """
    down = {name for name, felt in shocks.items() if felt.down}
    outside = {name for name, felt in shocks.items() if felt.left}
    other_mac = {name for name, felt in shocks.items() if felt.other_mac}
    no_ipv6 = {name for name, felt in shocks.items() if felt.no_ipv6}
    if not down and not outside and not other_mac and not no_ipv6:
        return remaining
    lost = {
        "address": lambda made: made.dev in down | no_ipv6 and is_of_ipv6(made),
        "route": lambda made: made.dev in down or (made.dev in no_ipv6 and is_of_ipv6(made)),
        "neighbor": lambda made: (
            made.dev in down or (made.dev in other_mac and not made.proxy) or (made.dev in no_ipv6 and is_of_ipv6(made))
        ),
        "bridge_vlan": lambda made: made.dev in outside,
        "fdb": lambda made: made.dev in outside and not made.dst,
    }
    kept = {
        group: {key: made for key, made in remaining[group].items() if not is_lost(made)} for group, is_lost in lost.items()
    }
    return {**remaining, **kept}


def is_of_ipv6(made):
    """Whether an address, route, neighbor or sysctl is one of IPv6."""
    if made.kind == "route":
        return made.family == "ipv6"
    if made.kind == "sysctl":
        return made.path.startswith("net/ipv6/")
    return ":" in (made.ip if made.kind == "neighbor" else made.address)


def without_addresses(remaining, leaving):
    """The state that remains when the addresses with the keys ``leaving`` go, these themselves not yet taken away.

    With the first IPv4 address of a subnet go the others of it, unless the link's promote_secondaries is on (__inet_del_ifa in
    net/ipv4/devinet.c); with the last one of a link its IPv4 routes and neighbors (fib_disable_ip in
    net/ipv4/fib_frontend.c).
    """
    subnets: dict[str, dict] = {dev: {} for dev, address in leaving if ":" not in address}
    if not subnets:
        return remaining
    for dev, address in remaining["address"]:
        if dev in subnets and ":" not in address:
            subnets[dev].setdefault(ip_interface(address).network, []).append((dev, address))
    lost = {key for found in subnets.values() for keys in found.values() if keys[0] in leaving for key in keys} | leaving
    bare = {dev for dev, found in subnets.items() if all(key in lost for keys in found.values() for key in keys)}
    kept = {
        "address": {key: made for key, made in remaining["address"].items() if key in leaving or key not in lost},
        "route": {key: made for key, made in remaining["route"].items() if made.dev not in bare or made.family == "ipv6"},
        "neighbor": {key: made for key, made in remaining["neighbor"].items() if made.dev not in bare or ":" in made.ip},
    }
    return {**remaining, **kept}


def without_routes_from(remaining, leaving):
    """The state that remains when routes have lost their source addresses, those with the keys ``leaving``.

    IPv4 routes go with it (fib_sync_down_addr in net/ipv4/fib_semantics.c), IPv6 ones no longer name it (rt6_remove_prefsrc in
    net/ipv6/route.c).
    """
    if not leaving:
        return remaining
    sources = {address.split("/")[0] for _dev, address in leaving}
    return {**remaining, "route": {key: made for key, made in remaining["route"].items() if made.src not in sources}}


def lost_by_lowering(state, names):
    """What links that are down would lose if they were raised and lowered again: name -> objects."""
    lost: dict[str, list] = {}
    remaining = after_shocks(state, dict.fromkeys(names, Shock(True, False, False)))
    for group in ATTACHED:
        if len(remaining[group]) < len(state[group]):
            for key, made in reversed(state[group].items()):
                if key not in remaining[group]:
                    lost.setdefault(made.dev, []).append(made)
    return lost


def with_default_vlans(remaining, joining, bridges):
    """The state with the VLANs that the kernel gives by itself to bridges and to links that join one.

    ``joining`` maps the names of these links to their bridge, ``bridges`` the names of those that are new or change to what
    they were, None for a new one, and what they will be.
    """
    links: dict = {**remaining["link"], **{name: after for name, (_before, after) in bridges.items()}}
    vlans = dict(remaining["bridge_vlan"])
    for name, (before, after) in bridges.items():
        if not after.vlan_filtering:
            continue
        ports = [port for port, link in remaining["link"].items() if link.master == name and port not in joining]
        for dev in (name, *ports):
            if before is not None and before.vlan_filtering:
                _move_default_vlan(vlans, dev, before.default_vlan or 0, after.default_vlan or 0)
            elif after.default_vlan:
                _give_default_vlan(vlans, dev, after.default_vlan)
    for dev, master in joining.items():
        bridge = links.get(master)
        if bridge and bridge.kind == "bridge" and bridge.vlan_filtering and bridge.default_vlan:
            _give_default_vlan(vlans, dev, bridge.default_vlan)
    return {**remaining, "bridge_vlan": vlans} if vlans != remaining["bridge_vlan"] else remaining


def _give_default_vlan(vlans, dev, vlan):
    """Adds the VLAN of untagged packets; there is one at most."""
    for key, made in list(vlans.items()):
        if made.dev == dev and made.pvid:
            vlans[key] = made._replace(pvid=False)
    entry = BridgeVlan(dev, vlan, True, True, 0, True)
    vlans[entry.key] = entry


def _move_default_vlan(vlans, dev, old, new):
    """What another default VLAN of a bridge does to one of its ports, or to itself: nothing where somebody has chosen otherwise
    (__br_vlan_set_default_pvid in net/bridge/br_vlan.c).
    """
    actual = vlans.get((dev, old))
    has_default = actual is not None and actual.pvid and actual.untagged
    if old == new or (old and not has_default) or (new and (dev, new) in vlans):
        return
    vlans.pop((dev, old), None)
    if new:
        _give_default_vlan(vlans, dev, new)
