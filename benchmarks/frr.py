"""What bringing FRR to its configuration takes, as the module ``frr_config`` does it, beside vtysh with the same lines.

The host is a leaf with 1,000 L2VNIs and 50 VRFs on which the data plane is there already, as the playbook ``site`` leaves
it: every L2VNI has its bridge and its VXLAN device, so that FRR brings each one up while it is configured. VRF devices
are missing, because many kernels have none; FRR takes a VRF's lines without its device.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.build import build
from ansible_collections.evpn.fabric.plugins.plugin_utils._intent.frr_text import frr_text

from tests.fabrics import fabric
from tests.frr_host import FrrHost

from .measure import Row, progress, repeated, seconds

IMAGES = ("debian12", "debian13")
NETWORKS, VRFS = 1000, 50
LEAF = "leaf1"
STARTUP, LINES = "/etc/frr/frr.conf", "/run/lines"


def rows() -> Iterator[Row]:
    """Seconds to apply and to find unchanged: what FRR derives by itself left out, and every VNI's targets spelt out."""
    for image in IMAGES:
        with FrrHost(image) as host:
            version = host.run("vtysh", "-c", "show version").stdout.split()[1]
            _make_devices(host)
            for kind, explicit in (("automatic targets", False), ("explicit targets", True)):
                text = _configuration(explicit)
                what = f"FRR {version}, {NETWORKS:,} L2VNIs, {VRFS} VRFs, {kind}"
                progress(f"frr: {what}: {text.count(chr(10)):,} lines")
                applied, read, unchanged, shown = repeated(functools.partial(_cycle, host, text))
                yield Row(f"{what}: apply", "s", applied, "vtysh -f", read, at_most=20)
                yield Row(f"{what}: unchanged", "s", unchanged, "show running-config", shown, at_most=1)


def _cycle(host: FrrHost, text: str) -> tuple[float, ...]:
    """Seconds: the module applies, vtysh reads the same lines; the module finds nothing to do, vtysh shows what runs."""
    _start_empty(host)
    applied = seconds(lambda: _bring(host, text, changes=True))
    unchanged = seconds(lambda: _bring(host, text, changes=False))
    shown = seconds(host.running_config)
    ours = host.running_config()
    _start_empty(host)
    host.run("tee", LINES, stdin=text)
    read = seconds(lambda: host.run("vtysh", "-f", LINES))
    assert host.running_config() == ours, "vtysh and the module came to different configurations"
    return applied, read, unchanged, shown


def _bring(host: FrrHost, text: str, changes: bool) -> None:
    """Runs the module as Ansible does on the host, interpreter and imports included."""
    result = host.module("frr_config", {"config": text}, diff=False)
    assert result.get("changed") is changes, result.get("msg")


def _start_empty(host: FrrHost) -> None:
    """Starts FRR anew, without any configuration."""
    host.stop()
    host.run("truncate", "--size=0", STARTUP)
    host.start()


def _make_devices(host: FrrHost) -> None:
    """A bridge and a VXLAN device for each L2VNI."""
    lines = []
    for network in fabric(networks=NETWORKS, vrfs=VRFS)[1][LEAF]["fabric_networks"]:
        vni = network["vni"]
        lines += [
            f"link add br{vni} type bridge",
            # Only now: the kernel refuses it while a device is created.
            f"link set br{vni} addrgenmode none",
            f"link add vxlan{vni} type vxlan id {vni} dstport 4789 local 10.255.1.2 nolearning",
            f"link set vxlan{vni} addrgenmode none",
            f"link set vxlan{vni} master br{vni} up",
            f"link set br{vni} up",
        ]
    host.run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")


def _configuration(explicit: bool) -> str:
    """The leaf's configuration; with ``explicit`` every VNI has a distinguisher and targets of its own."""
    groups, hostvars = fabric(networks=NETWORKS, vrfs=VRFS)
    if explicit:
        shared: dict[str, Any] = {
            "fabric_networks": [_explicit(network, network["vni"]) for network in hostvars[LEAF]["fabric_networks"]],
            "fabric_vrfs": [_explicit(vrf, vrf["l3vni"]) for vrf in hostvars[LEAF]["fabric_vrfs"]],
        }
        hostvars = {host: {**variables, **shared} for host, variables in hostvars.items()}
    built = build(groups, hostvars)
    assert not built.problems, built.problems[0]
    return frr_text(built.documents[LEAF]["frr"])


def _explicit(item: dict[str, Any], vni: int) -> dict[str, Any]:
    target = [f"65000:{vni}"]
    return {**item, "rd": vni, "route_targets": {"import": target, "export": target}}
