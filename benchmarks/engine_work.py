"""One piece of the data plane engine's work, or its peer's, in the network namespace this process is in.

``python -m benchmarks.engine_work WHO WORK COUNT`` prints the seconds it took ("own": of the processor, outside the kernel).
For the work ``all`` it prints, for each of some runs with nothing to do, seconds, the most memory that the run's process had in
MiB, and the seconds of the peer.
"""

from __future__ import annotations

import gc
import pathlib
import resource
import subprocess
import sys
import tempfile
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import Document
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.kernel import PROTOCOL, Kernel
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import KernelPlane
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import DATAPLANE

from .measure import RUNS, seconds

#: VTEPs that forwarding entries lead to.
VTEPS = 250
#: Forwarding entries for each pair in the run with nothing to do.
ENTRIES_OF_A_PAIR = 25
LOCAL = "10.255.0.1"
MARK = "[evpn.fabric]"
SETUP = {
    "pairs": [],
    "fdb": [f"link add vx0 type vxlan id 10 dstport 4789 local {LOCAL} nolearning", "link set vx0 up"],
    "neighbors": ["link add v0 type veth peer name v1", "link set v1 up", "link set v0 up", "address add 10.0.0.1/8 dev v0"],
}
SETUP["routes"] = SETUP["neighbors"]
Params = dict[str, Any]


def mac(number: int) -> str:
    return "02:00:" + number.to_bytes(4, "big").hex(":")


def address(number: int) -> str:
    return f"10.{1 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def params(work: str, count: int) -> Params:
    """Options of the module ``dataplane``."""
    if work == "pairs":
        return {
            "bridges": [{"name": f"br{number}", "ipv6_link_local": False} for number in range(count)],
            "vxlans": [
                {"name": f"vx{number}", "vni": number + 1, "local": LOCAL, "bridge": f"br{number}", "learning": False,
                 "mtu": 1450, "ipv6_link_local": False} for number in range(count)
            ],
        }  # fmt: skip
    if work == "fdb":
        return {"fdb": [{"dev": "vx0", "mac": mac(number), "dst": address(number % VTEPS)} for number in range(count)]}
    if work == "neighbors":
        return {"neighbors": [{"dev": "v0", "ip": address(number), "mac": mac(number)} for number in range(count)]}
    if work == "routes":
        return {"routes": [{"dst": f"11.{number >> 8}.{number & 255}.0/24", "via": "10.0.0.2"} for number in range(count)]}
    entries = [
        {"dev": f"vx{number % count}", "mac": mac(number), "dst": address(number % VTEPS)}
        for number in range(count * ENTRIES_OF_A_PAIR)
    ]
    return {**params("pairs", count), "fdb": entries, "purge": True}


def batch(work: str, count: int) -> tuple[str, list[str]]:
    """The peer's program and its lines: the same objects with the same attributes."""
    if work == "pairs":
        lines = []
        for number in range(count):
            lines += [
                f"link add name br{number} type bridge",
                # Only now: the kernel refuses it while a device is created.
                f"link set br{number} addrgenmode none alias {MARK}",
                f"link add vx{number} mtu 1450 master br{number} "
                f"type vxlan id {number + 1} local {LOCAL} dstport 4789 nolearning",
                f"link set vx{number} addrgenmode none alias {MARK}",
                f"link set vx{number} up",
                f"link set br{number} up",
            ]
        return "ip", lines
    listed = params(work, count)[work]
    if work == "fdb":
        return "bridge", [f"fdb add {entry['mac']} dev vx0 dst {entry['dst']} static" for entry in listed]
    if work == "neighbors":
        lines = [f"neigh add {entry['ip']} dev v0 lladdr {entry['mac']} nud permanent protocol {PROTOCOL}" for entry in listed]
        return "ip", lines
    return "ip", [f"route add {entry['dst']} via {entry['via']} proto {PROTOCOL}" for entry in listed]


def validated(options: Params) -> Params:
    """Options as a module finds them."""
    checked = ArgumentSpecValidator(DATAPLANE).validate(options)
    assert not checked.error_messages, checked.error_messages
    return checked.validated_parameters


def bring(options: Params) -> int:
    """From parsed parameters to verified result, as the module does it; how many operations that took."""
    document, kernel = Document.from_params(options), Kernel()
    plane = KernelPlane(kernel)
    made = plane.plan(document, plane.read(document))
    if made.operations:
        plane.apply(made)
    kernel.close()
    return len(made.operations)


def ours(work: str, count: int) -> float:
    options = validated(params(work, count))
    made = []
    took = seconds(lambda: made.append(bring(options)))
    assert made[0] >= count, "this was measured with nothing to do"
    return took


def own(work: str, count: int) -> float:
    """Seconds of the processor outside the kernel.

    What the kernel takes grows with the square of the devices, whoever asks for them: for each it walks along the routes
    ff00::/8 of all others. IPv6 is off here, so that it does not take quite as long.
    """
    pathlib.Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1\n")
    options = validated(params(work, count))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    bring(options)
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - before


def peers(work: str, count: int) -> float:
    program, lines = batch(work, count)
    with tempfile.NamedTemporaryFile("w", suffix=".batch") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        return seconds(lambda: subprocess.run([program, "-batch", file.name], check=True))


def shown() -> float:
    """The peer of a run with nothing to do: what reads and prints the same objects."""

    def show() -> None:
        for command in (["ip", "-d", "-j", "link"], ["bridge", "-j", "fdb"]):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    return seconds(show)


def idle(count: int) -> tuple[float, float]:
    options = validated(params("all", count))
    made = []
    took = seconds(lambda: made.append(bring(options)))
    assert made == [0], "this was measured with something to do"
    return took, peak_memory()


def peak_memory() -> float:
    """The most memory that this process had, in MiB.

    What getrusage() tells of a process is at least what its parent had when it started it, which has made all the objects.
    """
    told = pathlib.Path("/proc/self/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    who, work, number = sys.argv[1:]
    count = int(number)
    gc.disable()  # as the modules do
    if who == "idle":
        print(*idle(count))
        return
    threshold = pathlib.Path("/proc/sys/net/ipv4/neigh/default/gc_thresh3")
    if threshold.exists():
        threshold.write_text("100000\n")
    subprocess.run(
        ["ip", "-batch", "-"], input="\n".join(["link set lo up", *SETUP.get(work, [])]) + "\n", text=True, check=True
    )
    if work == "all":
        bring(validated(params(work, count)))
        again = [sys.executable, "-m", "benchmarks.engine_work", "idle", work, number]
        for _run in range(RUNS):
            print(subprocess.run(again, check=True, capture_output=True, text=True).stdout.strip(), shown())
    else:
        print({"ours": ours, "own": own, "peers": peers}[who](work, count))


if __name__ == "__main__":
    main()
