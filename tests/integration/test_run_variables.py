"""Variables of a run on the command line of ansible-playbook, on this machine: text, lists, and what is refused."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest
import yaml

COLLECTIONS = pathlib.Path(__file__).parents[2] / ".build/importable"
HOST_ROLE = COLLECTIONS / "ansible_collections/evpn/fabric/roles/host"

NORTH: dict[str, Any] = {"interface": "eth3", "asn": 64999}
#: Two gateways on this machine, which is none: what the playbooks ask of them fails, in words.
FABRIC: dict[str, Any] = {
    "vars": {
        "fabric_links": [{"ends": [f"spine1:{name}", f"{name}:eth1"]} for name in ("leaf1", "gw1", "gw2")],
        "fabric_gateways": {"mode": "anycast", "vtep_prefix": "10.255.1.0/26"},
        "fabric_networks": [{"name": "web", "vni": 10100, "central": True, "gateways": ["10.1.0.1/24"]}],
    },
    "children": {
        "spines": {"hosts": {"spine1": {"fabric_asn": 65000, "fabric_loopback": "10.255.0.1"}}},
        "vteps": {"hosts": {"leaf1": {"fabric_asn": 65011, "fabric_loopback": "10.255.0.11"}}},
        "gateways": {
            "hosts": {
                f"gw{number}": {
                    "fabric_asn": 65020 + number,
                    "fabric_loopback": f"10.255.0.2{number}",
                    "fabric_north": [{**NORTH, "address": f"198.51.100.{number}0/31", "peer": f"198.51.100.{number}1"}],
                }
                for number in (1, 2)
            }
        },
    },
}
#: What the role verify is to find: an interface that this machine does not have.
EXPECTED: dict[str, Any] = {"gather": ["interfaces"], "interfaces": {"none0": 1500}, "owners": []}
EXPECTED |= {kind: [] for kind in ("sessions", "bfd", "ospf", "ports", "vnis", "l3vnis", "prefixes", "isolation", "lookups")}
VERIFY = [
    {
        "hosts": "localhost",
        "gather_facts": False,
        "roles": [{"role": "evpn.fabric.verify", "vars": {"verify_expected": EXPECTED}}],
    }
]
#: What the module host_info says of a host.
SEEN: dict[str, Any] = {
    "distribution": {"id": "debian", "like": []},
    "frr_version": "10.3",
    "missing_kernel_modules": ["vrf", "8021q"],
    "modules_load": "",
    "configured_interfaces": [],
    "advertised_default_interfaces": ["eth0"],
}
OWN_KERNEL = "evpn.fabric.host_kernel(__host_info, host_sysctls, [])"
NOTHING: dict[str, Any] = {"kernel": {}, "system": {"rules": []}}
#: Shows what the variables of the role host become.
HOST = [
    {
        "hosts": "localhost",
        "gather_facts": False,
        "vars_files": [str(HOST_ROLE / part / "main.yml") for part in ("defaults", "vars")],
        "vars": {"__host_info": SEEN},
        "tasks": [
            {"ansible.builtin.debug": {"msg": "{{ [__host_lacks.modules, __host_packages] | to_json }}"}},
            {"ansible.builtin.debug": {"msg": "{{ %s | to_json | %s }}" % (NOTHING, OWN_KERNEL)}},
        ],
    }
]


@pytest.fixture(name="run")
def _run(tmp_path: pathlib.Path) -> Any:
    local = {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": sys.executable}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"vars": local, "children": {"fabric": FABRIC}}}))

    def run(playbook: str | list[dict[str, Any]], *extra: str, check: bool = False) -> tuple[bool, str]:
        """Whether a playbook succeeds with extra variables, and what it prints."""
        if isinstance(playbook, list):
            (tmp_path / "playbook.yml").write_text(yaml.safe_dump(playbook))
            playbook = "playbook.yml"
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_HOME": str(tmp_path / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "0",
        }
        command = [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), "-i", "inventory.yml", playbook]
        command += [word for each in extra for word in ("-e", each)] + (["--check"] if check else [])
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        return done.returncode == 0, done.stdout + done.stderr

    return run


def test_verify_looks_as_often_as_the_command_line_says(run: Any, tmp_path: pathlib.Path) -> None:
    (tmp_path / "2026").mkdir()
    succeeded, text = run(VERIFY, "verify_attempts=3", "verify_delay='0'", '{"verify_report_directory": 2026}')
    assert not succeeded and text.count("RETRYING") == 2, text
    assert "interface: none0: desired mtu 1500, up; actual absent" in text
    assert (tmp_path / "2026/verify.json").exists() and (tmp_path / "2026/verify.xml").exists()


@pytest.mark.parametrize(
    "wrong", ["verify_attempts=0", "verify_attempts=²", "verify_delay=-1", '{"verify_attempts": true}', "verify_attempts=many"]
)
def test_verify_refuses_what_is_no_number_in_words(run: Any, wrong: str) -> None:
    succeeded, text = run(VERIFY, wrong)
    assert not succeeded and "RETRYING" not in text
    assert "Write a number from" in text or "unable to convert to int" in text


@pytest.mark.parametrize("value", ["gateway='gw1, gw9'", '{"gateway": ["gw1", "gw9"]}'])
@pytest.mark.parametrize("playbook", ["drain", "failover"])
def test_names_of_gateways_may_be_text_or_a_list(run: Any, playbook: str, value: str) -> None:
    succeeded, text = run(f"evpn.fabric.{playbook}", value)
    assert not succeeded and f"{playbook}: 'gw9' is not in the group gateways. Write one of gw1, gw2." in text
    assert "'gw1' is not" not in text


@pytest.mark.parametrize("value", ["gateway=", '{"gateway": []}', "x=y"])
def test_no_name_is_told(run: Any, value: str) -> None:
    succeeded, text = run("evpn.fabric.undrain", value)
    assert not succeeded and "Name the gateways to take in again" in text


def test_gateways_may_be_named_without_the_playbooks_about_them(run: Any) -> None:
    succeeded, text = run("evpn.fabric.gateways", "gateway_drain=gw1,gw9")
    assert not succeeded and "drain: 'gw9' is not in the group gateways" in text


def test_seconds_are_refused_before_a_gateway_is_touched(run: Any) -> None:
    succeeded, text = run("evpn.fabric.drain", "gateway=gw1", "gateway_settle_seconds=٣")
    assert not succeeded and "gateway_settle_seconds: '٣' is not a number of seconds. Write a number from 0 to 3600." in text
    assert "See that each can do its part" not in text


def test_a_rehearsal_takes_text(run: Any) -> None:
    texts = {"kill": "gw1,gw2", "drain": "", "standbys": "cold,warm", "sample": "4", "repeat": "2", "takeover": "0.5"}
    succeeded, text = run("evpn.fabric.rehearse", *(f"rehearse_{name}={value}" for name, value in texts.items()), check=True)
    assert succeeded, text


@pytest.mark.parametrize("wrong", ["rehearse_sample=0", "rehearse_takeover=soon", "rehearse_time_limit=1h"])
def test_a_rehearsal_refuses_what_is_no_number_in_words(run: Any, wrong: str) -> None:
    succeeded, text = run("evpn.fabric.rehearse", wrong, check=True)
    assert not succeeded and f"{wrong.partition('=')[0]}: " in text and "Write a number from" in text


def test_the_role_host_takes_text(run: Any) -> None:
    succeeded, text = run(HOST, "host_kernel_modules=bridge,vrf", "host_packages='frr, other'",
                          '{"host_sysctls": "{\\"net.ipv4.ip_forward\\": 0}"}')  # fmt: skip
    assert succeeded, text
    shown = text.replace("\\", "")
    assert '[["vrf"], ["frr", "other"]]' in shown
    assert '"sysctls": {"net/ipv6/conf/eth0/accept_ra": 2, "net.ipv4.ip_forward": 0}' in shown
