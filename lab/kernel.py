"""Which kernel the test beds run on: this machine's own, or a stock one in a virtual machine."""

from __future__ import annotations

import os
import shutil
import subprocess

#: Link kinds that a fabric needs and that kernels are sometimes built without.
NEEDED_KINDS = {
    "vrf": ("type", "vrf", "table", "10"),
    "vlan": ("link", "lo", "type", "vlan", "id", "10"),
    "vxlan": ("type", "vxlan", "id", "10", "dstport", "4789"),
    "bridge": ("type", "bridge", "vlan_filtering", "1"),
    "dummy": ("type", "dummy"),
}


def missing_features() -> list[str]:
    """Names what this machine lacks to run containers with a whole fabric itself; empty if nothing is missing.

    Each link kind is tried in a network namespace that lives as long as the trial.
    """
    missing = []
    for kind, arguments in NEEDED_KINDS.items():
        command = ["unshare", "--net", "ip", "link", "add", "trial", *arguments]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            missing.append(f"{kind} devices")
    if not os.path.exists("/sys/fs/cgroup/cgroup.controllers"):
        missing.append("the unified cgroup hierarchy")
    return missing


def accelerator() -> tuple[str, ...]:
    """QEMU arguments for the fastest processor there is: hardware virtualization, or plain emulation."""
    with open("/proc/cpuinfo") as cpuinfo:
        words = set(cpuinfo.read().split())
    if words & {"vmx", "svm"} and os.access("/dev/kvm", os.R_OK | os.W_OK):
        return ("-accel", "kvm", "-cpu", "host")
    return ("-accel", "tcg,thread=multi,tb-size=1024", "-cpu", "max")


def require(*programs: str) -> None:
    """Raises ``SystemExit`` naming every program that is not installed."""
    absent = [program for program in programs if not shutil.which(program)]
    if absent:
        raise SystemExit(f"not installed: {', '.join(absent)}. `make setup` installs what the test beds need.")
