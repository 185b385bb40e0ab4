"""What whole commands cost the controller: checking an inventory, and ``site`` on hosts that answer at once.

The shape is that of :mod:`tests.fabrics`, with four spines. The hosts are there in name only, see
``benchmarks/connection_plugins``.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.fabrics import fabric

from .measure import Row, progress, repeated

ROOT = pathlib.Path(__file__).parents[1]
VALIDATE, SITE = "evpn.fabric.validate", "evpn.fabric.site"
SPINES, NETWORKS, VRFS = 4, 100, 10
#: Hosts that ``site`` is run on.
HOSTS = 500
#: Runs a command; tells its seconds and the MiB of its largest process. In between, because a process that is started has the
#: memory of the one that started it for a moment, which counts (setmax_mm_hiwater_rss in the kernel's fs/exec.c).
WATCH = """
import resource, subprocess, sys, time
started = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=sys.stderr).returncode
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
sys.exit(code)
"""


def rows() -> Iterator[Row]:
    """Checking 1,000 VTEPs beside 100; ``site`` beside pings of the same hosts."""
    with tempfile.TemporaryDirectory(prefix="evpn-bench-") as directory:
        yield from _validate_rows(pathlib.Path(directory))
        yield from _site_rows(pathlib.Path(directory))


def _validate_rows(place: pathlib.Path) -> Iterator[Row]:
    many, few = (_write_inventory(place / f"{leaves}.json", leaves) for leaves in (1000, 100))
    progress(f"playbooks: {VALIDATE} with 1,000 and with 100 VTEPs in turn")
    seconds, memory, fewer_seconds, less_memory = repeated(lambda: (*_cost(VALIDATE, many), *_cost(VALIDATE, few)))
    what = f"{VALIDATE}, 1,000 VTEPs, 4,000 links, {NETWORKS} networks"
    yield Row(f"{what}: whole command", "s", seconds, "100 VTEPs", fewer_seconds, at_most=10, ratio_at_most=10)
    yield Row("the same: peak memory", "MiB", memory, "100 VTEPs", less_memory, at_most=400)


def _site_rows(place: pathlib.Path) -> Iterator[Row]:
    inventory = _write_inventory(place / "site.json", HOSTS - SPINES)
    tasks = _remote_tasks(_play(SITE, inventory, "-vvv"))
    pings = place / "pings.yml"
    ping = {"name": "Ping", "ansible.builtin.ping": {}}
    pings.write_text(json.dumps([{"name": "Ping", "hosts": "fabric", "gather_facts": False, "tasks": [ping] * tasks}]))
    progress(f"playbooks: {SITE} and {tasks} pings of {HOSTS} hosts that answer at once, in turn")
    ours, memory, peers, least = repeated(lambda: (*_cost(SITE, inventory), *_cost(str(pings), inventory)))
    peer = f"{tasks} pings a host"
    what = f"{SITE}, {HOSTS} hosts that answer at once, nothing to do"
    yield Row(f"{what}: whole command", "s", ours, peer, peers, ratio_at_most=1.5)
    yield Row("the same: peak memory", "MiB", memory, peer, least)


def _write_inventory(path: pathlib.Path, leaves: int) -> pathlib.Path:
    """An inventory as somebody would write it: what is for all in the group, what is for one with the host."""
    groups, hostvars = fabric(leaves=leaves, networks=NETWORKS, vrfs=VRFS, spines=SPINES)
    first, *others = hostvars.values()
    shared = {key: value for key, value in first.items() if all(other.get(key) is value for other in others)}
    children = {
        group: {
            "hosts": {
                host: {key: value for key, value in hostvars[host].items() if key not in shared} for host in groups[group]
            }
        }
        for group in ("spines", "vteps")
    }
    path.write_text(json.dumps({"fabric": {"vars": {**shared, "ansible_connection": "at_once"}, "children": children}}))
    return path


def _command(playbook: str, inventory: pathlib.Path, *arguments: str) -> list[str]:
    return [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), playbook, "-i", str(inventory), *arguments]


def _run(command: list[str]) -> str:
    """What a command prints."""
    variables = {
        "ANSIBLE_CONNECTION_PLUGINS": str(ROOT / "benchmarks/connection_plugins"),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "ANSIBLE_FORCE_COLOR": "0",
    }
    ended = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"bench: {' '.join(command)} failed:\n{ended.stdout[-3000:]}{ended.stderr[-3000:]}")
    return ended.stdout


def _play(playbook: str, inventory: pathlib.Path, *arguments: str) -> str:
    shown = _run(_command(playbook, inventory, *arguments))
    assert not re.search(r"\bchanged=[1-9]", shown), f"{playbook} had something to do"
    return shown


def _cost(playbook: str, inventory: pathlib.Path) -> tuple[float, float]:
    """Seconds of the whole command, and MiB of its largest process."""
    seconds, memory = _run([sys.executable, "-c", WATCH, *_command(playbook, inventory)]).split()
    return float(seconds), float(memory)


def _remote_tasks(shown: str) -> int:
    """The most tasks of one host that were sent to it, from output with ``-vvv``."""
    connected: dict[str, set[int]] = {}
    task = 0
    for line in shown.splitlines():
        if line.startswith("TASK ["):
            task += 1
        elif found := re.match(r"<(.+?)> AT_ONCE: EXEC ", line):
            connected.setdefault(found[1], set()).add(task)
    return max(map(len, connected.values()))
