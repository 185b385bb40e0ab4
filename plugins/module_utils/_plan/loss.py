# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What else goes when a link goes: the kernel's own consequences. Private to this collection."""

from __future__ import annotations

from dataclasses import replace


def dying_with(names, links):
    """The links that go when ``names`` go, these included: devices stacked on them and the other ends of veth pairs."""
    gone, waiting = set(), list(names)
    above: dict[str, list[str]] = {}
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


def without(actual, gone):
    """The state that is left when the links ``gone`` are gone; sysctls of theirs return to the default.

    Links that had one of them as bridge or VRF belong to none.
    """
    left = {group: dict(objects) for group, objects in actual.items()}
    for name in gone:
        left["link"].pop(name, None)
    for name, link in left["link"].items():
        if link.master in gone:
            left["link"][name] = replace(link, master="")
    left["port"] = {
        dev: port
        for dev, port in actual["port"].items()
        if dev in left["link"] and left["link"][dev].master == actual["link"][dev].master
    }
    left["address"] = {key: made for key, made in actual["address"].items() if made.dev not in gone}
    for path, sysctl in actual["sysctl"].items():
        if sysctl.dev in gone:
            left["sysctl"][path] = replace(sysctl, value=sysctl.default)
    return left


def flushed_by(before, released, after, actual):
    """Keys of the addresses that the kernel drops when a link changes so.

    ``released`` is the link in between, when its bridge or VRF has gone. A link that goes down, or that moves into or out
    of a VRF while it is up (the VRF driver closes and opens it), loses its global IPv6 addresses (addrconf_ifdown in
    net/ipv6/addrconf.c).
    """
    links = actual["link"]
    changed = {before.master, released.master, after.master} if len({before.master, released.master, after.master}) > 1 else ()
    moved = any(name and getattr(links.get(name), "kind", "vrf") == "vrf" for name in changed)
    if not before.up or not (moved or after.up is False):
        return []
    return [key for key, made in actual["address"].items() if made.dev == before.name and ":" in made.address]
