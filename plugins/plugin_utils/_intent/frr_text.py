# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FRR's configuration as text, from the section `frr` of a host's document. Private to this collection."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Mapping
from typing import Any

import jinja2

TEMPLATES = pathlib.Path(__file__).parent / "templates"


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True, undefined=jinja2.StrictUndefined, autoescape=False
    )
    return environment.get_template("frr.conf.j2")


def frr_text(section: Mapping[str, Any]) -> str:
    """The configuration that FRR starts from.

    Values in ``section`` have been checked when it was derived (:mod:`.frr`): none of them can end a line. Lines are written as
    ``show running-config`` prints them, which saves FRR a trial of the configuration.
    """
    return _template().render(frr_document=section)
