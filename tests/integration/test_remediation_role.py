"""The role `remediation` on a control host with systemd, and what it schedules: real Ansible, over SSH, inside the sandbox."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import sysconfig
from collections.abc import Iterator

import pytest

from tests.systemd_host import SystemdHost

ROOT = pathlib.Path(__file__).parents[2]
#: The image whose Python runs the release of ansible-core that is installed here.
IMAGE = "debian12" if sys.version_info < (3, 12) else "debian13"
PURELIB = pathlib.Path(sysconfig.get_paths()["purelib"])
#: ansible-core with what it imports, and what it asks releases of.
PACKAGES = ("ansible", "jinja2", "markupsafe", "yaml", "packaging", "resolvelib")
RELEASES = tuple(path.name for name in ("ansible_core", "jinja2") for path in PURELIB.glob(f"{name}-*.dist-info"))
COLLECTION = "/usr/share/ansible/collections/ansible_collections/evpn/fabric"
UNIT = "evpn-fabric-remediation"
STATE = f"/var/lib/{UNIT}"
PROGRAM = '#!/bin/sh\nPYTHONPATH=/controller exec python3 -m ansible.cli.playbook "$@"\n'
#: The control host is the fabric's only host, and reaches itself as any other.
INVENTORY = {
    "fabric": {
        "vars": {"ansible_host": "127.0.0.1", "ansible_user": "root", "fabric_networks": [{"name": "web", "vni": 10100}]},
        "children": {"vteps": {"hosts": {"leaf1": {"fabric_asn": 65011, "fabric_loopback": "10.255.0.11"}}}},
    }
}
SSH = """
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys
systemctl start ssh
printf '127.0.0.1 %s\\n' "$(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)" > /root/.ssh/known_hosts
ssh -o BatchMode=yes root@127.0.0.1 true
"""


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("making containers needs root")


def put(host: SystemdHost, path: str, text: str, mode: str = "644") -> None:
    host.run("sh", "-c", f"mkdir -p $(dirname {path}) && cat > {path} && chmod {mode} {path}", stdin=text)


@pytest.fixture(scope="module")
def host() -> Iterator[SystemdHost]:
    with SystemdHost(IMAGE) as running:
        for target, source, names in (
            ("/controller", str(PURELIB), PACKAGES + RELEASES),
            (COLLECTION, str(ROOT), ("meta", "playbooks", "plugins", "roles", "galaxy.yml")),
        ):
            packing = ["tar", "--create", "--exclude=__pycache__", "--directory", source, *names]
            packed = subprocess.run(packing, capture_output=True, check=True).stdout
            running.run("mkdir", "-p", target)
            subprocess.run(running._inside("tar", "--extract", "--directory", target), input=packed, check=True)
        put(running, "/opt/ansible/bin/ansible-playbook", PROGRAM, "755")
        put(running, "/etc/ansible/hosts", json.dumps({"all": {"children": INVENTORY}}))
        running.shell(SSH)
        yield running


def apply(host: SystemdHost, *arguments: str, **variables: object) -> subprocess.CompletedProcess[str]:
    """Applies the role to the control host."""
    play = [{"hosts": "localhost", "connection": "local", "gather_facts": False, "roles": ["evpn.fabric.remediation"]}]
    put(host, "/root/schedule.yml", json.dumps(play))
    extra = json.dumps({"remediation_bin": "/opt/ansible/bin", **variables})
    return host.run("/opt/ansible/bin/ansible-playbook", "/root/schedule.yml", "--extra-vars", extra, *arguments, check=False)


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_units_are_written_once_and_systemd_finds_nothing_wrong_with_them(host: SystemdHost) -> None:
    foretold = succeeded(apply(host, "--check", "--diff"))
    assert "OnCalendar=*:0/15" in foretold
    assert not host.shell(f"ls /etc/systemd/system | grep {UNIT} || true"), "a check writes nothing"
    assert "failed=0" in succeeded(apply(host))
    assert "changed=0" in succeeded(apply(host))
    assert host.shell(f"systemd-analyze verify {UNIT}.service {UNIT}.timer 2>&1") == ""
    assert host.shell(f"systemctl is-enabled {UNIT}.timer; systemctl is-active {UNIT}.timer").split() == ["enabled", "active"]
    unit = host.shell(f"cat /etc/systemd/system/{UNIT}.service")
    assert unit.count("evpn.fabric.drift") == 1 and "evpn.fabric.remediate" not in unit, "it only reports"


def test_a_changed_schedule_is_taken_up(host: SystemdHost) -> None:
    succeeded(apply(host))
    assert "changed=0" not in succeeded(
        apply(host, remediation_schedule="daily", remediation_jitter=0, remediation_repair=True)
    )
    assert host.shell(f"systemctl show --value --property=TimersCalendar {UNIT}.timer").count("*-*-* 00:00:00") == 1
    assert "evpn.fabric.remediate" in host.shell(f"systemctl show --property=ExecStart {UNIT}.service")


def test_what_cannot_stand_in_a_unit_is_refused_with_nothing_written(host: SystemdHost) -> None:
    before = host.shell(f"cat /etc/systemd/system/{UNIT}.*")
    wrong = {
        "remediation_inventory": "fabric.yml",
        "remediation_bin": "/srv/%h",
        "remediation_user": "root\nExecStart=/bin/false",
    }
    done = apply(host, **wrong)
    said = " ".join(done.stdout.split())
    assert done.returncode == 2
    assert "remediation_bin: '/srv/%h' cannot stand in a unit of systemd" in said and "remediation_user: 'root" in said
    assert "remediation_inventory: 'fabric.yml' is not an absolute path. Write one that begins with /" in said
    done = apply(host, remediation_pull="https://me:hunter2@git.example/fabric.git")
    assert "Write the address of a repository without a password" in done.stdout and "hunter2" not in done.stdout
    assert "sometimes" in apply(host, remediation_schedule="sometimes").stdout
    assert host.shell(f"cat /etc/systemd/system/{UNIT}.*") == before


def test_a_node_that_pulls_has_units_without_fault(host: SystemdHost) -> None:
    put(host, "/opt/ansible/bin/ansible-pull", "#!/bin/sh\n", "755")
    succeeded(apply(host, remediation_pull="https://git.example/fabric.git", remediation_inventory="fabric.yml"))
    assert host.shell(f"systemd-analyze verify {UNIT}.service 2>&1") == ""
    assert host.shell(f"cat /etc/{UNIT}.yml") == "- ansible.builtin.import_playbook: evpn.fabric.drift\n"


def test_two_runs_never_overlap(host: SystemdHost) -> None:
    host.shell(f"mkdir -p {STATE}")
    assert host.shell(f"flock {STATE}/run.lock systemctl start {UNIT}.service && echo started") == "started\n"
    shown = host.shell(f"systemctl show --property=ExecMainStatus --property=Result {UNIT}.service")
    assert shown.split() == ["Result=success", "ExecMainStatus=75"]


def run(host: SystemdHost) -> tuple[int, str]:
    """Starts the service; the exit status of its program, and what the journal has of this run."""
    since = host.shell("date +@%s").strip()
    host.run("systemctl", "start", f"{UNIT}.service", check=False)
    status = host.shell(f"systemctl show --value --property=ExecMainStatus {UNIT}.service")
    return int(status), host.shell(f"journalctl --unit {UNIT} --output cat --since {since}")


def test_a_run_reports_what_somebody_has_edited_and_repairs_it_where_told_to(host: SystemdHost) -> None:
    succeeded(host.run("/opt/ansible/bin/ansible-playbook", "evpn.fabric.site", check=False))
    succeeded(apply(host))
    status, journal = run(host)
    assert status == 0, journal
    host.shell("ip link set br10100 mtu 1300; systemctl disable --quiet evpn-fabric-restore frr")

    status, journal = run(host)
    assert status == 2, journal
    (found,) = json.loads(host.shell(f"cat {STATE}/drift.json"))["hosts"].values()
    edited = {(each["kind"], each["name"]) for each in found["findings"]}
    assert ("bridge", "br10100") in edited and len(edited) == 3, journal
    assert "mtu 1300" in host.shell("ip link show br10100"), "it is only reported"

    succeeded(apply(host, remediation_repair=True))
    status, journal = run(host)
    assert status == 0, journal
    assert "mtu 1300" not in host.shell("ip link show br10100")
    assert host.shell("systemctl is-enabled evpn-fabric-restore frr").split() == ["enabled", "enabled"]
    (repair,) = json.loads(host.shell(f"cat {STATE}/remediation.json"))["repairs"]
    assert {tuple(each[1:]) for each in repair["objects"]} == edited
    assert "leaf1: repaired now, 3 findings" in journal
    status, journal = run(host)
    assert status == 0 and "Nothing differs." in journal, journal


def test_nothing_of_it_stays(host: SystemdHost) -> None:
    host.shell(f"ls -d {STATE} /etc/systemd/system/{UNIT}.timer")
    assert "failed=0" in succeeded(apply(host, remediation_state="absent"))
    assert "changed=0" in succeeded(apply(host, remediation_state="absent"))
    assert host.shell(f"ls -d /etc/systemd/system/*{UNIT}* /etc/{UNIT}.yml {STATE} 2>/dev/null || true") == ""
    assert "not-found" in host.shell(f"systemctl show --property=LoadState {UNIT}.timer")
