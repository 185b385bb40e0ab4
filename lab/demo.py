"""``make demo``: a lab of real hosts, the collection's playbooks on it, pings across it, a gateway's end, and a summary."""

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
from . import death, losses, pings
from .topology import hosts_of, list_inventory

ROOT = pathlib.Path(__file__).parents[1]
INVENTORY = ROOT / "inventories/lab"
REPORTS = ROOT / ".build/demo"
NAME = "demo"
#: The gateway that is taken out and dies, and, in seconds: how long it is dead, how long its tenants are watched meanwhile, and
#: how long they may be without an answer (BFD takes 1.5 s to see a death).
GATEWAY, DEAD, WATCHED, LONGEST = "gw1", 14, 8, 5
#: What somebody does by hand, and where.
EDITED, EDIT = "leaf1", ("ip", "link", "set", "vxlan10100", "mtu", "1400")
WAYS = {
    "bridged": "in one network, across leaves",
    "routed": "across networks, through the L3VNI",
    None: "into another VRF",
}


def main() -> int:
    started = time.monotonic()
    _say("1/6 the lab")
    lab.up(NAME, INVENTORY)
    _say("2/6 evpn.fabric.site and evpn.fabric.gateways: the fabric of inventories/lab")
    changed = _play("site") + _play("gateways")
    _say("3/6 evpn.fabric.verify: is all as the inventory says?")
    REPORTS.mkdir(parents=True, exist_ok=True)
    _play("verify", "-e", f"verify_report_directory={REPORTS}")
    _say("4/6 pings between all tenant hosts, and to the router outside")
    listed = list_inventory(INVENTORY)
    ssh_config = lab.STATE / "labs" / NAME / "ssh_config"
    sent = pings.send(pings.planned(pings.tenants(listed) + pings.outside(listed)), ssh_config)
    print("\n".join(pings.table(sent)))
    _say(f"5/6 {GATEWAY} is drained, is taken in again, and dies, with packets under way")
    lost = {what: _lost(what, listed, ssh_config) for what in ("drain", "undrain", "death")}
    _say(f"6/6 somebody edits {EDITED} by hand; evpn.fabric.drift finds it, evpn.fabric.remediate repairs it")
    subprocess.run(["ssh", "-F", str(ssh_config), EDITED, *EDIT], check=True, stdin=subprocess.DEVNULL)
    state = ("-e", f"fabric_state_directory={REPORTS}")
    for playbook in ("drift", "remediate", "drift", "report"):
        _play(playbook, *state)
    left = _differences()
    _say("summary")
    print("\n".join([*_summary(listed, sent), *_losses(lost)]))
    print(f"\n{changed} tasks changed something." if changed else "\nThe hosts were as they should be: nothing was changed.")
    print(f"{EDITED} was edited by hand: {'found and repaired' if not left else f'NOT repaired: {left}'}.")
    print(f"The fabric as one page: {REPORTS}/report.html")
    print(f"Took {time.monotonic() - started:.0f} s. The lab stays up; try:")
    print(f"  ssh -F {ssh_config} leaf1 vtysh -c \"'show evpn vni'\"")
    print("  .venv/bin/ansible-playbook evpn.fabric.site --check --diff -e fabric_anycast_mac=02:00:5e:00:02:02")
    print("  make clean          # removes the lab and all else that was made here")
    flows = all(loss.lost < loss.sent and loss.longest < 1000 * LONGEST for streams in lost.values() for loss in streams)
    return 0 if flows and not left and all(ping.passed for ping in sent) else 1


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


def _lost(what: str, listed: dict[str, Any], ssh_config: pathlib.Path) -> list[losses.Loss]:
    """What tenants of central networks and the router outside lose of their packets to each other meanwhile."""
    with losses.measured(listed, ssh_config) as lost:
        if what == "death":
            death.let_die(ssh_config, GATEWAY, DEAD)
            time.sleep(WATCHED)
        else:
            _play(what, "-e", f"gateway={GATEWAY}")
    print("\n".join(losses.table(lost)), flush=True)
    return lost


def _differences() -> list[str]:
    """What drift has found on the host that was edited, and has not seen again since."""
    report = json.loads((REPORTS / "drift.json").read_text())
    ended = [each["name"] for each in report["ended"] if each["host"] == EDITED]
    return [each["name"] for each in report["hosts"][EDITED]["findings"]] or ([] if ended else ["drift did not find it"])


def _losses(lost: dict[str, list[losses.Loss]]) -> list[str]:
    lines = [f"{GATEWAY}, with packets both ways between tenants of central networks and the router outside:"]
    for what, streams in lost.items():
        sent, missing = sum(loss.sent for loss in streams), sum(loss.lost for loss in streams)
        longest = max(loss.longest for loss in streams)
        lines.append(f"  {what:8} {missing} of {sent} packets lost, {longest} ms without an answer at the longest")
    return lines


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
