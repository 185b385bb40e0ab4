"""Hosts built by hand with ip(8) and bridge(8), adopted, and made anew elsewhere: seen by ip(8) and bridge(8) alone."""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import time
from collections.abc import Iterable, Iterator
from typing import Any

from tests.engine import bring, not_adopted, plan, present
from tests.namespaces import own_network, show

MARKS = {"adopted", "taken in hand"}
#: Seconds within which carriers, spanning trees and the kernel's own addresses have settled.
PATIENCE = 20
Shown = dict[tuple[str, ...], Any]

#: What ip(8) and bridge(8) show of moments, of numbers that are others each time, and of whom an object belongs to.
PASSING = {
    *("ifindex", "link_index", "operstate", "linkmode", "ifalias", "promiscuity", "allmulti", "qdisc", "link_netnsid"),
    *("used", "confirmed", "updated", "probes", "refcnt", "protocol", "preferred_life_time", "dynamic"),
    *(
        "hello_timer",
        "tcn_timer",
        "topology_change_timer",
        "gc_timer",
        "hold_timer",
        "message_age_timer",
        "forward_delay_timer",
    ),
    *("topology_change", "topology_change_detected", "topology_change_ack", "config_pending"),
    *("bridge_id", "root_id", "root_port", "root_path_cost", "designated_root", "designated_bridge", "designated_port"),
    *("designated_cost", "id", "no", "state", "tso_max_size", "tso_max_segs"),
}
#: Flags that follow from others some time later.
CARRIER = {"NO-CARRIER", "LOWER_UP", "M-DOWN", "linkdown", "dead", "tentative"}
#: A number that only details of a link are: a VXLAN device's VNI, a VLAN device's VLAN.
DETAILS = "info_data"


@contextlib.contextmanager
def host(nics: Iterable[str]) -> Iterator[None]:
    """A network namespace with interfaces as a container has them: veths whose other ends are in another one."""
    with own_network(), subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; read line"], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE) as other:  # fmt: skip
        assert other.stdin and other.stdout
        other.stdout.readline()
        for number, nic in enumerate(nics):
            run(f"ip link add {nic} address 02:00:00:00:99:{number:02x} type veth peer name {nic} netns {other.pid}",
                f"nsenter --target {other.pid} --net ip link set {nic} up")  # fmt: skip
        yield
        other.stdin.close()


def run(*commands: str) -> None:
    for command in commands:
        done = subprocess.run(shlex.split(command), check=False, capture_output=True, text=True)
        assert not done.returncode, f"{command}: {done.stderr}"


def lasting(made: Any, inside: str = "") -> Any:
    """What was shown, without what passes."""
    if isinstance(made, dict):
        kept = {key: value for key, value in made.items() if key not in PASSING or (key == "id" and inside == DETAILS)}
        return {key: lasting(value, key) for key, value in sorted(kept.items())}
    if isinstance(made, list):
        each = [lasting(value) for value in made if not isinstance(value, str) or value not in CARRIER]
        return sorted(each, key=repr)
    return made


def shown() -> Shown:
    """All that ip(8) and bridge(8) show and somebody may have configured."""
    links = show("ip", "link", "show")
    own = {link["ifname"]: {link.get("address")} for link in links}
    for link in links:
        own[link["ifname"]] |= own.get(link.get("master"), set())
        if link.get("linkinfo", {}).get("info_kind") == "vrf":
            link.pop("address")  # which the kernel makes up, and nobody needs
    found: Shown = {("link", link["ifname"]): lasting(link) for link in links}
    for link in show("ip", "address", "show"):
        for made in link.get("addr_info", ()):
            if made.get("protocol") != "kernel_ll":
                found["address", link["ifname"], f"{made['local']}/{made['prefixlen']}"] = lasting(made)
    for family in ("-4", "-6"):
        for made in show("ip", family, "route", "show", "table", "all"):
            if made.get("table") != "local" and not made["dst"].startswith(("fe80::", "ff00::")):
                found["route", repr(lasting(made))] = made.get("protocol") == "kernel"
        for made in show("ip", family, "rule", "show"):
            found["rule", family, repr(lasting(made))] = True
        for made in show("ip", family, "neigh", "show", "nud", "permanent"):
            found["neighbor", made["dev"], made["dst"]] = lasting(made)
        for made in show("ip", family, "neigh", "show", "proxy"):
            found["proxy", made["dev"], made["dst"]] = True
    vxlans = {link["ifname"] for link in links if link.get("linkinfo", {}).get("info_kind") == "vxlan"}
    for made in show("bridge", "fdb", "show"):
        is_own = made["mac"] in own[made["ifname"]] or made["mac"].startswith(("33:33", "01:00:5e"))
        if made["state"] in ("permanent", "static") and not is_own:
            flags = sorted(made.pop("flags"))
            state = "static" if made["ifname"] in vxlans and "self" in flags else made["state"]
            key = ("fdb", made["ifname"], made["mac"], str(made.get("vlan")), str(made.get("dst")), state, *flags)
            found[key] = lasting(made)
    details = [link.get("linkinfo", {}).get("info_data", {}) for link in links]
    filters = [("vlan", "show"), ("vlan", "tunnelshow")] if any(each.get("vlan_filtering") for each in details) else []
    for words in (*filters, *([("vni", "show")] if any(each.get("vnifilter") for each in details) else [])):
        found.update({(*words, made["ifname"]): lasting(made) for made in show("bridge", *words)})
    return found


def differences(before: Shown, after: Shown) -> list[str]:
    return [f"{' '.join(key)}: {before.get(key)} -> {after.get(key)}" for key in sorted({*before, *after})
            if before.get(key) != after.get(key)]  # fmt: skip


def assert_shown(before: Shown) -> None:
    """That ip(8) and bridge(8) come to show the same."""
    ends = time.monotonic() + PATIENCE
    while (left := differences(before, shown())) and time.monotonic() < ends:
        time.sleep(0.2)
    assert left == [], "\n".join(left)


def settled() -> Shown:
    """What is shown once nothing changes any more."""
    seen, since = shown(), time.monotonic()
    while time.monotonic() - since < 2:
        time.sleep(0.2)
        if (now := shown()) != seen:
            seen, since = now, time.monotonic()
    return seen


def assert_only_marks(document: dict[str, Any]) -> None:
    """THE law: the document, applied where it comes from, marks what is there, and that is all."""
    made = plan(**document)
    other = [operation for operation in made if operation["reason"] not in MARKS or operation["disruption"] != "hitless"]
    assert other == [], other
    assert bring(max_disruption="hitless", **document) == made
    assert bring(**document) == []


def assert_adopted_whole(nics: Iterable[str], *commands: str, left_out: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    """That a host is adopted as it is, and that its document makes the same anew; returns the document.

    What it leaves out is ``left_out``, pairs of kind and name, besides the interfaces themselves.
    """
    nics = tuple(nics)
    with host(nics):
        run(*commands)
        before = settled()
        document, _owned = present()
        told = {(made["kind"], made["name"]) for made in not_adopted()}
        assert told == {*(("veth", nic) for nic in nics), *left_out}, not_adopted()
        assert_only_marks(document)
        purged = bring(purge=True, **document)
        assert purged == [], purged
        assert_shown(before)
    with host(nics):
        bring(**document)
        again = bring(**document)
        assert again == [], again
        assert_shown(before)
    return document
