"""Ansible's markup of descriptions, as Markdown and as plain text."""

from __future__ import annotations

import re

from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key

_MARKED = re.compile(r"\b(L|[CVOMP])\(([^()]*)\)")


def _target(found: re.Match[str]) -> str:
    """What stands between the brackets, without the plugin type and what only Ansible's documentation needs."""
    return re.sub(r"^[\w.]+#module:|#\w+$", "", found[2])


def plain(text: str) -> str:
    """A text without markup."""
    return _MARKED.sub(lambda found: found[2].rpartition(",")[0] if found[1] == "L" else _target(found), text)


def markdown(text: str) -> str:
    """A text in Markdown, for a cell of a table."""

    def one(found: re.Match[str]) -> str:
        if found[1] == "L":
            label, _comma, target = found[2].rpartition(",")
            return f"[{label}]({target})"
        return f"`{_target(found)}`"

    return _MARKED.sub(one, text).replace("|", "\\|")


def sentences(key: Key) -> str:
    """A description as one text."""
    return key.description if isinstance(key.description, str) else " ".join(key.description)


def bounds(key: Key) -> str:
    """The bounds of a value in words."""
    if key.maximum is None and key.minimum is None:
        return ""
    unit = " characters" if key.type == "str" else ""
    if key.minimum is None:
        return f"at most {key.maximum}{unit}"
    if key.maximum is None:
        return f"at least {key.minimum}{unit}"
    return f"{key.minimum} to {key.maximum}{unit}"
