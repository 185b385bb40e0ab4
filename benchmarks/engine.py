"""What the data plane engine takes, from parsed parameters to verified result, beside iproute2 with the same objects.

Each figure is taken in a network namespace of its own. A namespace that is left takes its devices with it, and the kernel
holds everybody else up while it removes them: the next figure waits until that is done.
"""

from __future__ import annotations

import functools
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

from tests.frr_host import FrrHost
from tests.namespaces import ip, link, own_network

from .measure import Row, progress, repeated, seconds

ROOT = pathlib.Path(__file__).parents[1]
PAIRS, ENTRIES, OTHERS = 4000, 100_000, 20_000
FEW, MANY = 1000, 16_000
MARKER = "bench-marker"
TASKS = ROOT / ".build/bench/tasks.json"
IMAGE = "debian12"
CONFIGURATION = """\
frr defaults traditional
hostname leaf
log syslog informational
service integrated-vtysh-config
!
router bgp 65001
 neighbor 192.0.2.9 remote-as 65002
 !
 address-family l2vpn evpn
  neighbor 192.0.2.9 activate
  advertise-all-vni
 exit-address-family
exit
!
end
"""
#: Tasks of a kind in one play, so that what starting Ansible takes can be subtracted.
ONE, SEVERAL = 1, 21


def rows() -> Iterator[Row]:
    """Creation of entries, a run with nothing to do and its memory, the whole task."""
    with own_network():
        yield from _creation("fdb", ENTRIES, "static FDB entries", "bridge -batch")
        yield from _creation("neighbors", OTHERS, "neighbors", "ip -batch")
        yield from _creation("routes", OTHERS, "routes", "ip -batch")
        yield from _idle()
    yield from _tasks()


def link_rows() -> Iterator[Row]:
    """Creation of devices, and growth with their number. The kernel needs a minute to remove what each run has made."""
    with own_network():
        yield from _creation("pairs", PAIRS, "VXLAN and bridge pairs, enslaved and up", "ip -batch")
        yield from _growth()


def _creation(work: str, count: int, what: str, peer: str) -> Iterator[Row]:
    progress(f"engine: {count:,} {what}")
    ours, peers = repeated(functools.partial(_both, work, count))
    yield Row(f"create {count:,} {what}", "s", ours, f"{peer}, the same", peers, ratio_at_most=1.0)


def _both(work: str, count: int) -> tuple[float, ...]:
    return _work("ours", work, count)[0], _work("peers", work, count)[0]


def _growth() -> Iterator[Row]:
    progress(f"engine: {FEW:,} and {MANY:,} pairs")
    # Once: the kernel removes 32,000 devices for minutes, and so many pairs are a mean by themselves.
    many, few = repeated(lambda: (_each(MANY), _each(FEW)), runs=1)
    yield Row(f"create {MANY:,} pairs: our own processor time", "us/pair", many, f"ours at {FEW:,}", few, ratio_at_most=1.2)


def _each(count: int) -> float:
    """Microseconds that one of so many pairs takes, outside the kernel."""
    return _work("own", "pairs", count)[0] / count * 1e6


def _idle() -> Iterator[Row]:
    what = f"nothing to do: {PAIRS:,} pairs, {ENTRIES:,} FDB entries"
    progress(f"engine: {what}")
    figures = _work("ours", "all", PAIRS)  # all runs on one host, which takes longer to make than to look at
    ours, memory, peers = (figures[place::3] for place in range(3))
    yield Row(what, "s", ours, "ip -d -j link, bridge -j fdb", peers, ratio_at_most=1.0)
    yield Row(f"{what}: peak memory", "MiB", memory, "the same run", memory, at_most=200)


def _work(who: str, work: str, count: int) -> tuple[float, ...]:
    """The figures of one piece of work in a namespace of its own, once that namespace is gone."""
    script = f'ip link add m0 type veth peer name {MARKER} netns {os.getpid()} && exec "$@"'
    command = [
        "unshare",
        "--net",
        "sh",
        "-c",
        script,
        "sh",
        sys.executable,
        "-m",
        "benchmarks.engine_work",
        who,
        work,
        str(count),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench: {who} {work} {count} failed:\n{done.stdout}{done.stderr[-3000:]}")
    while link(MARKER):
        time.sleep(0.1)
    ip("link set lo down", "link set lo up")  # waits for whoever holds the kernel's lock
    return tuple(map(float, done.stdout.split()))


def _tasks() -> Iterator[Row]:
    vnis = range(1, 101)
    kernel: dict[str, object] = {
        "bridges": [{"name": f"br{vni}", "ipv6_link_local": False} for vni in vnis],
        "vxlans": [{"name": f"vx{vni}", "vni": vni, "bridge": f"br{vni}", "learning": False} for vni in vnis],
    }
    ping = Task("ansible.builtin.ping", {})
    progress("engine: tasks with nothing to do")
    with FrrHost(IMAGE) as host:
        interpreter = _interpreter(host)
        dataplane = Task("evpn.fabric.dataplane", kernel)
        both = Task("evpn.fabric.fabric_host", {"kernel": kernel, "frr": {"config": CONFIGURATION}, "persist": True})
        for task, what, most in (
            # In this order: the second leaves an engine, which the first would run from.
            (dataplane, "evpn.fabric.dataplane, nothing to do, 100 VNIs", 1.5),
            (both, "evpn.fabric.fabric_host, nothing to do, 100 VNIs and FRR", 1.6),
            (dataplane, "evpn.fabric.dataplane, the same, from the engine that the host keeps", 1.0),
            (Task("evpn.fabric.host_info", {}), "evpn.fabric.host_info, from the engine that the host keeps", 1.0),
        ):
            _play(task, ONE, interpreter)
            ours, peers = repeated(functools.partial(_beside, task, ping, interpreter))
            yield Row(f"task {what}", "s", ours, "ansible.builtin.ping", peers, ratio_at_most=most)


class Task(NamedTuple):
    module: str
    options: dict[str, object]


def _interpreter(host: FrrHost) -> str:
    """A program that is Python on a host: Ansible, which has a local connection, sends its modules there."""
    path = TASKS.with_name("python")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec {shlex.join(host._inside("python3"))} "$@"\n')
    path.chmod(0o755)
    return str(path)


def _beside(ours: Task, peer: Task, interpreter: str) -> tuple[float, ...]:
    return _seconds(ours, interpreter), _seconds(peer, interpreter)


def _seconds(task: Task, interpreter: str) -> float:
    """Seconds of one task among several."""
    many, one = (seconds(functools.partial(_play, task, count, interpreter)) for count in (SEVERAL, ONE))
    return (many - one) / (SEVERAL - ONE)


def _play(task: Task, count: int, interpreter: str) -> None:
    play = {
        "name": "Tasks",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": interpreter, "ansible_pipelining": True},
        "tasks": [{task.module: task.options}] * count,
    }
    TASKS.write_text(json.dumps([play]))
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build/collections")}
    ended = subprocess.run(
        [str(ROOT / ".venv/bin/ansible-playbook"), str(TASKS)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise SystemExit(f"bench: the play failed:\n{ended.stdout[-3000:]}{ended.stderr[-3000:]}")
