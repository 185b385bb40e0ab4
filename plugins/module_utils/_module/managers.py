# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What else configures networks on a host: systemd-networkd, NetworkManager, ifupdown, ifupdown2. Private to this collection.

The first two read files that name what they leave alone; the role `host` writes those. The others have no such file.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import socket
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from .looking import content, digest, output

NETWORKD, NETWORK_MANAGER = "systemd-networkd", "NetworkManager"
#: Where the programs are, and the files that name what they leave alone.
PROGRAMS = {NETWORKD: "/lib/systemd/systemd-networkd", NETWORK_MANAGER: "/usr/sbin/NetworkManager"}
FILES = {
    NETWORKD: ("/etc/systemd/networkd.conf.d/evpn-fabric.conf", "/etc/systemd/network/00-evpn-fabric.network"),
    NETWORK_MANAGER: ("/etc/NetworkManager/conf.d/zz-evpn-fabric.conf",),
}
IFUPDOWN2 = "/usr/share/ifupdown2/ifupdown2"
#: Where ifupdown notes the interfaces that it has raised.
IFSTATE = "/run/network/ifstate"
#: What systemd-networkd writes about each interface, in files named by their numbers.
LINKS = "/run/systemd/netif/links"
#: States of NetworkManager's devices that it leaves alone: unknown and unmanaged.
UNMANAGED = ("0 ", "10 ")

#: An ``interface`` that a ``manager`` configures. ``problem`` says why the fabric cannot just take it over from that manager;
#: it is empty where it can.
Entry = Dict[str, str]


def look() -> Dict[str, Dict[str, Any]]:
    """What is installed, by name: whether it runs (``active``), and the digests of this collection's ``files`` for it."""
    installed = [name for name, program in PROGRAMS.items() if os.path.exists(program)]
    states = output("systemctl", "is-active", *("%s.service" % name for name in installed)).split() if installed else []
    active = dict(zip(installed, states))
    return {
        name: {"active": active.get(name) == "active", "files": {path: digest(path) for path in FILES[name]}}
        for name in installed
    }


def configured(managers: Mapping[str, Mapping[str, Any]]) -> List[Entry]:
    """The interfaces that ``managers`` (what :func:`look` returns), ifupdown or ifupdown2 configure."""
    found: List[Entry] = []
    if managers.get(NETWORKD, {}).get("active"):
        found += by_networkd({name: content("%s/%d" % (LINKS, number)) for number, name in _names()})
    if managers.get(NETWORK_MANAGER, {}).get("active"):
        fields = "GENERAL.DEVICE,GENERAL.STATE,GENERAL.CONNECTION,IP4.ADDRESS,IP6.ADDRESS"
        found += by_network_manager(output("nmcli", "--terse", "--escape", "no", "--fields", fields, "device", "show"))
    if os.path.exists(IFUPDOWN2):
        found += by_ifupdown2(output("ifquery", "--all", "--format", "json"))
    return [*found, *by_ifupdown(content(IFSTATE))]


def by_networkd(links: Mapping[str, str]) -> Iterator[Entry]:
    """What systemd-networkd configures; ``links`` has the text that it writes about each interface, by name."""
    for name, text in sorted(links.items()):
        fields = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
        if "NETWORK_FILE" in fields and fields.get("ADMIN_STATE") != "unmanaged":
            problem = "has addresses, and systemd-networkd configures it by %s. Take it out of that file"
            held = fields.get("ADDRESS_STATE") == "routable"
            yield _entry(name, NETWORKD, problem % fields["NETWORK_FILE"] if held else "")


def by_network_manager(shown: str) -> Iterator[Entry]:
    """What NetworkManager manages, from the text of `nmcli device show`; what it only watches, too ("externally")."""
    for block in re.split(r"\n\s*\n", shown):
        fields = dict(re.findall(r"^([\w.]+(?:\[\d+\])?):(.*)$", block, re.MULTILINE))
        state = fields.get("GENERAL.STATE", "")
        if state and not state.startswith(UNMANAGED):
            problem = 'has addresses by the connection "%s" of NetworkManager. Take it out of that connection'
            held = "externally" not in state and any(
                _is_global(address) for field, address in fields.items() if ".ADDRESS[" in field
            )
            yield _entry(
                fields["GENERAL.DEVICE"], NETWORK_MANAGER, problem % fields.get("GENERAL.CONNECTION", "") if held else ""
            )


def by_ifupdown(raised: str) -> Iterator[Entry]:
    """What ifupdown has raised: it removes addresses there when it restarts, except from lo."""
    problem = (
        "has been raised by ifupdown, which removes its addresses when it restarts. Take it out of /etc/network/interfaces"
    )
    for name in re.findall(r"^([^=\n]+)=", raised, re.MULTILINE):
        if name != "lo":
            yield _entry(name, "ifupdown", problem)


def by_ifupdown2(shown: str) -> Iterator[Entry]:
    """What ifupdown2 configures, from the JSON that `ifquery` prints."""
    stanzas = json.loads(shown) if shown.startswith("[") else []
    for stanza in stanzas:
        if stanza["config"].get("address-purge") != "no":
            problem = (
                "is in the configuration of ifupdown2, whose ifreload removes addresses that it has not set. Write "
                "`address-purge no` below `iface %s` in /etc/network/interfaces"
            )
            yield _entry(stanza["name"], "ifupdown2", problem % stanza["name"])


def _entry(name: str, manager: str, problem: str) -> Entry:
    return {"interface": name, "manager": manager, "problem": "%s %s" % (name, problem) if problem else ""}


def _is_global(address: str) -> bool:
    found = ipaddress.ip_interface(address.strip())
    return not (found.is_link_local or found.is_loopback)


def _names() -> List[Tuple[int, str]]:
    """The number and the name of each interface that systemd-networkd has a file about."""
    return [(number, name) for number, name in socket.if_nameindex() if os.path.exists("%s/%d" % (LINKS, number))]
