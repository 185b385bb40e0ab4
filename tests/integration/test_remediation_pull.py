"""What the unit of a node that pulls itself runs: real ansible-pull, from a real repository, on this machine."""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import subprocess
import sys

import jinja2
import pytest

ROOT = pathlib.Path(__file__).parents[2]
TEMPLATE = ROOT / "roles/remediation/templates/service.j2"
UNIT = "evpn-fabric-remediation"
HOSTS = {
    "leaf1": {"fabric_asn": 65011, "fabric_loopback": "10.255.0.11", "ansible_python_interpreter": sys.executable},
    "leaf2": {"fabric_asn": 65012, "fabric_loopback": "10.255.0.12", "ansible_python_interpreter": "/none"},
}
FABRIC = {
    "vars": {"fabric_networks": [{"name": "web", "vni": 10100}], "fabric_links": [{"ends": ["leaf1:eth1", "leaf2:eth1"]}]},
    "children": {"vteps": {"hosts": HOSTS}},
}


def command(state: pathlib.Path, repository: pathlib.Path) -> list[str]:
    """What the service runs on leaf1, with the directory of its state and its playbook in another place."""
    text = jinja2.Template(TEMPLATE.read_text(), trim_blocks=True).render(  # as Ansible has it
        __remediation_unit=UNIT,
        __remediation_repair=False,
        __remediation_fail="drift_fail",
        __remediation_pulls=True,
        remediation_user="root",
        remediation_bin=str(pathlib.Path(sys.executable).parent),
        remediation_pull=str(repository),
        remediation_inventory="fabric.yml",
        inventory_hostname="leaf1",
    )
    (started,) = [line for line in text.replace("\\\n", " ").splitlines() if line.startswith("ExecStart=")]
    return shlex.split(started.removeprefix("ExecStart=").replace("%S", str(state)).replace("/etc/", f"{state}/"))


def test_a_node_that_pulls_itself_reports_on_itself_alone(tmp_path: pathlib.Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("the module looks at what only root sees")
    repository, state = tmp_path / "repository", tmp_path / "state"
    repository.mkdir()
    (state / UNIT).mkdir(parents=True)
    (repository / "fabric.yml").write_text(json.dumps({"all": {"children": {"fabric": FABRIC}}}))
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.net", "-C", str(repository)]
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "The fabric")):
        subprocess.run([*git, *words], check=True)
    (state / f"{UNIT}.yml").write_text("- ansible.builtin.import_playbook: evpn.fabric.drift\n")
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build/importable"),
        "ANSIBLE_HOME": str(tmp_path / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
    }
    done = subprocess.run(command(state, repository), cwd="/", env=environment, capture_output=True, text=True, check=False)
    report = state / UNIT / "drift.json"
    assert report.exists(), done.stdout + done.stderr
    hosts = json.loads(report.read_text())["hosts"]
    assert list(hosts) == ["leaf1"] and hosts["leaf1"]["reachable"], done.stdout
    assert done.returncode == 2, "this machine is no host of a fabric"
