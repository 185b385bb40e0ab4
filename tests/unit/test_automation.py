"""What is shipped for execution environments and for AWX, as far as it can be tried without a registry and a controller."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).parents[2]
BUILDER = (sys.executable, "-m", "ansible_builder")
AWX = yaml.safe_load((ROOT / "extensions/awx/fabric.yml").read_text())


def test_an_execution_environment_can_be_built_from_what_is_shipped(tmp_path: pathlib.Path) -> None:
    subprocess.run([*BUILDER, "create", "--context", str(tmp_path), "--output-filename", "Containerfile"], cwd=ROOT, check=True)
    assert "openssh-clients [platform:rpm]" in (tmp_path / "_build/bindep.txt").read_text()
    lines = (tmp_path / "Containerfile").read_text().splitlines()
    assert 'ARG ANSIBLE_INSTALL_REFS="ansible-core>=2.18,<2.22 ansible-runner"' in lines
    assert yaml.safe_load((tmp_path / "_build/requirements.yml").read_text()) == {"collections": [{"name": "evpn.fabric"}]}


def test_an_execution_environment_with_this_collection_gets_what_it_needs(tmp_path: pathlib.Path) -> None:
    installed = tmp_path / "ansible_collections/evpn/fabric"
    installed.parent.mkdir(parents=True)
    installed.symlink_to(ROOT)
    shown = subprocess.run([*BUILDER, "introspect", str(tmp_path)], check=True, capture_output=True, text=True).stdout
    assert [line.split()[0] for line in yaml.safe_load(shown)["system"]] == ["openssh-clients", "openssh-client"]
    assert yaml.safe_load(shown)["python"] == [], "the collection needs nothing besides ansible-core"


def test_the_releases_of_ansible_are_those_of_the_collection() -> None:
    environment = yaml.safe_load((ROOT / "meta/execution-environment.yml").read_text())
    requires = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"]
    assert environment["dependencies"]["ansible_core"]["package_pip"] == "ansible-core" + requires.replace(".0", "")


def test_job_templates_run_playbooks_that_are_there_and_schedules_start_them() -> None:
    templates = {template["name"]: template for template in AWX["controller_templates"]}
    assert {template["playbook"] for template in templates.values()} == {
        f"playbooks/{name}.yml" for name in ("drift", "remediate", "failover")
    }
    assert all((ROOT / template["playbook"]).exists() for template in templates.values())
    assert {schedule["unified_job_template"] for schedule in AWX["controller_schedules"]} <= set(templates)


def test_what_is_imported_reports_and_does_not_repair() -> None:
    enabled = [schedule for schedule in AWX["controller_schedules"] if schedule.get("enabled", True)]
    assert [schedule["unified_job_template"] for schedule in enabled] == ["Fabric drift"]


def test_no_job_template_takes_variables_from_who_starts_it_but_names_of_gateways() -> None:
    assert not any("ask_variables_on_launch" in template for template in AWX["controller_templates"])
    asked = [
        each["variable"] for template in AWX["controller_templates"] for each in template.get("survey_spec", {}).get("spec", ())
    ]
    assert asked == ["gateway"]
