"""The playbook remediate over several hosts: which are repaired, in which batches, and where it stops.

The hosts are stand-ins of three modules: one tells what differs, the others note that they were to repair it, and to confirm
that. What the modules do on real hosts, and a repair from end to end, is tried elsewhere.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[2]
DRIFT_INFO = """\
import json, pathlib
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({"gateway": {"type": "dict"}, "lock_timeout": {"type": "int"}}, supports_check_mode=True)
seen = json.loads(pathlib.Path("seen.json").read_text())
module.exit_json(changed=False, confirmed=None, problems=[], ownership=None, **seen)
"""
FABRIC_HOST = """\
import os, pathlib, time
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({"state": {}, "max_disruption": {}, "lock_timeout": {}, "confirm_timeout": {}}, supports_check_mode=True)
host, log = pathlib.Path.cwd().name, pathlib.Path("../log")
with log.open("a") as file:
    file.write("begin %s %s %s\\n" % (host, module.params["state"], module.params["max_disruption"]))
time.sleep(0.5)
with log.open("a") as file:
    file.write("end %s\\n" % host)
if pathlib.Path("refuses").exists():
    module.fail_json(msg="the kernel refused it; %s was reverted" % host)
done = {"action": "change", "kind": "bridge", "name": "br1", "disruption": "hitless", "reason": "mtu"}
module.exit_json(changed=True, operations=[done], checkpoint={"id": host, "seconds": 60})
"""
CHECKPOINT = """\
import pathlib
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({"state": {}, "id": {}, "wait": {"type": "int"}}, supports_check_mode=True)
if module.params["wait"] and pathlib.Path("loses_sessions").exists():
    module.fail_json(msg="these BGP sessions have not come back")
if not module.check_mode:
    with pathlib.Path("../log").open("a") as file:
        file.write("%s %s\\n" % (module.params["state"], module.params["id"]))
module.exit_json(changed=True)
"""
FINDING = {
    "plane": "kernel",
    "kind": "bridge",
    "name": "br1",
    "whose": "changed",
    "action": "change",
    "reason": "mtu 1400 -> 1450",
    "disruption": "hitless",
    "repairable": True,
}
NAMES = ("leaf1", "leaf2", "leaf3", "spine1", "spine2")


class Fabric:
    """Five hosts, each a directory of this machine, and the playbook over them."""

    def __init__(self, place: pathlib.Path):
        self.place = place
        collection = place / "collections/ansible_collections/evpn/fabric"
        (collection / "plugins/modules").mkdir(parents=True)
        for source in (*(ROOT / name for name in ("galaxy.yml", "meta", "roles", "playbooks")), *(ROOT / "plugins").iterdir()):
            if source.name not in ("modules", "__pycache__"):
                (collection / source.relative_to(ROOT)).symlink_to(source)
        for source in (ROOT / "plugins/modules").glob("*.py"):
            if source.stem not in ("drift_info", "fabric_host", "checkpoint"):
                (collection / "plugins/modules" / source.name).symlink_to(source)
        (collection / "plugins/modules/drift_info.py").write_text(DRIFT_INFO)
        (collection / "plugins/modules/fabric_host.py").write_text(FABRIC_HOST)
        (collection / "plugins/modules/checkpoint.py").write_text(CHECKPOINT)
        for name in NAMES:
            (place / name).mkdir()
            # A module runs in the directory of its host.
            python = place / name / "python"
            python.write_text(f'#!/bin/sh\ncd {place / name} && exec {sys.executable} "$@"\n')
            python.chmod(0o755)
            self.sees(name)
        hosts: dict[str, dict[str, Any]] = {
            name: {"fabric_asn": 65000 + number, "fabric_loopback": f"10.255.0.{number}"}
            for number, name in enumerate(NAMES, 1)
        }
        links = [
            {"ends": [f"{spine}:eth{number}", f"{leaf}:{spine}"]}
            for spine in NAMES[3:]
            for number, leaf in enumerate(NAMES[:3])
        ]
        fabric = {
            "vars": {
                "ansible_connection": "local",
                "ansible_become": False,
                "ansible_python_interpreter": f"{place}/{{{{ inventory_hostname }}}}/python",
                "fabric_links": links,
                # The stand-ins keep no document that an inventory could derive.
                "remediate_changed_inventory": True,
            },
            "children": {
                "vteps": {"hosts": {name: hosts[name] for name in NAMES[:3]}},
                "spines": {"hosts": {name: hosts[name] for name in NAMES[3:]}},
            },
        }
        (place / "inventory.yml").write_text(yaml.safe_dump({"all": {"children": {"fabric": fabric}}}))

    def sees(self, name: str, *findings: dict[str, Any], **told: Any) -> None:
        """What a host tells of itself."""
        (self.place / name / "seen.json").write_text(json.dumps({"findings": [*findings], **told}))

    def remediate(self, *words: str, **variables: Any) -> tuple[int, str]:
        """The exit status of the playbook, and what it prints."""
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(self.place / "collections"),
            "ANSIBLE_HOME": str(self.place / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "XDG_STATE_HOME": str(self.place / "state"),
        }
        command = [
            str(pathlib.Path(sys.executable).with_name("ansible-playbook")),
            "-i",
            "inventory.yml",
            "evpn.fabric.remediate",
        ]
        command += ["--extra-vars", json.dumps(variables), *words]
        done = subprocess.run(command, cwd=self.place, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def log(self) -> list[str]:
        """What was repaired, in order; then no more of it."""
        path = self.place / "log"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines


@pytest.fixture
def fabric(tmp_path: pathlib.Path) -> Fabric:
    made = Fabric(tmp_path)
    for name in NAMES:
        made.sees(name, FINDING)
    return made


def begun(log: list[str]) -> list[str]:
    return [line.split()[1] for line in log if line.startswith("begin")]


def test_nothing_is_done_where_nothing_differs(fabric: Fabric) -> None:
    for name in NAMES:
        fabric.sees(name)
    status, shown = fabric.remediate(remediate_fail=True)
    assert status == 0 and "Nothing differs." in shown, shown
    assert fabric.log() == [] and not (fabric.place / "state/evpn-fabric/remediation.json").exists()


def test_a_check_says_what_is_repaired_and_remembers_nothing(fabric: Fabric) -> None:
    status, shown = fabric.remediate("--check", remediate_hosts_per_hour=1)
    assert status == 0 and "leaf1: repaired now, 1 finding: bridge br1" in shown, shown
    assert "leaf2: not repaired, 1 finding: Only 1 hosts are repaired within an hour" in shown
    assert "change bridge br1 [hitless] mtu" in shown, "its operations are shown"
    assert begun(fabric.log()) == ["leaf1"] and not (fabric.place / "state/evpn-fabric/remediation.json").exists()


def test_hosts_are_repaired_batch_after_batch_and_never_two_spines_at_once(fabric: Fabric) -> None:
    status, shown = fabric.remediate(remediate_hosts_at_once=3)
    assert status == 0, shown
    log = fabric.log()
    assert "begin leaf1 confirmed hitless" in log
    assert sorted(line for line in log if line.startswith("confirmed")) == [f"confirmed {name}" for name in NAMES]
    log = [line for line in log if not line.startswith("confirmed")]
    assert (
        sorted(begun(log[:6])) == ["leaf1", "leaf2", "leaf3"] and sorted(line.split()[0] for line in log[:6])[3:] == ["end"] * 3
    )
    assert [line.split()[:2] for line in log[6:]] == [
        ["begin", "spine1"],
        ["end", "spine1"],
        ["begin", "spine2"],
        ["end", "spine2"],
    ]
    repairs = json.loads((fabric.place / "state/evpn-fabric/remediation.json").read_text())["repairs"]
    assert [repair["host"] for repair in repairs] == list(NAMES)


def test_limits_count_over_runs(fabric: Fabric) -> None:
    assert fabric.remediate(remediate_hosts_per_hour=2)[0] == 0
    assert begun(fabric.log()) == ["leaf1", "leaf2"]
    status, shown = fabric.remediate(remediate_hosts_per_hour=2, remediate_fail=True)
    assert begun(fabric.log()) == [] and status == 2 and "remediate_hosts_per_hour" in shown
    assert fabric.remediate("--limit", "spine1", remediate_hosts_per_hour="3")[0] == 0
    assert begun(fabric.log()) == ["spine1"], "of the hosts that the run is for"


def test_the_first_repair_that_fails_ends_the_run(fabric: Fabric) -> None:
    (fabric.place / "leaf2/refuses").touch()
    status, shown = fabric.remediate()
    assert status == 2 and "the kernel refused it; leaf2 was reverted" in shown
    assert begun(fabric.log()) == ["leaf1", "leaf2"]


def test_no_host_of_a_batch_is_confirmed_where_one_cannot_be(fabric: Fabric) -> None:
    (fabric.place / "leaf2/loses_sessions").touch()
    status, shown = fabric.remediate(remediate_hosts_at_once=3)
    assert status == 2 and "these BGP sessions have not come back" in shown, shown
    log = fabric.log()
    assert sorted(begun(log)) == ["leaf1", "leaf2", "leaf3"] and not any(line.startswith("confirmed") for line in log), log


def test_a_host_whose_repair_fails_keeps_no_other_from_being_repaired(fabric: Fabric) -> None:
    (fabric.place / "leaf1/refuses").touch()
    memory = fabric.place / "state/evpn-fabric/remediation.json"
    assert fabric.remediate(remediate_returns=2)[0] == 2
    assert begun(fabric.log()) == ["leaf1"]
    assert [(each["host"], each["succeeded"]) for each in json.loads(memory.read_text())["repairs"]] == [("leaf1", False)]
    assert fabric.remediate(remediate_returns=2)[0] == 2
    assert begun(fabric.log()) == ["leaf2", "leaf3", "spine1", "spine2", "leaf1"], "it comes last"
    status, shown = fabric.remediate(remediate_returns=2)
    assert status == 0 and begun(fabric.log()) == ["leaf2", "leaf3", "spine1", "spine2"], shown
    assert "leaf1: not repaired, 1 finding: The repair failed 2 times within 24 h: bridge br1." in shown
    repairs = [(each["host"], each["succeeded"]) for each in json.loads(memory.read_text())["repairs"]]
    healthy = [(name, True) for name in NAMES[1:]]
    assert repairs == [("leaf1", False), *healthy, ("leaf1", False), *healthy]


def test_a_webhook_that_is_down_fails_the_run_after_the_repair(fabric: Fabric) -> None:
    for name in NAMES[1:]:
        fabric.sees(name)
    status, shown = fabric.remediate(drift_webhook_url="http://127.0.0.1:1/secret")
    assert status == 2 and begun(fabric.log()) == ["leaf1"], shown
    assert shown.index("Say what was repaired") < shown.rindex("the webhook did not answer"), shown
    assert "/secret" not in shown, "it may be a secret"


def test_nothing_is_touched_while_a_host_is_in_maintenance(fabric: Fabric) -> None:
    fabric.sees("spine2", maintenance={"until": "2026-11-27T14:00:00Z"})
    status, shown = fabric.remediate()
    assert status == 0 and shown.count("spine2 is in maintenance until 2026-11-27T14:00:00Z, and nothing is repaired") == 4, (
        shown
    )
    assert fabric.log() == []


def test_a_memory_that_cannot_be_read_is_refused_before_anything_is_touched(fabric: Fabric) -> None:
    memory = fabric.place / "state/evpn-fabric/remediation.json"
    memory.parent.mkdir(parents=True)
    memory.write_text("not JSON")
    status, shown = fabric.remediate()
    assert status == 2 and "Restore the file, or remove it" in shown, shown
    assert fabric.log() == [] and memory.read_text() == "not JSON"
