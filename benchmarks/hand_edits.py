"""Whether what somebody changes by hand on a running lab is found and repaired, and whether drift is silent where nobody has.

The hosts are containers with systemd and real FRR (:mod:`tests.hand_edits`): a leaf of the oldest and one of the newest
release, a gateway and a spine. Each is brought to what one inventory derives, and edited with ip, bridge, sysctl, vtysh,
systemctl and sed. An edit counts as found if drift names its very object; as repaired if drift has nothing to report afterwards
and all that can be seen of the host is as before. What is somebody else's is found and left to people, who remove it here.

Not edited is what nobody has written down: MAC addresses and MTUs that no document says, what a daemons file says besides
daemons. Kinds of devices that this machine's kernel lacks are left out.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from tests.hand_edits import LAB, EditedSite, Outcome, edited

from .measure import Row, progress, repeated, seconds

ROOT = pathlib.Path(__file__).parents[1]
#: Of edits on all hosts, and of looks at each host before its first edit.
EDITS, UNTOUCHED = 200, 50
SEED = 17


def rows() -> Iterator[Row]:
    """Edits that were not found, or not repaired; reports where there is nothing to report; seconds of such a run."""
    outcomes: list[Outcome] = []
    false_reports = []
    for name, image in LAB.items():
        progress(f"edits: {name}, {image}")
        untouched, *tried = edited(name, EDITS // len(LAB), SEED, UNTOUCHED)
        assert isinstance(untouched, int)
        false_reports.append(untouched)
        outcomes += [each for each in tried if isinstance(each, Outcome)]
        for each in outcomes[-len(tried) :]:
            if each.missed or each.left:
                progress(each.words)
    made = (float(len(outcomes)),)
    what = f"{len(outcomes)} hand edits on {len(LAB)} hosts"
    ours = [each for each in outcomes if not each.edit.undo]
    yield Row(f"{what}: not found", "edits", (_count(each.missed for each in outcomes),), "made", made, at_most=0)
    left = (_count(each.left for each in ours),)
    yield Row(f"{what}: not repaired", "edits", left, "of ours", (float(len(ours)),), at_most=0)
    returned = _count(each.returned for each in outcomes)
    killed = _count(each.edit.daemon for each in outcomes)
    yield Row("the same: daemons that were back before drift looked", "daemons", (returned,), "killed", (killed,))
    looks = (float(UNTOUCHED * len(LAB)),)
    yield Row("untouched lab: false reports", "reports", (float(sum(false_reports)),), "runs on a host", looks, at_most=0)
    yield _beside_a_ping()


def _count(marks: Iterator[Any]) -> float:
    return float(sum(map(bool, marks)))


def _beside_a_ping() -> Row:
    """One task that looks for drift where there is none beside one that pings, of the same host over the same connection."""
    with EditedSite("leaf1") as site, tempfile.TemporaryDirectory(prefix="evpn-bench-") as directory:
        place = pathlib.Path(directory)
        host = {"ansible_connection": "nsenter", "pid_of_host": site.systemd.outer_pid}
        (place / "inventory.json").write_text(json.dumps({"all": {"hosts": {"leaf1": host}}}))
        drift, ping = (_playbook(place, module) for module in ("evpn.fabric.drift_info", "ansible.builtin.ping"))
        _play(drift)
        progress("edits: drift_info and ping in turn")
        ours, peers = repeated(lambda: (seconds(lambda: _play(drift)), seconds(lambda: _play(ping))))
    return Row("drift_info, nothing to report: whole command", "s", ours, "ping", peers, ratio_at_most=1.3)


def _playbook(place: pathlib.Path, module: str) -> pathlib.Path:
    """A playbook with one task, which fails if it finds anything."""
    fails = "(asked.findings | default([]) + asked.problems | default([])) | length > 0"
    task = {"name": "Ask", module: {}, "register": "asked", "failed_when": fails}
    path = place / f"{module}.yml"
    path.write_text(json.dumps([{"name": "Ask", "hosts": "all", "gather_facts": False, "tasks": [task]}]))
    return path


def _play(playbook: pathlib.Path) -> None:
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build/importable"),
        "ANSIBLE_CONNECTION_PLUGINS": str(ROOT / "tests/connection_plugins"),
        "ANSIBLE_HOME": str(playbook.parent / "ansible"),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
    }
    command = [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), "-i", "inventory.json", str(playbook)]
    ended = subprocess.run(command, cwd=playbook.parent, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"bench: {playbook.name} failed:\n{ended.stdout[-3000:]}{ended.stderr[-3000:]}")
