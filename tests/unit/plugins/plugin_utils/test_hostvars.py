"""The variables of a fabric's hosts as Ansible itself shows them, and what reading them costs.

Ansible is real here, whichever release runs the test: what is compared is what it templates when it is asked for each variable
of each host.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.plugins.loader import init_plugin_loader
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager
from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import fabric_variables

ROOT = pathlib.Path(__file__).parents[4]
INVENTORIES = sorted(
    str(path.relative_to(ROOT))
    for path in (
        ROOT / "inventories/lab",
        *ROOT.glob("inventories/examples/*.yml"),
        *(path for path in ROOT.glob("molecule/*/inventory") if path.parent.name != "negative"),
    )
)


@pytest.fixture(scope="session", autouse=True)
def _plugins() -> None:
    init_plugin_loader()


def ansible_view(inventory: pathlib.Path) -> tuple[HostVars, dict[str, list[str]]]:
    """Ansible's ``hostvars`` and ``groups`` for an inventory."""
    loader = DataLoader()
    sources = InventoryManager(loader=loader, sources=[str(inventory)])
    return HostVars(sources, VariableManager(loader=loader, inventory=sources), loader), sources.get_groups_dict()


@pytest.mark.parametrize("inventory", INVENTORIES)
def test_variables_of_an_inventory_are_what_ansible_templates(inventory: str) -> None:
    hostvars, groups = ansible_view(ROOT / inventory)
    names = groups["fabric"]
    asked = {name: {key: hostvars[name][key] for key in hostvars[name] if key.startswith("fabric_")} for name in names}
    assert names and fabric_variables(hostvars, groups).variables == asked


PASSWORD = "of the vault"
#: Shows what is read of hosts, and what Ansible shows when it is asked for each variable of each host.
PLAY = """
- hosts: leaf2
  gather_facts: false
  vars_files: [play.yml]
  tasks:
    - ansible.builtin.command: {argv: [cat, "{{ playbook_dir }}/said"]}
      delegate_to: localhost
      register: __host_info
    - ansible.builtin.copy:
        content: "{{ hostvars | both_ways(groups) | to_json }}"
        dest: "{{ playbook_dir }}/seen.json"
      delegate_to: localhost
"""
FILTER = """
from ansible_collections.evpn.fabric.plugins.plugin_utils._hostvars import fabric_variables

def both_ways(hostvars, groups):
    names = groups["fabric"]
    asked = {name: {key: hostvars[name][key] for key in hostvars[name] if key.startswith("fabric_")} for name in names}
    variables, facts = fabric_variables(hostvars, groups)
    # Releases before 2.19 show a vaulted text as an object, which becomes its text.
    plain = [isinstance(found["leaf1"]["fabric_underlay"]["password"], str) for found in (asked, variables)]
    for own in (*asked.values(), *variables.values()):
        own["fabric_underlay"] = {"password": str(own["fabric_underlay"]["password"])}
    return {"variables": variables, "facts": facts, "asked": asked, "plain": plain}

class FilterModule:
    def filters(self):
        return {"both_ways": both_ways}
"""
GROUP = """
own_prefix: 10.255.0
more_vrfs: []
fabric_loopback: "{{ own_prefix }}.{{ number }}"
fabric_underlay:
  password: !vault |
    VAULTED
fabric_networks:
  - {name: written, vni: 100}
  - {name: "{{ group_names[0] }}", vni: "{{ 100 + 1 }}"}
fabric_vrfs: "{{ [{'name': 'a', 'l3vni': 5000}] + more_vrfs }}"
fabric_overlay: {password: "{# a comment #}x"}
fabric_anycast_mac: "{% raw %}{{ }}{% endraw %}"
"""


def vaulted(text: str) -> str:
    return str(VaultLib([("default", VaultSecret(PASSWORD.encode()))]).encrypt(text).decode())


@pytest.fixture(name="seen")
def _seen(tmp_path: pathlib.Path) -> Callable[..., Any]:
    """What a playbook on one of two hosts sees of both: templates, vaulted values, variables in places on top of each other."""
    hosts = {"leaf1": {"number": 1}, "leaf2": {"number": 2}}
    fabric = {"hosts": hosts, "vars": {"fabric_asn": 64999, "fabric_networks": [{"name": "inventory", "vni": 1}]}}
    for name, content in {
        "hosts.yml": yaml.safe_dump({"fabric": fabric}),
        "group_vars/fabric.yml": GROUP.replace("VAULTED", vaulted("s3cret").replace("\n", "\n    ")),
        "host_vars/leaf1.yml": vaulted("fabric_asn: 65011\n"),
        "host_vars/leaf2.yml": "fabric_asn: 65012\nmore_vrfs: [{name: b, l3vni: 5001}]\n",
        "play.yml": "fabric_vtep: 192.0.2.1\n",
        "playbook.yml": PLAY,
        "filter_plugins/both_ways.py": FILTER,
        "password": PASSWORD,
        "said": "{{ 1 + 1 }}",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)

    def see(*arguments: str) -> Any:
        own = {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build/importable"), "ANSIBLE_HOME": str(tmp_path / "ansible")}
        command = [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), "playbook.yml", "-i", "hosts.yml"]
        command += ["--vault-password-file", "password", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env={**os.environ, **own}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads((tmp_path / "seen.json").read_text())

    return see


def test_templates_and_vaulted_values_are_what_they_stand_for(seen: Callable[..., Any]) -> None:
    found = seen()
    one, two = (found["variables"][name] for name in ("leaf1", "leaf2"))
    assert found["variables"] == found["asked"] and found["plain"] in ([True, True], [False, False])
    assert (one["fabric_asn"], two["fabric_asn"]) == (65011, 65012)
    assert (one["fabric_loopback"], two["fabric_loopback"]) == ("10.255.0.1", "10.255.0.2")
    assert (one["fabric_vrfs"], two["fabric_vrfs"][1:]) == ([{"name": "a", "l3vni": 5000}], [{"name": "b", "l3vni": 5001}])
    assert one["fabric_underlay"] == {"password": "s3cret"} and one["fabric_overlay"] == {"password": "x"}
    assert one["fabric_anycast_mac"] == "{{ }}"
    written, named = one["fabric_networks"]
    assert written == {"name": "written", "vni": 100} and (named["name"], int(named["vni"])) == ("fabric", 101)


def test_variables_of_the_command_line_come_first_and_those_of_a_play_are_its_own(seen: Callable[..., Any]) -> None:
    found = seen("-e", "fabric_asn=64512", "-e", "own_prefix=192.0.2", "--limit", "leaf2")
    variables = found["variables"]
    assert variables == found["asked"]
    assert [variables[name]["fabric_asn"] for name in ("leaf1", "leaf2")] == ["64512", "64512"]
    assert variables["leaf2"]["fabric_loopback"] == "192.0.2.2"
    assert "fabric_vtep" not in variables["leaf2"]


def test_what_a_host_said_of_itself_is_apart_from_its_variables_and_no_template(seen: Callable[..., Any]) -> None:
    found = seen()
    assert list(found["facts"]) == ["leaf2"] and found["facts"]["leaf2"]["stdout"] == "{{ 1 + 1 }}"
    assert set(found["variables"]["leaf2"]) == set(found["variables"]["leaf1"])


def steps(function: Callable[[], object]) -> int:
    """How many functions of Python are entered."""
    count = 0

    def step(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count


def test_four_times_the_hosts_with_four_times_the_links_take_four_times_the_steps(tmp_path: pathlib.Path) -> None:
    def taken(leaves: int) -> int:
        path = tmp_path / f"{leaves}.yml"
        links = [{"ends": [f"spine{spine}:e{leaf}", f"leaf{leaf}:e{spine}"]} for leaf in range(leaves) for spine in range(4)]
        hosts = {f"leaf{leaf}": {"fabric_asn": 65000 + leaf, "fabric_loopback": "{{ 'templated' }}"} for leaf in range(leaves)}
        path.write_text(yaml.safe_dump({"fabric": {"hosts": hosts, "vars": {"fabric_links": links}}}))
        hostvars, groups = ansible_view(path)
        fabric_variables(hostvars, groups)  # Ansible keeps what it has read from files
        return steps(lambda: fabric_variables(hostvars, groups))

    few, many = taken(25), taken(100)
    assert few < many < 4.4 * few
