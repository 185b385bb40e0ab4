# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page as HTML: one file that loads nothing and lets nothing run but its own script. Private to this collection."""

from __future__ import annotations

import base64
import functools
import hashlib
import pathlib

import jinja2
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from .content import Content

TEMPLATES = pathlib.Path(__file__).parent / "templates"


class _Inline:
    """A style or script of the page, and its hash for the page's Content-Security-Policy (CSP Level 3, section 2.3.1)."""

    def __init__(self, name: str):
        text = (TEMPLATES / name).read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        self.text = Markup(text)
        self.source = Markup(f"'sha256-{digest}'")


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("page.html.j2")


def page(content: Content, at: str) -> str:
    """The page of a :class:`.content.Content`; ``at`` is when it was made.

    The template escapes all that comes from inventories and hosts; tables travel as JSON in which no "<" is left, and the
    script writes them as text.
    """
    html = _template().render(
        at=at,
        content=content,
        tables=htmlsafe_json_dumps({table.name: table.encoded() for table in content.tables}, separators=(",", ":")),
        style=_Inline("page.css"),
        script=_Inline("page.js"),
    )
    # What a host says may hold half of a surrogate pair, which no file can.
    return html.encode("utf-8", "replace").decode()
