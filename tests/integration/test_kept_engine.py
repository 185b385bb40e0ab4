"""Tasks that Ansible runs from the engine that a host keeps: real ansible-playbook, a real engine, real FRR."""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.frr_host import FrrHost

ROOT = pathlib.Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = {
    "kernel": {
        "bridges": [{"name": "br10100"}],
        "vxlans": [{"name": "vxlan10100", "vni": 10100, "local": "192.0.2.11", "bridge": "br10100"}],
    },
    "frr": {"config": "frr defaults traditional\nhostname leaf\n"},
    "persist": True,
}
ENGINES = "/var/lib/evpn-fabric"


class Controller:
    """Ansible with a local connection, whose Python is that of a host and notes how it was called."""

    def __init__(self, host: FrrHost, place: pathlib.Path):
        self.host, self.place = host, place
        self.calls = place / "calls"
        self.python = place / "python"
        self.python.write_text(
            f'#!/bin/sh\necho "$@" >> {self.calls}\nexec {shlex.join(host._inside("python3"))} "$@"\n', encoding="utf-8"
        )
        self.python.chmod(0o755)

    def run(
        self, module: str, options: dict[str, Any], pipelining: bool = True, play: str = "host", **keywords: Any
    ) -> dict[str, Any]:
        """The result of one task."""
        self.calls.write_text("")
        result = self.place / "result.json"
        result.unlink(missing_ok=True)
        task = {f"evpn.fabric.{module}": options, "register": "made", "ignore_errors": True, **keywords}
        copy = {"ansible.builtin.copy": {"content": "{{ made | to_json }}", "dest": str(result)}, "delegate_to": "other"}
        inventory = {
            "all": {
                "hosts": {
                    "host": {"ansible_python_interpreter": str(self.python)},
                    "other": {"ansible_python_interpreter": sys.executable},
                },
                "vars": {"ansible_connection": "local", "ansible_pipelining": pipelining},
            }
        }
        for name, content in (
            ("play", [{"hosts": play, "gather_facts": False, "tasks": [task, copy]}]),
            ("hosts", inventory),
        ):
            (self.place / f"{name}.json").write_text(json.dumps(content))
        command = [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), str(self.place / "play.json")]
        done = subprocess.run(
            [*command, "-i", str(self.place / "hosts.json")],
            env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build/importable")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.exists(), done.stdout + done.stderr
        return json.loads(result.read_text())

    @property
    def ways(self) -> list[str]:
        """How the task came to the host's Python: from the engine, or sent."""
        return ["engine" if call.endswith(" task") else "sent" for call in self.calls.read_text().splitlines()]


@pytest.fixture(scope="module")
def controller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    if os.geteuid() != 0:
        pytest.skip("namespaces need root")
    with FrrHost("debian12", daemons=("bgpd",)) as host:
        yield Controller(host, tmp_path_factory.mktemp("controller"))


@pytest.fixture
def kept(controller: Controller) -> Controller:
    """A host that keeps this release's engine and has nothing to do."""
    made = controller.run("fabric_host", DOCUMENT)
    assert not made["failed"], made["msg"]
    return controller


def test_the_first_task_is_sent_and_the_second_runs_from_the_engine_that_it_left(controller: Controller) -> None:
    controller.host.run("rm", "-rf", ENGINES)
    assert controller.run("fabric_host", DOCUMENT)["changed"]
    assert controller.ways == ["engine", "sent"]
    assert not controller.run("fabric_host", DOCUMENT)["changed"]
    assert controller.ways == ["engine"]


def test_a_change_from_the_engine_is_what_the_sent_module_foretells(kept: Controller) -> None:
    vxlan = {**DOCUMENT["kernel"]["vxlans"][0], "ttl": 9}
    changed = {**DOCUMENT, "kernel": {**DOCUMENT["kernel"], "vxlans": [vxlan]}}
    foretold = kept.host.module("fabric_host", changed, check_mode=True)
    made = kept.run("fabric_host", changed, diff=True)
    assert kept.ways == ["engine"]
    assert made["operations"] == foretold["operations"] != []
    assert made["diff"] == foretold["diff"]
    assert "ttl 9" in kept.host.run("ip", "-d", "link", "show", "vxlan10100").stdout


def test_check_mode_changes_nothing(kept: Controller) -> None:
    made = kept.run("fabric_host", {"kernel": {"bridges": [{"name": "br9"}]}}, check_mode=True)
    assert (made["changed"], kept.ways) == (True, ["engine"])
    assert "br9" not in kept.host.run("ip", "link").stdout


def test_a_host_is_looked_at_by_the_engine_as_by_the_module_that_is_sent(kept: Controller) -> None:
    seen = kept.run("host_info", {})
    assert kept.ways == ["engine"]
    sent = kept.host.module("host_info", {})
    assert {name: seen[name] for name in sent if name != "invocation"} == {
        name: value for name, value in sent.items() if name != "invocation"
    }


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("checkpoint", {"state": "confirmed"}),
        ("dataplane", {"bridges": [{"name": "br9"}], "addresses": [{"dev": "br9", "address": "192.0.2.1/24"}]}),
        ("dataplane", {"vxlans": [{"name": "vxlan10100", "vni": 10200}], "max_disruption": "hitless"}),
        ("dataplane", {"bridges": [{"name": "br9"}], "netns": "no-such"}),
        ("dataplane_info", {}),
        ("evpn_info", {"lookups": [{"address": "192.0.2.1"}]}),
        ("frr_config", {"config": "frr defaults traditional\nhostname other\n"}),
        ("gateway_failover", {"gateways": [{"name": "gw1"}], "self": "gw1", "vnis": ["10100"], "mode": "exclusive"}),
        ("maintenance", {"state": "on"}),
    ],
)
def test_a_module_that_runs_from_the_engine_says_what_it_says_when_it_is_sent(
    kept: Controller, module: str, options: dict[str, Any]
) -> None:
    made = kept.run(module, options, check_mode=True, diff=True)
    assert kept.ways == ["engine"]
    sent = kept.host.module(module, options, check_mode=True)
    del sent["invocation"]
    assert {name: made.get(name) for name in sent} == sent


def test_a_look_at_another_host_uses_the_python_of_that_host(kept: Controller) -> None:
    kept.run("host_info", {}, delegate_to="host", play="other")
    assert kept.ways == ["engine"]


def test_a_limit_refuses_as_it_does_elsewhere(kept: Controller) -> None:
    vxlan = {**DOCUMENT["kernel"]["vxlans"][0], "vni": 10200}
    refused = {"kernel": {"vxlans": [vxlan]}, "max_disruption": "hitless"}
    made = kept.run("fabric_host", refused)
    assert (made["failed"], kept.ways) == (True, ["engine"])
    assert made["msg"] == kept.host.module("fabric_host", refused)["msg"]


#: What the playbook `site` knows of the host when it comes to its document.
DERIVED: dict[str, Any] = {
    "__host_info": {"advertised_default_interfaces": [], "frr_version": "8.4.4"},
    "__fabric_intent": {
        "documents": {"host": json.dumps({"kernel": DOCUMENT["kernel"], "system": {"rules": []}})},
        "frr": {"host": json.dumps({**DOCUMENT["frr"], "daemons": ["bgpd"]})},
        "revisions": {"host": "5c1f"},
    },
    "host_sysctls": {"net.ipv4.ip_forward": 1},
    "host_rules": [],
    "fabric_confirm_timeout": 0,
    "network": 10100,
}


def test_a_host_is_brought_to_the_document_that_the_playbook_has_derived(kept: Controller) -> None:
    limit = {"frr_max_disruption": "{{ 'session' if network == 10100 else 'hitless' }}"}
    bridge = json.dumps({"kernel": {"bridges": [{"name": "br10200"}]}, "system": {"rules": []}})
    other = {**DERIVED, **limit, "__fabric_intent": {**DERIVED["__fabric_intent"], "documents": {"host": bridge}}}
    made = kept.run("host_document", {}, vars=other)
    assert (made["failed"], made["changed"], kept.ways) == (False, True, ["engine"]), made
    assert "br10200" in kept.host.run("ip", "link").stdout
    assert not kept.run("host_document", {}, vars=other)["changed"]
    assert kept.run("host_info", {})["confirmed"]["revision"] == "5c1f"
    refused = kept.run("host_document", {}, vars={**DERIVED, **limit, "fabric_max_disruption": "none"})
    assert refused["failed"] and "max_disruption is none. Write one of" in refused["msg"]


def test_a_document_is_sent_with_the_module_where_the_host_keeps_no_engine(controller: Controller) -> None:
    controller.host.run("rm", "-rf", ENGINES)
    made = controller.run("host_document", {}, vars=DERIVED)
    assert (made["failed"], controller.ways) == (False, ["engine", "sent"]), made
    assert not controller.run("host_document", {}, vars=DERIVED)["changed"]
    assert controller.ways == ["engine"]


def test_a_check_leaves_a_host_on_which_frr_would_first_have_to_be_installed(kept: Controller) -> None:
    made = kept.run("host_document", {}, vars={**DERIVED, "__host_info": {"frr_version": None}}, check_mode=True)
    assert (made["skipped"], kept.ways) == (True, [])


def test_options_that_have_to_be_converted_are_converted_by_ansible(kept: Controller) -> None:
    made = kept.run("fabric_host", {"kernel": {"bridges": [{"name": "br10100", "mtu": 1400.0}]}}, check_mode=True)
    assert kept.ways == ["engine", "sent"]
    assert [each["after"]["mtu"] for each in made["operations"]] == [1400]


def test_options_that_are_wrong_are_refused_in_the_words_of_ansible(kept: Controller) -> None:
    made = kept.run("fabric_host", {"kernel": {"bridges": [{"name": "br10100", "no_such": 1}]}})
    assert kept.ways == ["engine", "sent"]
    assert made["failed"] and "no_such" in made["msg"]


def test_nothing_runs_from_the_engine_without_pipelining(kept: Controller) -> None:
    kept.run("host_info", {}, pipelining=False)
    assert kept.ways != [] and "engine" not in kept.ways


def test_an_engine_that_is_damaged_is_made_anew(kept: Controller) -> None:
    kept.host.run("bash", "-c", f"for each in {ENGINES}/engine-*; do echo damaged > $each; done")
    assert [each["kind"] for each in kept.run("fabric_host", DOCUMENT)["operations"]] == ["engine"]
    assert kept.ways == ["engine", "sent"]
    kept.run("host_info", {})
    assert kept.ways == ["engine"]


def test_the_engine_can_remove_itself(kept: Controller) -> None:
    made = kept.run("fabric_host", {"state": "absent"})
    assert (made["changed"], kept.ways) == (True, ["engine"])
    assert kept.host.run("ls", ENGINES, check=False).returncode
