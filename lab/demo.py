"""``make demo``: a lab of real hosts, the collection's playbooks on it, pings across it, and a summary."""

from __future__ import annotations

import collections
import json
import os
import pathlib
import subprocess
import sys
import time
from typing import Any

from . import __main__ as lab
from . import pings
from .topology import hosts_of, list_inventory

ROOT = pathlib.Path(__file__).parents[1]
INVENTORY = ROOT / "inventories/lab"
REPORTS = ROOT / ".build/demo"
NAME = "demo"
WAYS = {
    "bridged": "in one network, across leaves",
    "routed": "across networks, through the L3VNI",
    None: "into another VRF",
}


def main() -> int:
    started = time.monotonic()
    _say("1/4 the lab")
    lab.up(NAME, INVENTORY)
    _say("2/4 evpn.fabric.site and evpn.fabric.gateways: the fabric of inventories/lab")
    changed = _play("site") + _play("gateways")
    _say("3/4 evpn.fabric.verify: is all as the inventory says?")
    REPORTS.mkdir(parents=True, exist_ok=True)
    _play("verify", "-e", f"verify_report_directory={REPORTS}")
    _say("4/4 pings between all tenant hosts, and to the router outside")
    listed = list_inventory(INVENTORY)
    sent = pings.send(pings.planned(pings.tenants(listed) + pings.outside(listed)), lab.STATE / "labs" / NAME / "ssh_config")
    print("\n".join(pings.table(sent)))
    _say("summary")
    print("\n".join(_summary(listed, sent)))
    print(f"\n{changed} tasks changed something." if changed else "\nThe hosts were as they should be: nothing was changed.")
    print(f"Took {time.monotonic() - started:.0f} s. The lab stays up; try:")
    print(f"  ssh -F {lab.STATE}/labs/{NAME}/ssh_config leaf1 vtysh -c \"'show evpn vni'\"")
    print("  .venv/bin/ansible-playbook evpn.fabric.site --check --diff -e fabric_anycast_mac=02:00:5e:00:02:02")
    print("  make clean          # removes the lab and all else that was made here")
    return 0 if all(ping.passed for ping in sent) else 1


def _say(what: str) -> None:
    print(f"\n== {what}", flush=True)


def _play(playbook: str, *arguments: str) -> int:
    """Runs a playbook of the installed artifact, showing its output; returns how many tasks changed something."""
    command = [str(ROOT / ".venv/bin/ansible-playbook"), f"evpn.fabric.{playbook}", "-i", str(INVENTORY), *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "ANSIBLE_FORCE_COLOR": "0"}
    )
    assert process.stdout
    changed = 0
    for line in process.stdout:
        print(line, end="", flush=True)
        changed += sum(int(word.partition("=")[2]) for word in line.split() if word.startswith("changed=") and " ok=" in line)
    if process.wait():
        raise SystemExit(f"demo: evpn.fabric.{playbook} failed, see above")
    return changed


def _summary(listed: dict[str, Any], sent: list[pings.Ping]) -> list[str]:
    """What there is now, and whether it works."""
    hostvars = listed["_meta"]["hostvars"]
    report: dict[str, list[dict[str, Any]]] = json.loads((REPORTS / "verify.json").read_text())
    shared = next(iter(hostvars.values()))
    lines = ["topology (every leaf is linked to every spine; eBGP unnumbered, BFD, EVPN over the same sessions):"]
    for host in hosts_of(listed, "fabric"):
        variables = hostvars[host]
        passed = collections.Counter(check["name"] for check in report[host] if check["passed"])
        facts = f"AS {variables['fabric_asn']}, {variables['fabric_loopback']}, {variables.get('lab_image', 'debian12')}"
        counts = f"{passed['bgp session']} sessions, {passed['l2vni']} L2VNIs, {passed['l3vni']} L3VNIs"
        counts += f", {sum(passed.values())} checks passed"
        lines.append(f"  {host:8} {facts:38} {counts}")
        for tenant in pings.tenants(listed):
            leaf, _colon, port = hostvars[tenant.name]["lab_port"].partition(":")
            if leaf != host:
                continue
            lines.append(f"    {port}: {tenant.name:6} {tenant.network:6} {', '.join(tenant.addresses)}")
    lines.append("networks:")
    for network in shared["fabric_networks"]:
        gateways = ", ".join(network.get("gateways", ())) or "only bridged"
        lines.append(f"  {network['name']:8} VNI {network['vni']}, VRF {network.get('vrf', '-'):9} {gateways}")
    lines.append("pings:")
    for way, text in WAYS.items():
        for family, colon in (("IPv4", False), ("IPv6", True)):
            of_kind = [ping for ping in sent if ping.way == way and (":" in ping.address) == colon]
            verdict = "all answered" if way else "none answered"
            failed = sum(not ping.passed for ping in of_kind)
            lines.append(f"  {family} {text:36} {len(of_kind)} pairs, {f'{failed} NOT as wanted' if failed else verdict}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
