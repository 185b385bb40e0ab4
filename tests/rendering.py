"""FRR configurations as the role ``frr`` renders them, without Ansible around it."""

from __future__ import annotations

import pathlib
from typing import Any

import jinja2

TEMPLATES = pathlib.Path(__file__).parents[1] / "roles/frr/templates"

#: As Ansible's template lookup sets it up; the templates use nothing else of Ansible's.
_environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True, undefined=jinja2.StrictUndefined, autoescape=False
)
_template = _environment.get_template("frr.conf.j2")


def render(document: dict[str, Any]) -> str:
    """The text of one host's FRR document."""
    return _template.render(frr_document=document)
