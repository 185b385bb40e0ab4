"""Every place that says which releases of ansible-core are supported says those that the stage ``versions`` tries."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

from tests.run import CONTROLLERS

ROOT = pathlib.Path(__file__).parents[2]
OLDEST, NEWEST = CONTROLLERS
_MAJOR, _dot, _MINOR = NEWEST.partition(".")
NEXT = f"{_MAJOR}.{int(_MINOR) + 1}"


def test_the_collection_requires_them() -> None:
    required = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"]
    assert required == f">={OLDEST}.0,<{NEXT}.0"


@pytest.mark.parametrize("path", sorted(ROOT.glob("roles/*/meta/main.yml")), ids=lambda path: path.parts[-3])
def test_a_role_requires_the_oldest(path: pathlib.Path) -> None:
    assert yaml.safe_load(path.read_text())["galaxy_info"]["min_ansible_version"] == OLDEST


def test_developers_get_one_of_them() -> None:
    assert f"ansible-core>={OLDEST},<{NEXT}" in (ROOT / "requirements-dev.txt").read_text().splitlines()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/quickstart.md"])
def test_a_page_names_them(page: str) -> None:
    named = re.findall(r"ansible-core\s+(\d+\.\d+\s+to\s+\d+\.\d+)", (ROOT / page).read_text())
    assert named and {" ".join(each.split()) for each in named} == {f"{OLDEST} to {NEWEST}"}
