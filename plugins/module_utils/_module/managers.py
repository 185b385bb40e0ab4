# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What else configures networks on a host: systemd-networkd, NetworkManager, ifupdown, ifupdown2. Private to this collection.

The first two take files that tell them what to leave alone; the role `host` writes those. The others have no such file.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import socket

from .looking import content, digest, output

NETWORKD, NETWORK_MANAGER = "systemd-networkd", "NetworkManager"
#: Where the programs are, and the files that tell them what to leave alone.
PROGRAMS = {NETWORKD: "/lib/systemd/systemd-networkd", NETWORK_MANAGER: "/usr/sbin/NetworkManager"}
FILES = {
    NETWORKD: ("/etc/systemd/networkd.conf.d/evpn-fabric.conf", "/etc/systemd/network/00-evpn-fabric.network"),
    NETWORK_MANAGER: ("/etc/NetworkManager/conf.d/zz-evpn-fabric.conf",),
}
IFUPDOWN2 = "/usr/share/ifupdown2/ifupdown2"
#: Where ifupdown notes the interfaces that it has raised.
IFSTATE = "/run/network/ifstate"
#: What systemd-networkd tells of each interface, in files named by their numbers.
LINKS = "/run/systemd/netif/links"
#: States of NetworkManager's devices that it leaves alone: unknown and unmanaged.
UNMANAGED = ("0 ", "10 ")


def look():
    """What is installed: by name whether it runs, and the digests of the files that it has been told with."""
    installed = [name for name, program in PROGRAMS.items() if os.path.exists(program)]
    states = output("systemctl", "is-active", *("%s.service" % name for name in installed)).split() if installed else []
    active = dict(zip(installed, states))
    return {
        name: {"active": active.get(name) == "active", "files": {path: digest(path) for path in FILES[name]}}
        for name in installed
    }


def configured(managers):
    """The interfaces that ``managers``, as :func:`look` tells them, ifupdown or ifupdown2 configure: for each a dictionary.

    Its ``problem`` says why the interface cannot just be taken out of their hands; it is empty where it can.
    """
    found = []
    if managers.get(NETWORKD, {}).get("active"):
        found += by_networkd({name: content("%s/%d" % (LINKS, number)) for number, name in _names()})
    if managers.get(NETWORK_MANAGER, {}).get("active"):
        fields = "GENERAL.DEVICE,GENERAL.STATE,GENERAL.CONNECTION,IP4.ADDRESS,IP6.ADDRESS"
        found += by_network_manager(output("nmcli", "--terse", "--escape", "no", "--fields", fields, "device", "show"))
    if os.path.exists(IFUPDOWN2):
        found += by_ifupdown2(output("ifquery", "--all", "--format", "json"))
    return [*found, *by_ifupdown(content(IFSTATE))]


def by_networkd(links):
    """What systemd-networkd configures; ``links`` has the text that it writes about each interface, by name."""
    for name, text in sorted(links.items()):
        told = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
        if "NETWORK_FILE" in told and told.get("ADMIN_STATE") != "unmanaged":
            problem = "has addresses, and systemd-networkd configures it by %s. Take it out of that file"
            held = told.get("ADDRESS_STATE") == "routable"
            yield _entry(name, NETWORKD, problem % told["NETWORK_FILE"] if held else "")


def by_network_manager(shown):
    """What NetworkManager manages, from the text of `nmcli device show`; what it only watches, too ("externally")."""
    for block in re.split(r"\n\s*\n", shown):
        told = dict(re.findall(r"^([\w.]+(?:\[\d+\])?):(.*)$", block, re.MULTILINE))
        state = told.get("GENERAL.STATE", "")
        if state and not state.startswith(UNMANAGED):
            problem = 'has addresses by the connection "%s" of NetworkManager. Take it out of that connection'
            held = "externally" not in state and any(
                _is_global(address) for field, address in told.items() if ".ADDRESS[" in field
            )
            yield _entry(told["GENERAL.DEVICE"], NETWORK_MANAGER, problem % told.get("GENERAL.CONNECTION", "") if held else "")


def by_ifupdown(raised):
    """What ifupdown has raised, and takes addresses from when it restarts; but for lo, which it leaves as it is."""
    problem = (
        "has been raised by ifupdown, which takes its addresses away when it restarts. Take it out of /etc/network/interfaces"
    )
    for name in re.findall(r"^([^=\n]+)=", raised, re.MULTILINE):
        if name != "lo":
            yield _entry(name, "ifupdown", problem)


def by_ifupdown2(shown):
    """What ifupdown2 configures, from what `ifquery` tells of its configuration as JSON."""
    stanzas = json.loads(shown) if shown.startswith("[") else []
    for stanza in stanzas:
        if stanza["config"].get("address-purge") != "no":
            problem = (
                "is in the configuration of ifupdown2, whose ifreload removes addresses that it has not set. Write "
                "`address-purge no` below `iface %s` in /etc/network/interfaces"
            )
            yield _entry(stanza["name"], "ifupdown2", problem % stanza["name"])


def _entry(name, manager, problem):
    return {"interface": name, "manager": manager, "problem": "%s %s" % (name, problem) if problem else ""}


def _is_global(address):
    found = ipaddress.ip_interface(address.strip())
    return not (found.is_link_local or found.is_loopback)


def _names():
    """The number and the name of each interface that systemd-networkd tells of."""
    return [(number, name) for number, name in socket.if_nameindex() if os.path.exists("%s/%d" % (LINKS, number))]
