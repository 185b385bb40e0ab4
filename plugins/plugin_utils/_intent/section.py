# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks one mapping of an inventory, key by key. Private to this collection."""

from __future__ import annotations

import collections
import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem
from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key, Keys
from ansible_collections.evpn.fabric.plugins.module_utils._core.values import Checker, whole_number

from . import addresses

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
#: Words that FRR's configuration language or VRF commands take for something else.
RESERVED_NAMES = ("all", "default", "end", "exit", "no", "quit")


class Section(Checker):
    """The checker of one mapping of the inventory, which may have unknown keys and wrong types.

    ``keys`` declare what there may be: types, bounds and defaults are theirs. Asking for another key is a mistake of ours.
    """

    def __init__(self, problems: list[Problem], path: str, entry: Any, keys: Keys):
        super().__init__(problems, path, entry if isinstance(entry, Mapping) else {})
        self.keys = keys
        if not isinstance(entry, Mapping):
            self.wrong("", f"{shown(entry)} is not a mapping", f"Write a mapping of {', '.join(keys)}")
        for key in self.entry:
            if key not in keys:
                close = difflib.get_close_matches(str(key), keys, 1)
                self.wrong(str(key), "is not a known key", f"Write {close[0]}" if close else f"Write one of {', '.join(keys)}")

    def read(self, option: str) -> tuple[Key, Any]:
        """The declaration of a key, and what is written there; None if nothing is."""
        return self.keys[option], self.entry.get(option)

    def value(self, option: str) -> Any:
        """What is written, of any type, or the default."""
        key, value = self.read(option)
        return key.default if value is None else value

    def typed(self, option: str, kind: type | tuple[type, ...], word: str) -> bool:
        """Whether an option is there and of a type; a wrong type is noted."""
        _key, value = self.read(option)
        if value is None:
            return False
        if isinstance(value, kind) and not (isinstance(value, bool) and kind is int):
            return True
        self.wrong(option, f"{shown(value)} is not {word}", f"Write {word}")
        return False

    def integer(self, option: str, required: bool = False) -> int | None:
        """An integer within bounds, or the default; digits in quotes will do. ``required`` is for one that others require."""
        key, value = self.read(option)
        value = as_number(value)
        if value is None:
            if key.required or required:
                self.wrong(option, "is missing", f"Write {key.what} from {key.minimum} to {key.maximum}")
        elif isinstance(value, bool) or not isinstance(value, int) or not (key.minimum or 0) <= value <= (key.maximum or 0):
            self.wrong(option, f"{shown(value)} is not {key.what}", f"Write a number from {key.minimum} to {key.maximum}")
        else:
            return value
        return None if key.default is None else int(key.default)

    def switch(self, option: str, default: bool = False) -> bool:
        """true or false; ``default`` is one that depends on others."""
        key, value = self.read(option)
        return bool(value) if self.typed(option, bool, "true or false") else bool(key.default or default)

    def choice(self, option: str) -> str:
        """One of some words, or the default."""
        key, _value = self.read(option)
        value = self.entry.get(option, key.default)
        if value not in key.choices:
            self.wrong(option, f"{shown(value)} is not known", f"Write {' or '.join(key.choices)}")
            return str(key.default)
        return str(value)

    def name(self, option: str = "name") -> str:
        """A name that neither the kernel nor FRR can misread."""
        key, value = self.read(option)
        if not isinstance(value, str) or not NAME.match(value) or len(value) > (key.maximum or 0) or value in RESERVED_NAMES:
            self.wrong(
                option,
                f"{shown(value)} is not a name" if value is not None else "is missing",
                f"Write {key.minimum} to {key.maximum} letters, digits, '.', '_' or '-', "
                f"and none of {', '.join(RESERVED_NAMES)}",
            )
            return ""
        return value

    def label(self, option: str) -> str | None:
        """Free text for people that also reaches FRR: one line, and nothing that could be taken for a command."""
        if not self.typed(option, str, "a text"):
            return None
        key, value = self.read(option)
        if "!" in value or "#" in value or len(value.splitlines()) > 1 or value.strip() in RESERVED_NAMES:
            remedy = "Write one line without '!' and '#', and not a command such as exit"
            return self.wrong(option, f"{shown(value)} could be taken for a command", remedy)
        value = " ".join(value.split())
        if not value.isprintable():
            remedy = "Write one line without control characters and marks of the direction of writing"
            return self.wrong(option, f"{shown(value)} has characters that do not print", remedy)
        if len(value.encode()) > (key.maximum or 0):
            return self.wrong(option, f"{shown(value)} has {len(value.encode())} bytes", f"Write at most {key.maximum}")
        return value or None

    def secret(self, option: str) -> str | None:
        """A password as FRR takes one: no blanks; never shown."""
        key, value = self.read(option)
        if value is None:
            return None
        if isinstance(value, (bool, int, float, list, tuple, Mapping)):
            return self.wrong(option, "is not a text", "Write it in quotes")
        value = str(value)  # ansible-core before 2.19 gives a vaulted value as an object that becomes its text here
        least, most = key.minimum or 0, key.maximum or 0
        if (
            not value.isascii()
            or not value.isprintable()
            or " " in value
            or not least <= len(value) <= most
            or value[0] in "!#"
        ):
            return self.wrong(
                option,
                "is not a password that FRR takes",
                f"Write {least} to {most} printable ASCII characters without blanks, the first neither '!' nor '#'",
            )
        return value

    def port_name(self, option: str) -> str | None:
        """The name of an interface."""
        _key, value = self.read(option)
        if value is None:
            return self.wrong(option, "is missing", "Write the name of an interface")
        return self.interface(option) if self.typed(option, str, "the name of an interface") else None

    def ip(self, option: str, version: int | None = None) -> str | None:
        """A unicast address that others can reach."""
        key, value = self.read(option)
        example = "10.255.0.11" if version == 4 else "10.255.0.11 or 2001:db8::11"
        if value is None:
            return self.wrong(option, "is missing", f"Write an address such as {example}") if key.required else None
        address = addresses.address(value)
        if address is None:
            return self.wrong(option, f"{shown(value)} is not an IP address", f"Write one such as {example}")
        what = addresses.special(address)
        if version not in (None, address.version):
            what = f"an IPv{address.version} address"
        if what:
            return self.wrong(option, f"{address} is {what}", f"Write a unicast address such as {example}")
        return str(address)

    def host_in_subnet(self, option: str, value: Any, example: str) -> addresses.Interface | None:
        """The address of a host with its prefix length; ``example`` is one."""
        interface = addresses.interface(value) if isinstance(value, str) and "/" in value else None
        if interface is None:
            message = "is missing" if value is None else f"{shown(value)} is not an address with its prefix length"
            return self.wrong(option, message, f"Write one such as {example}")
        network = interface.network
        what = addresses.special_within(network)
        if what:
            return self.wrong(option, f"its subnet {network} has {what}", f"Write an address such as {example}")
        if not addresses.is_host(interface.ip, network):
            remedy = f"Write an address from {network[1]} to {network[-2]}"
            return self.wrong(option, f"{interface.ip} is not a host's address in its subnet {network}", remedy)
        return interface

    def subnet(self, option: str, value: Any, example: str) -> addresses.Network | None:
        """A subnet, written by its first address; ``example`` is one."""
        if value is None:
            return self.wrong(option, "is missing", f"Write one such as {example}")
        interface = addresses.interface(value)
        if interface is None:
            return self.wrong(option, f"{shown(value)} is not a subnet", f"Write one such as {example}")
        if interface.ip != interface.network.network_address:
            return self.wrong(option, f"{value} has bits set behind its length", f"Write {interface.network}")
        return interface.network

    def names(self, option: str, example: str = "[leaf1, leaf2]") -> tuple[str, ...]:
        """A list of names, none of them twice, or the default; one name alone will do."""
        return self.once(option, self.texts(option, example))

    def once(self, option: str, values: Iterable[str]) -> tuple[str, ...]:
        """The values of a list without repetitions, each of which is noted."""
        found = collections.Counter(values)
        for value, count in found.items():
            if count > 1:
                self.wrong(option, f"{shown(value)} is listed {count} times", "Keep one of them")
        return tuple(found)

    def texts(self, option: str, example: str) -> tuple[str, ...]:
        """A list of texts, or the default; one alone will do."""
        key, value = self.read(option)
        if value is None:
            return key.default or ()
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
            self.wrong(option, f"{shown(value)} is not a list of texts", f"Write a list such as {example}")
            return ()
        return tuple(map(str, value))

    def section(self, option: str, value: Any = None) -> Section:
        """A mapping; ``value`` is what stands for it where it is written otherwise."""
        key, written = self.read(option)
        return Section(self.problems, self.place(option), (written or {}) if value is None else value, key.options or {})

    def sections(self, option: str) -> list[Section]:
        """A list of mappings, each with its path."""
        key, value = self.read(option)
        if value is None:
            return []
        if not isinstance(value, (list, tuple)):
            self.wrong(option, f"{shown(value)} is not a list", "Write a list, each entry with a dash")
            return []
        path, keys = self.place(option), key.options or {}
        return [Section(self.problems, f"{path}[{number}]", entry, keys) for number, entry in enumerate(value)]

    def place(self, option: str) -> str:
        """The path of an option."""
        return f"{self.path}.{option}" if self.path else option


def as_number(value: Any) -> Any:
    """What is written as plain digits in quotes as an int; anything else as it is."""
    return whole_number(value) if isinstance(value, str) and whole_number(value) >= 0 else value


def shown(value: Any) -> str:
    """A value in a message: short, and with what does not print made visible."""
    text = repr(str(value) if isinstance(value, str) else value)
    return text if len(text) <= 60 else text[:57] + "..."
