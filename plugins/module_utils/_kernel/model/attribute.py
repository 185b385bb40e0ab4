# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of what links and bridge ports have: a row for each attribute. Private to this collection.

All else follows from the row: how it is read and written (`_kernel/netlink/link_dump`, `links`), whether it is compared and
what a change disturbs (`_kernel/plan/compare`), the option of modules (`_module/options`), what `dataplane_info` says of it
(`description`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import Any, Callable, ClassVar, Dict, List, Mapping, NamedTuple, Optional, Tuple, Type, TypeVar

from ..._core.disruption import HITLESS
from ..._core.values import Checker, whole_number

#: Forms: how netlink writes a value. Numbers of so many bits, some of them in network order.
NUMBER8, NUMBER16, NUMBER32, NUMBER64, NETWORK16, NETWORK32 = "u8", "u16", "u32", "u64", "be16", "be32"
#: Switches: a number that is 0 or 1; one that is there or not; a bit among others, with a mask; a flag of the link itself, or
#: the opposite of one.
SWITCH8, SWITCH32, PRESENCE, BIT, LINK_FLAG, NO_LINK_FLAG = "bool8", "bool32", "presence", "bit", "iff", "no iff"
#: What the kernel shows and never lets anybody write.
NOT_WRITTEN = "not written"
#: Texts: addresses of any kind, of unicast or of multicast only; an interface; two ports as ``1-2``; priorities
#: as ``0:1 5:2``.
ADDRESS, UNICAST, MULTICAST, INTERFACE, PORTS = "address", "unicast", "multicast", "interface", "ports"
INGRESS, EGRESS = "ingress priorities", "egress priorities"

_BITS = {NUMBER8: 8, NUMBER16: 16, NUMBER32: 32, NUMBER64: 64, NETWORK16: 16, NETWORK32: 32}
SWITCHES = (SWITCH8, SWITCH32, PRESENCE, BIT, LINK_FLAG, NO_LINK_FLAG)
#: Priorities of VLAN tags are numbers below this (IEEE 802.1Q); those of packets are numbers of 32 bits.
TAG_PRIORITIES = 8


class Attribute(NamedTuple):
    """An attribute of a kind of link, or of a bridge port.

    ``number`` is netlink's (include/uapi/linux/if_link.h), ``number6`` that of its IPv6 counterpart; ``bit`` is its place in a
    number that it shares. ``default`` is what a new device has, None where that depends. ``change`` is what a change
    disturbs. ``words`` maps the words for its values to numbers, ``last`` is the largest number that is possible.
    ``option`` is the name of its option where that is another; without ``sayable`` it has none.
    """

    name: str
    number: int
    form: str
    default: Any = None
    change: str = HITLESS
    number6: int = 0
    bit: int = 0
    words: Optional[Dict[str, int]] = None
    last: Optional[int] = None
    option: str = ""
    sayable: bool = True

    @property
    def called(self) -> str:
        """The name of its option."""
        return self.option or self.name

    @property
    def type(self) -> str:
        """The type of its option."""
        return "bool" if self.form in SWITCHES else "int" if self.form in _BITS and not self.words else "str"

    @property
    def largest(self) -> int:
        """The largest number that is possible."""
        return (1 << _BITS[self.form]) - 1 if self.last is None else self.last


def by_name(*rows: Attribute) -> Dict[str, Attribute]:
    """Rows by name."""
    return {row.name: row for row in rows}


Made = TypeVar("Made", bound="Settable")


class Settable:
    """What has the attributes of a table, :attr:`attributes`: a frozen dataclass.

    Those that some code names are fields of it; all others are in its field ``settings``, name to value, those that are
    specified (desired) or that the kernel sends (actual), and are read like fields. Objects that are alike share that
    dictionary: nobody changes it.
    """

    attributes: ClassVar[Dict[str, Attribute]] = {}
    settings: Dict[str, Any]
    __dataclass_fields__: ClassVar[Dict[str, Any]]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        fields = {name for base in cls.__mro__ for name in getattr(base, "__annotations__", ())}
        for name in cls.attributes.keys() - fields:
            setattr(cls, name, _setting(name))  # __getattr__() would make it slow to read any attribute

    @classmethod
    def made(cls: Type[Made], values: Mapping[str, Any], **others: Any) -> Made:
        """An object from all of its fields, at a third of the time of the constructor of a frozen dataclass."""
        made = object.__new__(cls)
        made.__dict__.update(values, **others)
        return made

    def having(self, **attributes: Any) -> Any:
        """The same with other attributes."""
        others = {name: attributes.pop(name) for name in list(attributes) if name not in self.__dataclass_fields__}
        return replace(self, **attributes, settings={**self.settings, **others} if others else self.settings)


def _setting(name: str) -> property:
    return property(lambda self: self.settings.get(name))


@lru_cache(maxsize=None)
def _set_apart(model: Any) -> Tuple[List[str], Callable[[Any], Tuple[Any, ...]], List[Attribute]]:
    """The rows of a :class:`Settable` that are settings and have an option: these options, what gets them, and the rows."""
    rows = [row for row in model.attributes.values() if row.sayable and row.name not in model.__dataclass_fields__]
    options = [row.called for row in rows]
    return options, itemgetter(*options), rows


_NOTHING: Dict[str, Any] = {}


def settings(check: Checker, model: Any) -> Dict[str, Any]:
    """The settings of a ``model`` among an entry's options. Equal ones are checked once, and are one dictionary."""
    options, values_of, _rows = _set_apart(model)
    try:
        values = values_of(check.entry)
    except KeyError:
        values = tuple(map(check.entry.get, options))
    if values.count(None) == len(values):
        return _NOTHING
    found, problems = _settings(model, values)
    for problem in problems:
        check.wrong(*problem)
    return found


@lru_cache(maxsize=None)
def _settings(model: Any, values: Tuple[Any, ...]) -> Tuple[Dict[str, Any], Tuple[Any, ...]]:
    problems: list = []
    options, _values_of, rows = _set_apart(model)
    check = Checker(problems, "", dict(zip(options, values)))
    found = {row.name: _checked(check, row) for row, value in zip(rows, values) if value is not None}
    return found, tuple(problems)


def _checked(check: Checker, row: Attribute) -> Any:
    """The value of one option in the kernel's own spelling."""
    option = row.called
    if row.form in SWITCHES or row.words:
        return check.entry[option]
    if row.form == INTERFACE:
        return "" if check.entry[option] == "" else check.interface(option)
    if row.form == PORTS:
        first, last = check.range(option, 0, 65535, "a UDP port")
        return "%d-%d" % (first, last)
    if row.form in (INGRESS, EGRESS):
        return _priorities(check, option, row.form)
    return check.number(option, 0, row.largest, "a value of it")


def _priorities(check: Checker, option: str, form: str) -> Any:
    """Pairs of priorities as the kernel has them: sorted, without those that lead to 0."""
    value = check.entry[option]
    pairs = [pair.partition(":")[::2] for pair in value.split()]
    numbers = [(whole_number(first), whole_number(second)) for first, second in pairs]
    tags = [pair[0 if form == INGRESS else 1] for pair in numbers]
    if not all(0 <= number < 1 << 32 for pair in numbers for number in pair) or any(tag >= TAG_PRIORITIES for tag in tags):
        return check.wrong(
            option,
            "%r is not a list of priorities" % value,
            "Write pairs such as 0:1 5:2; those of tags are from 0 to %d" % (TAG_PRIORITIES - 1),
        )
    return in_pairs(dict(numbers))


def in_pairs(numbers: Dict[int, int]) -> str:
    """Priorities as one text."""
    return " ".join("%d:%d" % pair for pair in sorted(numbers.items()) if pair[1])
