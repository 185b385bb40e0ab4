"""What ``evpn.fabric.site`` takes where there is nothing to do, beside four pings of the same hosts.

A ping is the least that a task can be: Ansible reaches the host, starts a module, and has its answer. Four is what a playbook
with a task for each of packages, forwarding, data plane and FRR would need at least. It runs on the demo's lab.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator

from lab import __main__ as lab

from .measure import Row, progress, repeated, seconds

ROOT = pathlib.Path(__file__).parents[1]
INVENTORY = ROOT / "inventories/lab"
LAB = "demo"
SITE = "evpn.fabric.site"
PINGS = ROOT / ".build/bench/pings.yml"
PEERS_TASKS = 4
#: Runs within which the playbook has to find nothing left to do: the first may have all to do.
SETTLED_WITHIN = 3


def rows() -> Iterator[Row]:
    """Remote tasks a host, and seconds of the whole command."""
    with contextlib.redirect_stdout(sys.stderr):
        lab.up(LAB, INVENTORY)
    _settle()
    tasks = _remote_tasks(_play(SITE, "-vvv"))
    _write_pings(PEERS_TASKS)
    pings = _remote_tasks(_play(str(PINGS), "-vvv"))
    peer = f"{pings} pings a host"
    yield Row(f"{SITE}, nothing to do: remote tasks", "tasks/host", (tasks,), peer, (pings,), at_most=2)
    progress(f"site: {SITE} and {pings} pings in turn")
    ours, peers = repeated(lambda: (seconds(_idle_site), seconds(lambda: _play(str(PINGS)))))
    yield Row(f"{SITE}, nothing to do: whole command", "s", ours, peer, peers, ratio_at_most=0.7)


def _settle() -> None:
    """Runs the playbook until it changes nothing."""
    for _run in range(SETTLED_WITHIN):
        progress(f"site: {SITE} until it changes nothing")
        if not _changes(_play(SITE)):
            return
    raise SystemExit(f"bench: {SITE} still changes something in run {SETTLED_WITHIN}")


def _idle_site() -> None:
    assert not _changes(_play(SITE)), f"{SITE} had something to do while it was timed"


def _changes(shown: str) -> bool:
    """Whether the recap in a playbook's output counts a change on any host."""
    return re.search(r"\bchanged=[1-9]", shown) is not None


def _play(playbook: str, *arguments: str) -> str:
    """Runs a playbook on the lab's fabric; returns its output."""
    command = [str(ROOT / ".venv/bin/ansible-playbook"), playbook, "-i", str(INVENTORY), "--limit", "fabric", *arguments]
    environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "0"}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"bench: {playbook} failed:\n{ended.stdout[-3000:]}{ended.stderr[-3000:]}")
    return ended.stdout


def _remote_tasks(shown: str) -> int:
    """The most tasks of one host that reached it over SSH, from output with ``-vvv``; Ansible's own words, not a guess."""
    connected: dict[str, set[int]] = {}
    task = 0
    for line in shown.splitlines():
        if line.startswith("TASK ["):
            task += 1
        elif found := re.match(r"<(.+?)> SSH: EXEC ", line):
            connected.setdefault(found[1], set()).add(task)
    return max(map(len, connected.values()))


def _write_pings(count: int) -> None:
    """A play like those of the playbook, with nothing but pings in it."""
    ping = {"name": "Ping", "ansible.builtin.ping": {}}
    PINGS.parent.mkdir(parents=True, exist_ok=True)
    PINGS.write_text(json.dumps([{"name": "Ping", "hosts": "fabric", "gather_facts": False, "tasks": [ping] * count}]))
