"""Blocks of YAML: how they are written, and how one top-level key of a block is replaced."""

from __future__ import annotations

import re
from typing import Any

import yaml

#: PyYAML breaks a line at the first blank behind this, so lines become longer by a word.
WIDTH = 100


class Flow(list[Any]):
    """A list that is written in brackets."""


class FlowMapping(dict[str, Any]):
    """A mapping that is written in braces."""


class Writer(yaml.SafeDumper):
    """Writes lists as this repository does, and names an anchor after the key that it is first written for."""

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self._keys: dict[int, str] = {}
        self._taken: set[str] = set()

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)

    def choose_scalar_style(self) -> str:
        style = str(super().choose_scalar_style())
        return (
            '"' if style == "'" and len(getattr(self.event, "value", "")) < 60 else style
        )  # longer ones would be broken by backslashes

    def anchor_node(self, node: Any) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._keys.setdefault(id(value), key.value)
        super().anchor_node(node)

    def generate_anchor(self, node: Any) -> str:
        name = first = self._keys[id(node)]
        number = 2
        while name in self._taken:
            name, number = f"{first}_{number}", number + 1
        self._taken.add(name)
        return name


Writer.add_representer(Flow, lambda self, value: self.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True))
Writer.add_representer(FlowMapping, lambda self, value: self.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True))


def laid_out(value: Any) -> Any:
    """A default as it is written: a list in brackets, or one of mappings with a line for each."""
    if not isinstance(value, (list, tuple)):
        return value
    return [FlowMapping(each) for each in value] if value and isinstance(value[0], dict) else Flow(value)


def written(value: Any) -> str:
    """A value as YAML."""
    return str(yaml.dump(value, Dumper=Writer, sort_keys=False, allow_unicode=True, width=WIDTH))


def chunks(block: str) -> dict[str, str]:
    """The text of each top-level key of a block, in its order."""
    return {found[1]: found[0] for found in re.finditer(r"^(\w+):[^\n]*\n(?:(?!\w)[^\n]*\n)*", block, re.MULTILINE)}


def with_key(block: str, key: str, text: str, after: tuple[str, ...] = ()) -> str:
    """A block with the text of one top-level key replaced; where there is none, it comes behind the last of ``after``."""
    found = chunks(block)
    if key in found:
        return block.replace(found[key], text)
    place = next(name for name in reversed(after) if name in found)
    return block.replace(found[place], found[place] + text)
