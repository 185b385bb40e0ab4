"""Documentation of filters, each in a file of its own beside the code."""

from __future__ import annotations

import importlib
import pathlib
import re
import textwrap

from .blocks import chunks, with_key, written
from .modules import documented

#: An option that a description names without a plugin. Those of a module are below the input of a filter.
_NAMED = re.compile(r"\bO\((?![\w.]+#)")


def derived(path: pathlib.Path) -> str:
    """The text of a filter's documentation; its options are as the filter declares them, if it does."""
    text = path.read_text()
    filter_module = importlib.import_module(f"ansible_collections.evpn.fabric.plugins.filter.{path.stem}")
    declared = getattr(filter_module, "OPTIONS", None)
    if declared is None:
        return text
    _heading, _newline, body = chunks(text)["DOCUMENTATION"].partition("\n")
    options = _NAMED.sub("O(_input.", written({"options": documented(declared)}))
    return text.replace(body, textwrap.indent(with_key(textwrap.dedent(body), "options", options), "  "))
