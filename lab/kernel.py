"""Which kernel the test beds run on: this machine's own, or a stock one in a virtual machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable

#: Kinds of devices that kernels are sometimes built without, with the commands that try them.
KINDS = {
    "VRF": ["link add trial type vrf table 10"],
    "VLAN": ["link add lower type veth peer name other", "link add link lower trial type vlan id 10"],
    "VXLAN": ["link add trial type vxlan id 10 dstport 4789"],
    "VLAN filtering bridge": ["link add trial type bridge vlan_filtering 1"],
    "dummy": ["link add trial type dummy"],
}


def missing_kinds(wanted: Iterable[str] = tuple(KINDS)) -> list[str]:
    """Names those of the ``wanted`` kinds of devices that this machine's kernel lacks; each is tried in a network namespace."""
    missing = []
    for kind in wanted:
        command = ["unshare", "--net", "ip", "-batch", "-"]
        lines = "\n".join(KINDS[kind]) + "\n"
        if subprocess.run(command, input=lines, text=True, capture_output=True, check=False).returncode:
            missing.append(kind)
    return missing


def has_unified_cgroups() -> bool:
    """Whether control groups are where systemd in a container looks for them."""
    return os.path.exists("/sys/fs/cgroup/cgroup.controllers")


def is_emulated() -> bool:
    """Whether the virtual machine's processor can only be emulated, because there is no hardware virtualization here."""
    with open("/proc/cpuinfo") as cpuinfo:
        words = set(cpuinfo.read().split())
    return not (words & {"vmx", "svm"} and os.access("/dev/kvm", os.R_OK | os.W_OK))


def require(*programs: str) -> None:
    """Raises ``SystemExit`` naming every program that is not installed."""
    absent = [program for program in programs if not shutil.which(program)]
    if absent:
        raise SystemExit(f"not installed: {', '.join(absent)}. `make setup` installs what the test beds need.")
