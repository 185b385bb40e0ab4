# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of tables on the wire: each form's way there and back. Private to this collection."""

from __future__ import annotations

import functools
from struct import Struct
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from ..._core.values import is_multicast
from ..model import attribute as forms
from ..model.attribute import Attribute, in_pairs
from .wire import BE16, BE32, NESTED, U8, U16, U32, U64, Names, NumberOf, address_bytes, address_text, attribute

QOS_MAPPING = 1  # IFLA_VLAN_QOS_MAPPING
_NUMBERS = {
    forms.NUMBER8: U8,
    forms.NUMBER16: U16,
    forms.NUMBER32: U32,
    forms.NUMBER64: U64,
    forms.NETWORK16: BE16,
    forms.NETWORK32: BE32,
    forms.SWITCH8: U8,
    forms.SWITCH32: U32,
}
#: A number of bits, and which of them are meant.
_masked = Struct("=II")
_ports, _pair = Struct(">HH"), Struct("=II")
_text = functools.lru_cache(maxsize=None)(address_text)

#: Numbers of attributes, each with its payload.
Pairs = List[Tuple[int, bytes]]


class Codec(NamedTuple):
    """How an attribute is read and written.

    ``decode(payload, names)`` is its value, None if the kernel does not know it; ``names`` maps interface numbers to names.
    ``encode(value, before, number_of)`` are pairs of attribute number and payload that turn ``before`` into ``value``;
    ``number_of`` maps the name of an interface to its number. ``absent`` is the value where the kernel sends none.
    """

    numbers: Tuple[int, ...]
    decode: Optional[Callable[[bytes, Names], Any]]
    encode: Callable[[Any, Any, NumberOf], Pairs]
    absent: Any = None


def _number(row: Attribute) -> Codec:
    pack, unpack = _NUMBERS[row.form].pack, _NUMBERS[row.form].unpack
    numbers = row.words
    if numbers:
        words = {number: word for word, number in numbers.items()}
        return Codec(
            (row.number,),
            lambda payload, names: words.get(unpack(payload)[0], ""),
            lambda value, before, number_of: [(row.number, pack(numbers[value]))] if value else [],
        )
    value_of = bool if row.form in forms.SWITCHES else int
    return Codec(
        (row.number,),
        lambda payload, names: value_of(unpack(payload)[0]),
        lambda value, before, number_of: [(row.number, pack(value))],
    )


def _presence(row: Attribute) -> Codec:
    return Codec(
        (row.number,),
        lambda payload, names: payload != b"\0",  # most kernels send a number
        lambda value, before, number_of: [(row.number, b"")] if value else [],
        False,
    )


def _bit(row: Attribute) -> Codec:
    mask = 1 << row.bit

    def decode(payload: bytes, names: Names) -> Any:
        bits, known = _masked.unpack(payload)
        return bool(bits & mask) if known & mask else None

    return Codec((row.number,), decode, lambda value, before, number_of: [(row.number, _masked.pack(mask * value, mask))])


def _address(row: Attribute) -> Codec:
    def decode(payload: bytes, names: Names) -> Any:
        address = _text(payload)
        fits = row.form == forms.ADDRESS or is_multicast(address) == (row.form == forms.MULTICAST)
        return address if fits else ""

    def encode(value: Any, before: Any, number_of: NumberOf) -> Pairs:
        if not value and before:
            value = "::" if ":" in before else "0.0.0.0"  # none stands for any
        return [(row.number6 if ":" in value else row.number, address_bytes(value))] if value else []

    return Codec((row.number, row.number6), decode, encode, "")


def _interface(row: Attribute) -> Codec:
    return Codec(
        (row.number,),
        lambda payload, names: names.get(U32.unpack(payload)[0], ""),
        lambda value, before, number_of: [(row.number, U32.pack(number_of(value) if value else 0))],
        "",
    )


def _port_range(row: Attribute) -> Codec:
    return Codec(
        (row.number,),
        lambda payload, names: "%d-%d" % _ports.unpack(payload),
        lambda value, before, number_of: [(row.number, _ports.pack(*map(int, value.split("-"))))],
    )


def _priorities(row: Attribute) -> Codec:
    def numbers(text: Optional[str]) -> Dict[int, int]:
        pairs = (pair.split(":") for pair in (text or "").split())
        return {int(first): int(second) for first, second in pairs}

    def decode(payload: bytes, names: Names) -> Any:
        found, at = {}, 0
        while at + 12 <= len(payload):
            first, second = _pair.unpack_from(payload, at + 4)
            found[first] = second
            at += 12
        return in_pairs(found)

    def encode(value: Any, before: Any, number_of: NumberOf) -> Pairs:
        # What is to lead nowhere leads to 0.
        pairs = {**dict.fromkeys(numbers(before), 0), **numbers(value)}
        mappings = [attribute(QOS_MAPPING, _pair.pack(*pair)) for pair in sorted(pairs.items())]
        return [(row.number | NESTED, b"".join(mappings))] if mappings else []

    return Codec((row.number,), decode, encode, "")


_CODECS = {
    forms.NOT_WRITTEN: lambda row: Codec((), None, lambda value, before, number_of: []),
    **dict.fromkeys(_NUMBERS, _number),
    forms.PRESENCE: _presence,
    forms.BIT: _bit,
    **dict.fromkeys((forms.ADDRESS, forms.UNICAST, forms.MULTICAST), _address),
    forms.INTERFACE: _interface,
    forms.PORTS: _port_range,
    **dict.fromkeys((forms.INGRESS, forms.EGRESS), _priorities),
}
_codecs: Dict[Tuple[Any, ...], Codec] = {}


def codec(row: Attribute) -> Codec:
    """The :class:`Codec` of a row of a table, unless it is a flag of the link, which is no attribute."""
    key = row.form, row.number, row.name
    if key not in _codecs:
        _codecs[key] = _CODECS[row.form](row)
    return _codecs[key]


def decoded(rows: Iterable[Attribute], payloads: Mapping[int, bytes], names: Names) -> Dict[str, Any]:
    """The values of rows by name; ``payloads`` maps attribute numbers to what the kernel sent."""
    found = {}
    for row in rows:
        numbers, decode, _encode, absent = codec(row)
        payload = next((payloads[number] for number in numbers if number in payloads), None)
        found[row.name] = absent if payload is None or decode is None else decode(payload, names)
    return found


def add(written: Dict[int, bytes], pairs: Pairs) -> None:
    """Adds encoded attributes to those of a message, by number; bits that share one are one attribute."""
    for number, payload in pairs:
        if number in written:
            both = zip(_masked.unpack(written[number]), _masked.unpack(payload))
            payload = _masked.pack(*(one | other for one, other in both))
        written[number] = payload


def joined(written: Mapping[int, bytes]) -> List[bytes]:
    """The attributes of a message: a list of bytes."""
    return [attribute(number, payload) for number, payload in written.items()]
