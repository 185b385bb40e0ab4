"""A host that playbooks bring to an inventory, and all that can be seen of it from outside; the law of transitions."""

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
import platform
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, Self

import yaml
from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import fabric_variables
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from lab.kernel import missing_kinds
from tests import engine
from tests.fabrics import Inventory
from tests.frr_host import FrrHost
from tests.inventories import HERE, INTERFACES, Kinds, inventories
from tests.namespaces import ip, network_of, own_network, show

ROOT = pathlib.Path(__file__).parents[1]
Documents = dict[str, Any]
#: What there is, in words that are the same for the same thing, by the program that shows it.
Shown = dict[str, list[str]]

#: What the role ``host`` wants of every host.
DEFAULTS: dict[str, Any] = yaml.safe_load((ROOT / "roles/host/defaults/main.yml").read_text())

#: What a host has before anything of ours: interfaces that are up and have carriers, and what others made.
HARDWARE = (
    *(
        f"link add {name} address 02:00:00:00:0a:{place:02x} type veth peer name far{place} address 02:00:00:00:0b:{place:02x}"
        for place, name in enumerate(INTERFACES, 1)
    ),
    *(f"link set far{place} addrgenmode none up" for place, _name in enumerate(INTERFACES, 1)),
    "link add theirs address 02:00:00:00:0c:01 type bridge",
    "address add 100.64.0.1/24 dev theirs",
    "link set theirs up",
    "route add 100.64.1.0/24 via 100.64.0.9 proto static",
    "rule add priority 900 table 99",
)
#: What others wrote into FRR, and the first words that say that it is to be kept.
FRR_OF_OTHERS, KEEP = "ip prefix-list theirs seq 5 permit 100.64.0.0/10\n", ["ip prefix-list theirs"]

#: What ip(8) and bridge(8) show that two hosts of the same configuration need not have in common.
CHANCE = {
    # Numbers that the kernel gives in the order in which devices and next hops are made.
    *("ifindex", "link_index", "id", "no", "nhid", "port_id", "port_no", "bridge_id", "root_id", "designated_root"),
    *("designated_bridge", "designated_port", "pref"),
    # Counters, clocks and what follows from traffic.
    *("used", "confirmed", "updated", "probes", "refcnt", "gc_timer", "hello_timer", "tcn_timer", "topology_change_timer"),
    *("message_age_timer", "forward_delay_timer", "hold_timer", "topology_change", "topology_change_detected"),
    # Follows from others' states, some time later.
    *("operstate", "state", "cost", "designated_cost", "root_path_cost", "tentative", "config_pending"),
}
#: Groups that the kernel listens to because of what else there is.
LISTENING = ("33:33:", "01:00:5e:")
#: Flags of links that follow from others, some time later.
CARRIER = ("NO-CARRIER", "LOWER_UP", "M-DOWN", "linkdown")
#: Kinds of devices to which the kernel gives a MAC address by chance, where nobody names one.
RANDOM_MAC = ("vxlan", "vrf")
#: What cannot be read, or tells the time.
PASSING_SYSCTLS = ("stable_secret", "flush")
#: Seconds within which what daemons and the kernel do by themselves has happened.
PATIENCE = 5.0


def documents(inventory: Inventory) -> Documents:
    """The documents of the host, of a valid inventory."""
    groups, hostvars = inventory
    built = build(groups, *fabric_variables(hostvars, groups))
    assert not built.problems, built.problems
    return built.documents[HERE]


class Site:
    """A host's kernel, in a network namespace that this thread is in; ``site`` brings it to documents as the playbooks do.

    Without VRF devices, and the same for whole hosts.
    """

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self._begin(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_details: object) -> None:
        self._stack.close()

    def _begin(self, stack: contextlib.ExitStack) -> None:
        with own_network():
            plug_in()
            self._descriptor = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        stack.callback(os.close, self._descriptor)

    def inside(self) -> contextlib.AbstractContextManager[None]:
        """Moves this thread into the host's network namespace."""
        return network_of(self._descriptor)

    def arguments(self, desired: Documents) -> dict[str, Any]:
        """What the playbooks give the module ``fabric_host``."""
        kernel = desired["kernel"]
        sysctls = {**DEFAULTS["host_sysctls"], **kernel["sysctls"]}
        return {"kernel": {**kernel, "rules": DEFAULTS["host_rules"] + desired["system"]["rules"], "sysctls": sysctls}}

    def steps(self, desired: Documents) -> Iterator[tuple[str, dict[str, Any]]]:
        """The modules of a run of the playbooks that change the host, in order, with their arguments."""
        yield "fabric_host", self.arguments(desired)

    def module(self, module: str, arguments: dict[str, Any], check_mode: bool = False) -> list[dict[str, Any]]:
        """Runs a module; the operations that it tells."""
        assert module == "fabric_host"
        with self.inside():
            return (engine.plan if check_mode else engine.bring)(**arguments["kernel"])

    def site(self, desired: Documents) -> None:
        """Brings the host to documents: a check before each module foretells what is done; nothing is left to do afterwards."""
        for step in self.steps(desired):
            foretold, made = self.module(*step, check_mode=True), self.module(*step)
            assert made == foretold, f"foretold (-), and done (+):\n{_other_operations(foretold, made)}"
            again = self.module(*step)
            assert not again, f"done (+) by a second run:\n{_other_operations([], again)}"

    def shown(self) -> Shown:
        """All that can be seen of the host."""
        with self.inside():
            return {**_devices(), "sysctl": sorted(_sysctls())}


def plug_in() -> None:
    """Makes the hardware in this thread's network namespace."""
    ip(*HARDWARE)
    for name in INTERFACES:  # nobody answers, and an address would come into its own a second later
        pathlib.Path(f"/proc/sys/net/ipv6/conf/{name}/accept_dad").write_text("0")
        ip(f"link set {name} up")


class Host(FrrHost):
    """One whose hardware is there before FRR starts, which may overlook what comes at once later."""

    def start(self) -> None:
        descriptor = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
        with network_of(descriptor):
            plug_in()
        os.close(descriptor)
        super().start()


class WholeSite(Site):
    """A host with FRR of a node image, modules run as Ansible runs them."""

    def __init__(self, image: str):
        self.image = image

    def _begin(self, stack: contextlib.ExitStack) -> None:
        self.host = stack.enter_context(Host(self.image))
        self.modules = self.host.modules
        self.host.configure(FRR_OF_OTHERS)
        self.host.run("vtysh", "-c", "write memory")
        self._descriptor = os.open(f"/proc/{self.host.pid}/ns/net", os.O_RDONLY)
        stack.callback(os.close, self._descriptor)

    def arguments(self, desired: Documents) -> dict[str, Any]:
        frr = {"config": frr_text(desired["frr"]), "daemons": desired["frr"]["daemons"], "keep": KEEP}
        return {**super().arguments(desired), "frr": frr}

    def steps(self, desired: Documents) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from super().steps(desired)
        if desired["gateway"]:  # the playbook gateways comes after site
            yield "gateway_failover", desired["gateway"]["options"]

    def module(self, module: str, arguments: dict[str, Any], check_mode: bool = False) -> list[dict[str, Any]]:
        result = self.modules.module(module, arguments, check_mode, diff=False)
        assert "operations" in result, result.get("msg", result)
        assert result["changed"] == bool(result["operations"])
        return [dict(operation) for operation in result["operations"]]

    def shown(self) -> Shown:
        """All that can be seen of the host, once what daemons do by themselves is done."""
        seen = self._shown_now()
        while (now := self._shown_now()) != seen:
            seen = now
        return seen

    def _shown_now(self) -> Shown:
        files = {name: self.host.run("cat", f"/etc/frr/{name}").stdout.split("\n") for name in ("frr.conf", "daemons")}
        nft = self.host.run("nft", "list", "ruleset").stdout.split("\n")
        return {**super().shown(), **files, "nft": nft, "running configuration": sorted(paths(self.host.running_config()))}


def _other_operations(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> str:
    return unlike(*({"operation": list(map(str, operations))} for operations in (one, other)))


def _links() -> list[dict[str, Any]]:
    """Links with their addresses, once the kernel has told of each carrier, after which it makes link-local addresses: it tells
    once a second."""
    deadline = time.monotonic() + PATIENCE
    while True:
        links = show("ip", "address", "show")
        waiting = [made for made in links if "LOWER_UP" in made["flags"] and made["operstate"] not in ("UP", "UNKNOWN")]
        if not waiting or time.monotonic() > deadline:
            return links
        time.sleep(0.05)


def _devices() -> Shown:
    links = _links()
    random = {made["address"]: made["ifname"] for made in links if made.get("linkinfo", {}).get("info_kind") in RANDOM_MAC}
    commands = (
        ("ip", "-4", "route", "show", "table", "all"), ("ip", "-6", "route", "show", "table", "all"),
        ("ip", "-4", "rule", "show"), ("ip", "-6", "rule", "show"), ("ip", "neigh", "show", "nud", "permanent"),
        *((("bridge", "vlan", "show"),) if _has_vrfs_and_vlans() else ()),  # there is an error otherwise
    )  # fmt: skip
    found = {" ".join(command): [str(_lasting(made, random)) for made in show(*command)] for command in commands}
    found["address"] = [f"{made['ifname']}: {_lasting(each, random)}" for made in links for each in made.pop("addr_info")]
    found["link"] = [f"{made['ifname']}: {line}" for made in links for line in _options(_lasting(made, random))]
    found["forwarding"] = [
        str(_lasting(made, random))
        for made in show("bridge", "fdb", "show")
        if made["state"] and not made["mac"].startswith(LISTENING)  # without a state it is learned, from a packet
    ]
    return {command: sorted(made) for command, made in found.items()}


def _options(made: Any, path: str = "") -> Iterator[str]:
    """Options and their values, one a line."""
    if isinstance(made, dict):
        for option, value in made.items():
            yield from _options(value, f"{path} {option}")
    else:
        yield f"{path} = {made}"


def _lasting(made: Any, random: dict[str, str]) -> Any:
    """What was shown, without what is by chance and without what passes; ``random`` are MAC addresses, and whose they are."""
    if isinstance(made, list):
        return sorted((_lasting(value, random) for value in made if value and value not in CARRIER), key=repr)
    if isinstance(made, dict):
        return {key: _lasting(value, random) for key, value in sorted(made.items()) if key not in CHANCE}
    return f"that of {random[made]}" if made in random else made


def _sysctls() -> Iterator[str]:
    """Those of all interfaces but the far ends; there are thousands, so each is opened only once and by nothing slower."""
    for kind in ("ipv4/conf", "ipv4/neigh", "ipv6/conf", "ipv6/neigh"):
        for interface in os.listdir(f"/proc/sys/net/{kind}"):
            directory = f"/proc/sys/net/{kind}/{interface}"
            for name in os.listdir(directory) if not interface.startswith("far") else ():
                if name not in PASSING_SYSCTLS:
                    descriptor = os.open(f"{directory}/{name}", os.O_RDONLY)
                    yield f"{kind}/{interface}/{name} = {os.read(descriptor, 256).decode().strip()}"
                    os.close(descriptor)


def paths(configuration: str) -> Iterator[str]:
    """Lines of FRR's configuration, each after those that it stands in."""
    trail: list[tuple[int, str]] = []
    for raw in configuration.split("\n"):
        line = " ".join(raw.split())
        indent = len(raw) - len(raw.lstrip())
        if not line or re.match(r"!|Building|Current|exit|end$", line):
            continue
        while trail and trail[-1][0] >= indent:
            trail.pop()
        trail.append((indent, line))
        yield " / ".join(text for _indent, text in trail)


def unlike(one: Shown, other: Shown) -> str:
    """What is on one host only, as lines with "-" and "+"; empty if they are alike."""
    return "\n".join(
        line
        for what in one
        for line in (
            *(f"- {what}: {entry}" for entry in one[what] if entry not in other[what]),
            *(f"+ {what}: {entry}" for entry in other[what] if entry not in one[what]),
        )
    )


def leave_nothing_of_each_other(new_site: Callable[[], Site], *pair: Inventory) -> None:
    """The law: from one inventory to the other, either way, a host ends as if the second alone had ever been applied."""
    one, other = map(documents, pair)
    with new_site() as first, new_site() as second:
        first.site(one)
        second.site(other)
        alone = [site.shown() for site in (second, first)]
        first.site(other)
        second.site(one)
        for site, expected in zip((first, second), alone, strict=True):
            deadline = time.monotonic() + PATIENCE
            while (left := unlike(expected, site.shown())) and time.monotonic() < deadline:
                time.sleep(0.2)
            assert not left, f"alone (-), and after the other (+):\n{left}"


@functools.cache
def _has_vrfs_and_vlans() -> bool:
    return not missing_kinds()


@functools.cache
def _kinds(image: str | None) -> Kinds:
    """What hosts of an image can do on this kernel; without an image there is no FRR to ask."""
    frr = {"debian12": "8.4.4", "debian13": "10.3", "debian14": "10.7"}
    return Kinds(_has_vrfs_and_vlans(), frr[image or "debian14"], platform.release())


def pairs(image: str | None = None) -> st.SearchStrategy[tuple[Inventory, Inventory]]:
    """Two inventories for a host of an image."""
    return st.tuples(inventories(_kinds(image)), inventories(_kinds(image)))


def law(examples: int) -> settings:
    """So many examples, the same each time; ``EVPN_EXAMPLES`` asks for so many others.

    Shrinking would take minutes: what fails is shown as it was found.
    """
    wanted = os.environ.get("EVPN_EXAMPLES")
    return settings(
        max_examples=int(wanted or examples),
        derandomize=wanted is None,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
