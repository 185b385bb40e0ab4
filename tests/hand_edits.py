"""A mixed lab whose hosts are edited by hand: what somebody does with ordinary tools, whether drift is found, whether it is
repaired, and whether the host is then as it was.
"""

from __future__ import annotations

import contextlib
import os
import random
import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import fabric_variables
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build

from lab.kernel import missing_kinds
from tests import sites
from tests.fabrics import GATEWAYS, fabric
from tests.frr_host import PYTHON
from tests.module_server import ModuleServer
from tests.systemd_host import SystemdHost

#: The hosts that are edited, and their images: one of each role, a leaf of the oldest and of the newest FRR.
LAB = {"leaf1": "debian12", "gw1": "debian13", "leaf2": "debian14", "spine1": "debian13"}
#: Seconds within which a repaired host is as it was: FRR that was started has read its neighbors and devices by then.
PATIENCE = 60.0
#: What a document of a leaf has besides what an inventory derives, as somebody's own playbook adds it.
OWN: sites.Documents = {
    "fdb": [{"dev": "vxlan10200", "mac": "02:00:00:00:00:77", "dst": "192.0.2.77"}],
    "neighbors": [{"dev": "br10200", "ip": "198.51.100.77", "mac": "02:00:00:00:00:77"}],
    "routes": [{"dst": "203.0.113.0/24", "type": "blackhole"}],
    "addresses": [{"dev": "br10200", "address": "198.51.100.1/24"}],
}
FRR_SERVICE = ("service", "frr service", "frr.service")
STARTUP, DAEMONS = "/etc/frr/frr.conf", "/etc/frr/daemons"
UNIT = "evpn-fabric-restore.service"

Identity = tuple[str, str, str]


class Edit(NamedTuple):
    """What somebody does by hand: a script, and what has to be found then, as whose, kind and name.

    ``undo`` is how something foreign goes, which drift reports and leaves to people. ``daemon`` is one of FRR's that is killed:
    watchfrr may have started it anew before anybody looks, and then nothing differs.
    """

    script: str
    found: Identity
    undo: str = ""
    daemon: str = ""


def documents() -> Mapping[str, sites.Documents]:
    """The documents of the lab's hosts, with VRFs where the kernel has them."""
    vrfs = not missing_kinds(("VRF",))
    networks = [network for network in GATEWAYS["fabric_networks"] if vrfs or "vrf" not in network]
    networks = [*networks, {"name": "lan", "vni": 10200, "vlan": 200}]
    groups, hostvars = fabric(vrfs=int(vrfs), **{**GATEWAYS, "fabric_networks": networks})
    for name, variables in hostvars.items():
        if name in groups["vteps"]:
            variables["fabric_ports"] = [{"interface": "eth4", "untagged": "lan"}]
        for north in variables.get("fabric_north", ()):
            north["interface"] = "eth4"
    built = build(groups, *fabric_variables(hostvars, groups))
    assert not built.problems, built.problems
    for name in groups["vteps"]:
        kernel = built.documents[name]["kernel"]
        kernel.update({section: [*kernel.get(section, ()), *entries] for section, entries in OWN.items()})
    return built.documents


class EditedSite(sites.WholeSite):
    """A host of the lab with systemd, which keeps its document; use it as a context."""

    def __init__(self, name: str):
        super().__init__(LAB[name])
        self.name = name
        self.desired = documents()[name]
        self.kernel: dict[str, Any] = self.arguments(self.desired)["kernel"]

    def _begin(self, stack: contextlib.ExitStack) -> None:
        self.systemd = stack.enter_context(SystemdHost(self.image))
        self._descriptor = os.open(f"/proc/{self.systemd.outer_pid}/ns/net", os.O_RDONLY)
        stack.callback(os.close, self._descriptor)
        with self.inside():
            sites.plug_in()
        self.modules = ModuleServer(lambda: self.systemd._inside(*PYTHON))
        stack.callback(self.modules.end)
        self.confirm()

    def confirm(self) -> None:
        """Brings the host to its document, which it keeps from then on."""
        for step in self.steps(self.desired):
            self.module(*step)

    def arguments(self, desired: sites.Documents) -> dict[str, Any]:
        return {**super().arguments(desired), "persist": True}

    def shown(self) -> sites.Shown:
        """All that can be seen of the host at this moment."""
        commands = {
            "startup file": f"cat {STARTUP}; stat -c '%a %U %G' {STARTUP}",
            "daemons file": f"cat {DAEMONS}",
            "services": f"systemctl is-active frr; systemctl is-enabled frr {UNIT}; systemctl cat {UNIT}",
            "nft": "nft list ruleset",
        }
        running = sites.paths(self.systemd.shell("vtysh -c 'show running-config'", check=False))
        return {
            **sites.Site.shown(self),
            **{what: self.systemd.shell(command, check=False).split("\n") for what, command in commands.items()},
            "running configuration": sorted(running),
        }

    def look(self, patience: float = 0) -> list[dict[str, Any]]:
        """What drift finds. Asserts that nothing keeps it from being told, at the latest after so many seconds."""
        gateway = self.desired["gateway"]
        deadline = time.monotonic() + patience
        while True:
            looked = self.modules.module("drift_info", {"gateway": gateway["options"]} if gateway else {})
            assert "findings" in looked, looked["msg"]
            if not looked["problems"]:
                return list(looked["findings"])
            assert time.monotonic() < deadline, f"drift cannot tell all: {looked['problems']}"

    def repair(self, found: list[dict[str, Any]]) -> None:
        """Repairs as the playbook ``remediate`` does: the host by its document, then what gateways own."""
        steps: list[tuple[str, dict[str, Any]]] = []
        if any(each["repairable"] and each["whose"] != "ownership" for each in found):
            steps.append(("fabric_host", {"state": "confirmed", "max_disruption": "daemon"}))
        if any(each["whose"] == "ownership" for each in found):
            steps.append(("gateway_failover", self.desired["gateway"]["options"]))
        for step in steps:
            self.module(*step)


class Outcome(NamedTuple):
    """What became of an edit. ``missed`` says that it was not found, ``left`` what is not as it was; empty where all is well.

    ``returned`` tells a daemon that was back before drift looked.
    """

    host: str
    what: str
    edit: Edit
    missed: str
    left: str
    returned: bool

    @property
    def words(self) -> str:
        """The outcome as a line or more."""
        told = [f"not found: {self.missed}"] * bool(self.missed) + [f"not repaired: {self.left}"] * bool(self.left)
        return "\n".join([f"{self.host}, {self.what}: {self.edit.script}", *told])


def edited(name: str, count: int, seed: int, false_runs: int = 0, only: tuple[str, ...] = ()) -> Iterator[Outcome | int]:
    """Edits a host so many times, each time from where it has been confirmed; tells what became of each edit.

    Before that, drift is asked ``false_runs`` times of the untouched host, and how often it reported anything comes first.
    The kinds of edits come in turn, in an order that the seed draws, as do their objects.
    """
    with EditedSite(name) as site:
        draw = random.Random(f"{seed} {name}")
        yield sum(bool(site.look()) for _run in range(false_runs))
        kinds = [kind for kind in EDITS if (not only or kind in only) and EDITS[kind](site, draw)]
        for number in range(count):
            if number % len(kinds) == 0:
                draw.shuffle(kinds)
            what = kinds[number % len(kinds)]
            yield _tried(site, what, draw.choice(EDITS[what](site, draw)))


def _tried(site: EditedSite, what: str, edit: Edit) -> Outcome:
    """Makes one edit, and has drift find and repair it."""
    before, missed, left, returned = site.shown(), "", "", False
    site.systemd.run("bash", "-e", "-c", edit.script)
    try:
        # watchfrr starts all daemons anew for some of them, and until they run it is a problem that drift cannot tell all.
        found = site.look(PATIENCE if edit.daemon else 0)
        # A daemon that is still dead is a matter of the service, which is started anew for it.
        if not {edit.found, *([FRR_SERVICE] if edit.daemon else [])} & set(map(_identity, found)):
            returned = bool(edit.daemon) and edit.daemon in site.systemd.shell("vtysh -c 'show daemons'", check=False)
            missed = "" if returned else f"{edit.found} is not in {found}"
        if edit.undo and any(each["repairable"] for each in found):
            missed = f"it is said to be repaired, but is not ours: {found}"
        site.repair(found)
        if edit.undo:
            site.systemd.run("bash", "-e", "-c", edit.undo)
        deadline = time.monotonic() + PATIENCE
        while (left := _left(site, before)) and time.monotonic() < deadline:
            # What a gateway serves can be seen, and repaired, only once its host is as it was.
            site.repair(site.look(PATIENCE))
    except AssertionError as error:
        left = str(error)
    if left:
        site.confirm()
    return Outcome(site.name, what, edit, missed, left, returned)


def _left(site: EditedSite, before: sites.Shown) -> str:
    found = [f"found: {each}" for each in site.look(PATIENCE)]
    return "\n".join(found) or sites.unlike(before, site.shown())


def _identity(finding: dict[str, Any]) -> Identity:
    return finding["whose"], finding["kind"], finding["name"]


def _links(site: EditedSite, *sections: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The kind and the entry of each link of the document."""
    for section in sections or ("vrfs", "bridges", "vxlans", "interfaces"):
        for entry in site.kernel.get(section, ()):
            yield {"interfaces": "veth"}.get(section, section[:-1]), entry


def _deleted(site: EditedSite, draw: random.Random) -> list[Edit]:
    return [
        Edit(f"ip link del {each['name']}", ("gone", kind, each["name"]))
        for kind, each in _links(site, "vrfs", "bridges", "vxlans")
    ]


def _down(site: EditedSite, draw: random.Random) -> list[Edit]:
    return [Edit(f"ip link set {each['name']} down", ("changed", kind, each["name"])) for kind, each in _links(site)]


def _mtu(site: EditedSite, draw: random.Random) -> list[Edit]:
    return [
        Edit(f"ip link set {each['name']} mtu {draw.randrange(1280, 1440)}", ("changed", kind, each["name"]))
        for kind, each in _links(site)
        if "mtu" in each
    ]


def _mac(site: EditedSite, draw: random.Random) -> list[Edit]:
    """MAC addresses that the document says. Of others nobody knows what they were."""
    return [
        Edit(f"ip link set {each['name']} address 02:00:00:00:99:{draw.randrange(256):02x}", ("changed", kind, each["name"]))
        for kind, each in _links(site)
        if "mac" in each
    ]


def _alias(site: EditedSite, draw: random.Random) -> list[Edit]:
    return [
        Edit(f"ip link set {each['name']} alias 'by hand {draw.randrange(100)}'", ("changed", kind, each["name"]))
        for kind, each in _links(site)
        if "description" in each
    ]


def _master(site: EditedSite, draw: random.Random) -> list[Edit]:
    """A port out of its bridge, or in another one."""
    edits = []
    for kind, each in _links(site, "vxlans", "interfaces"):
        if "bridge" in each:
            others = [other["name"] for _kind, other in _links(site, "bridges") if other["name"] != each["bridge"]]
            edits += [
                Edit(f"ip link set {each['name']} {to}", ("changed", kind, each["name"]))
                for to in ("nomaster", f"master {draw.choice(others)}")
            ]
    return edits


def _settings(section: str, *settings: str) -> Callable[[EditedSite, random.Random], list[Edit]]:
    """Attributes of devices of a section; ``settings`` are words of ip(8) after its kind."""

    def edits(site: EditedSite, draw: random.Random) -> list[Edit]:
        return [
            Edit(f"ip link set {each['name']} type {kind} {setting}", ("changed", kind, each["name"]))
            for kind, each in _links(site, section)
            for setting in settings
        ]

    return edits


def _tunnel_source(site: EditedSite, draw: random.Random) -> list[Edit]:
    """The address from which tunnels start: of a gateway it is what it owns at run time."""
    whose = "ownership" if site.desired["gateway"] else "changed"
    return [
        Edit(f"ip link set {each['name']} type vxlan local 192.0.2.99", (whose, kind, each["name"]))
        for kind, each in _links(site, "vxlans")
    ]


def _port(site: EditedSite, draw: random.Random) -> list[Edit]:
    """Settings of bridge ports that are ours, what the document says of them and what it does not."""
    return [
        Edit(f"bridge link set dev {each['name']} {setting}", ("changed", "port", each["name"]))
        for _kind, each in _links(site, "vxlans")
        for setting in (
            "hairpin on",
            "learning on",
            "neigh_suppress off",
            "isolated on",
            "flood off",
            "mcast_flood off",
            "guard on",
        )
    ]


def _entries(option: str, kind: str, name: str, *scripts: str) -> Callable[[EditedSite, random.Random], list[Edit]]:
    """Entries of an option of the document: the first script removes one, all others change it."""

    def edits(site: EditedSite, draw: random.Random) -> list[Edit]:
        return [
            Edit(script.format(**each), ("changed" if place else "gone", kind, name.format(**each)))
            for each in site.kernel.get(option, ())
            for place, script in enumerate(scripts)
        ]

    return edits


def _rules(site: EditedSite, draw: random.Random) -> list[Edit]:
    """Rules, those of l3mdev and those of the kernel that were taken away on purpose among them."""
    edits = []
    for each in site.kernel["rules"]:
        family = each.get("family", "ipv4")
        ip = f"ip {'-6' if family == 'ipv6' else '-4'} rule"
        words = "".join(f" {word} {each[word]}" for word in ("iif",) if word in each)
        table = {"main": 254, "local": 255}.get(each.get("table"), each.get("table"))
        target = " l3mdev" if each.get("l3mdev") else f" lookup {table}" if table else ""
        action = f" {each['action']}" if "action" in each else ""
        name = f"{each['priority']}: from all{words}{target}{action} ({family})"
        if each.get("state") == "absent":
            edits.append(Edit(f"{ip} add priority {each['priority']} lookup {each['table']}", ("changed", "rule", name)))
        else:
            edits.append(Edit(f"{ip} del priority {each['priority']}{words}", ("gone", "rule", name)))
    return edits


def _sysctls(site: EditedSite, draw: random.Random) -> list[Edit]:
    edits = []
    for path, value in site.kernel["sysctls"].items():
        name = path if "/" in path else path.replace(".", "/")
        edits.append(Edit(f"sysctl -q -w {name}={int(value) ^ 1 or 2}", ("changed", "sysctl", name)))
    return edits


def _frr_lines(site: EditedSite, draw: random.Random) -> list[Edit]:
    """A line of FRR's BGP taken away, or one that nobody asked for."""
    lines = site.systemd.running_config().split("\n")
    bgp = next(place for place, line in enumerate(lines) if line.startswith("router bgp "))
    context, edits = lines[bgp], []
    for line in lines[bgp + 1 : lines.index("exit", bgp)]:
        if line.startswith(("  ", " !", " exit", " address-family")) or "router-id" in line or "remote-as" in line:
            continue
        words = line.strip()
        words = words[3:] if words.startswith("no ") else "no " + words
        edits.append(_vtysh(context, (context, words), f"! vtysh -c 'show running-config' | grep -qxF {shlex.quote(line)}"))
    edits.append(_vtysh(context, (context, "address-family ipv4 unicast", "maximum-paths 2")))
    route = f"ip route 10.{draw.randrange(256)}.0.0/16 blackhole"
    edits += [_vtysh(route, (route,)), _vtysh("ip prefix-list by-hand", ("ip prefix-list by-hand seq 5 permit any",))]
    return edits


def _vtysh(name: str, words: tuple[str, ...], then: str = "true", whose: str = "changed") -> Edit:
    told = " ".join(f"-c {shlex.quote(each)}" for each in ("configure terminal", *words))
    return Edit(f"vtysh {told} > /dev/null; {then}", (whose, "frr", name))


def _startup_file(site: EditedSite, draw: random.Random) -> list[Edit]:
    changed, gone = (("changed", "frr startup file", STARTUP), ("gone", "frr startup file", STARTUP))
    return [
        Edit(f"echo '! by hand' >> {STARTUP}", changed),
        Edit(f"sed -i '/activate/d' {STARTUP}", changed),
        Edit(f"truncate --size=0 {STARTUP}", changed),
        Edit(f"chmod 644 {STARTUP}", changed),
        Edit(f"chown root {STARTUP}", changed),
        Edit(f"rm {STARTUP}", gone),
    ]


def _daemons_file(site: EditedSite, draw: random.Random) -> list[Edit]:
    changed = ("changed", "frr daemons", DAEMONS)
    return [Edit(f"sed -i s/^{daemon}=yes/{daemon}=no/ {DAEMONS}", changed) for daemon in site.desired["frr"]["daemons"]]


def _service(site: EditedSite, draw: random.Random) -> list[Edit]:
    return [Edit(f"systemctl {command} frr", FRR_SERVICE) for command in ("stop", "disable", "disable --now")]


def _killed(site: EditedSite, draw: random.Random) -> list[Edit]:
    """Daemons that the document needs: one that has nothing to do for it may as well not run."""
    return [
        Edit(f"kill -KILL $(cat /run/frr/{daemon}.pid)", ("service", "frr daemon", daemon), daemon=daemon)
        for daemon in ("zebra", *site.desired["frr"]["daemons"])
    ]


def _kept(site: EditedSite, draw: random.Random) -> list[Edit]:
    service, engine = ("kept", "service", UNIT), "/var/lib/evpn-fabric/engine.pyz"
    return [
        Edit(f"systemctl disable {UNIT}", service),
        Edit(f"sed -i 's/^Before=.*//' /etc/systemd/system/{UNIT}", service),
        Edit(f"rm {engine}", ("kept", "engine", engine)),
    ]


def _buckets(site: EditedSite, draw: random.Random) -> list[Edit]:
    """The addresses of buckets that a gateway serves, and the lists that say by which rank."""
    if not site.desired["gateway"]:
        return []
    addresses = site.systemd.shell("ip -4 -o address show dev lo | grep -o '192\\.0\\.2\\.[0-9]*/32'").split()
    lists = [line for line in site.systemd.running_config().split("\n") if line.startswith("ip prefix-list evpn-gateway-")]
    return [
        *(Edit(f"ip address del {each} dev lo", ("ownership", "address", f"{each} on lo")) for each in addresses),
        *(_vtysh(" ".join(line.split()[:3]), (f"no {line}",), whose="ownership") for line in lists),
    ]


def _foreign(site: EditedSite, draw: random.Random) -> list[Edit]:
    """What is somebody else's, in our bridges and VRFs."""
    edits, number = [], draw.randrange(10, 100)
    for _kind, each in _links(site, "bridges"):
        name, at = each["name"], f"203.0.113.{number}"
        edits += [
            _added("ip address", f"{at}/24 dev {name}", ("address", f"{at}/24 on {name}")),
            _added("ip neigh", f"{at} lladdr 02:00:00:00:00:03 dev {name} nud permanent", ("neighbor", f"{at} on {name}")),
            _added(
                "ip rule",
                f"priority 500 iif {name} lookup {number}",
                ("rule", f"500: from all iif {name} lookup {number} (ipv4)"),
            ),
            Edit(
                f"ip link add by-hand type veth peer name by-hand-far; ip link set by-hand master {name}",
                ("foreign", "veth", "by-hand"),
                "ip link del by-hand",
            ),
        ]
    for _kind, each in _links(site, "vxlans"):
        mac = f"02:00:00:00:01:{number:02x}"
        what = f"{mac} dev {each['name']} dst 192.0.2.{number}"
        name = f"{mac} on {each['name']} dst 192.0.2.{number}"
        edits.append(Edit(f"bridge fdb add {what} static", ("foreign", "fdb", name), f"bridge fdb del {what}"))
    for _kind, each in _links(site, "vrfs"):
        route = f"blackhole 10.{number}.0.0/16 table {each['table']}"
        edits.append(_added("ip route", route, ("route", f"10.{number}.0.0/16 table {each['table']}")))
    return edits


def _added(command: str, what: str, found: tuple[str, str]) -> Edit:
    return Edit(f"{command} add {what}", ("foreign", *found), f"{command} del {what}")


#: The kinds of edits, and which of each a host allows; nothing where it has no such object.
EDITS: dict[str, Callable[[EditedSite, random.Random], list[Edit]]] = {
    "link deleted": _deleted,
    "link down": _down,
    "MTU": _mtu,
    "MAC": _mac,
    "alias": _alias,
    "master": _master,
    "VXLAN attribute": _settings("vxlans", "learning", "ttl 64", "tos 8", "ageing 77", "df set"),
    "VXLAN source": _tunnel_source,
    "bridge attribute": _settings(
        "bridges", "stp_state 1", "mcast_snooping 0", "ageing_time 7700", "forward_delay 400", "priority 4096"
    ),
    "port attribute": _port,
    "FDB": _entries(
        "fdb",
        "fdb",
        "{mac} on {dev}",
        "bridge fdb del {mac} dev {dev}",
        "bridge fdb replace {mac} dev {dev} dst 192.0.2.78 static",
    ),
    "neighbor": _entries(
        "neighbors",
        "neighbor",
        "{ip} on {dev}",
        "ip neigh del {ip} dev {dev}",
        "ip neigh replace {ip} lladdr 02:00:00:00:00:78 dev {dev} nud permanent",
    ),
    "route": _entries(
        "routes",
        "route",
        "{dst}",
        "ip route del {dst}",
    ),
    "address": _entries("addresses", "address", "{address} on {dev}", "ip address del {address} dev {dev}"),
    "rule": _rules,
    "sysctl": _sysctls,
    "FRR line": _frr_lines,
    "startup file": _startup_file,
    "daemons file": _daemons_file,
    "FRR service": _service,
    "daemon killed": _killed,
    "boot": _kept,
    "bucket": _buckets,
    "foreign": _foreign,
}  # fmt: skip
