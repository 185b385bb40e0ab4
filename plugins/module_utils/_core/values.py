# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of single values: each returns the value in the kernel's own spelling, or None after noting a problem.

Private to this collection. Paths name the input as the user wrote it: ``vxlans[3].vni``.
"""

from __future__ import annotations

import re
import socket
import struct
from itertools import repeat
from operator import and_, itemgetter
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from .errors import Problem

#: Interface names: IFNAMSIZ is 16 with the closing zero; dev_valid_name() in net/core/dev.c forbids the rest.
NAME_BYTES = 15
#: Descriptions: the kernel's alias has 255 bytes (IFALIASZ in include/uapi/linux/if.h), of which our mark takes up to 19.
TEXT_BYTES = 200
VNI_LAST = 16777215
#: VLANs: 0 and 4095 are reserved (IEEE 802.1Q).
VLAN_FIRST, VLAN_LAST = 1, 4094
PORT_LAST = 65535
TOS_LAST = 255
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,15}\Z")
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}\Z")


class Checker:
    """Collects the problems of one input; ``path`` is where that input stands."""

    def __init__(self, problems: List[Problem], path: str, entry: Mapping[Any, Any]) -> None:
        self.problems = problems
        self.path = path
        self.entry: Any = entry

    def wrong(self, option: str, message: str, remedy: str) -> Any:
        """Notes a problem with one option; returns None so that a check can end with it."""
        path = ".".join(part for part in (self.path, option) if part)
        self.problems.append(Problem(path, message, remedy))

    def within(self, place: str, entry: Mapping[Any, Any]) -> Checker:
        """The checker of an input inside this one."""
        return Checker(self.problems, "%s.%s" % (self.path, place), entry)

    def number(self, option: str, first: int, last: int, what: str) -> Optional[int]:
        """An integer within bounds, both included; ``what`` it is comes with its article."""
        value = self.entry.get(option)
        if value is None or first <= value <= last:
            return value
        return self.wrong(option, "%s is not %s" % (value, what), "Write a number from %d to %d" % (first, last))

    def range(self, option: str, first: int, last: int, what: str, required: bool = True) -> Tuple[int, int]:
        """A number or a range of them, ``100`` or ``100-200``: (first, last), (0, 0) where there is none."""
        value = self.entry.get(option)
        if value is None:
            if required:
                self.wrong(option, "is missing", "Write %s or a range such as %d-%d" % (what, first, first + 9))
            return 0, 0
        low, dash, high = str(value).partition("-")
        ends = [whole_number(end) for end in ((low, high) if dash else (low, low))]
        if not first <= ends[0] <= ends[1] <= last:
            self.wrong(
                option,
                "%r is not %s, nor a range of them" % (value, what),
                "Write a number from %d to %d, or a range such as %d-%d, the smaller one first"
                % (first, last, first, first + 9),
            )
            return 0, 0
        return ends[0], ends[1]

    def station(self, option: str) -> Optional[str]:
        """A MAC address of any kind, in lower case."""
        value = self.entry.get(option)
        if value is None:
            return None
        mac = value.lower()
        if not MAC.match(mac):
            return self.wrong(option, "%r is not a MAC address" % value, "Write six bytes such as 02:00:5e:00:01:01")
        return mac

    def interface(self, option: str = "name", required: bool = False) -> Any:
        """A network interface's name as the kernel takes it."""
        value = self.entry.get(option)
        if value is None:
            return self.wrong(option, "is missing", "Write an interface name") if required else None
        if not is_interface_name(value):
            return self.wrong(
                option,
                "%r is not an interface name" % value,
                "Write 1 to 15 bytes without '/', ':', '%' and blanks, and not '.' or '..'",
            )
        return value

    def mac(self, option: str = "mac") -> Optional[str]:
        """A unicast MAC address, in lower case."""
        value = self.entry.get(option)
        if value is None:
            return None
        mac = value.lower()
        if not MAC.match(mac) or int(mac[:2], 16) & 1 or mac == "00:00:00:00:00:00":
            return self.wrong(
                option,
                "%r is not the MAC address of an interface" % value,
                "Write six bytes such as 02:00:5e:00:01:01, the first one even",
            )
        return mac

    def address(self, option: str, multicast: Optional[bool] = None) -> Any:
        """An IPv4 or IPv6 address; ``multicast`` says which kind is meant, None takes both."""
        value = self.entry.get(option)
        if value is None:
            return None
        address = canonical_address(value)
        if address is None:
            return self.wrong(option, "%r is not an IP address" % value, "Write one such as 10.0.0.1 or 2001:db8::1")
        if multicast is not None and is_multicast(address) != multicast:
            return self.wrong(
                option,
                "%s is %sa multicast address" % (address, "not " if multicast else ""),
                "Write one from 224.0.0.0/4 or ff00::/8" if multicast else "Write a unicast address",
            )
        return address

    def prefix(self, option: str, host_bits: bool = True) -> Any:
        """An address with a prefix length, ``10.0.0.1/24``; without ``host_bits`` it must be a network's own."""
        value = self.entry.get(option)
        if value is None:
            return None
        prefix = canonical_prefix(value, host_bits)
        if prefix is None:
            return self.wrong(
                option,
                "%r is not an IP %s" % (value, "address with its prefix length" if host_bits else "network"),
                "Write one such as %s" % ("10.0.0.1/24" if host_bits else "10.0.0.0/24"),
            )
        return prefix

    def text(self, option: str) -> Any:
        """One line of printable text, without blanks at its end."""
        value = self.entry.get(option)
        if value is None:
            return None
        if not is_one_line(value) or len(value.encode()) > TEXT_BYTES:
            return self.wrong(
                option,
                "%r is not one line of at most %d bytes" % (value[:40], TEXT_BYTES),
                "Write printable characters only, without line breaks",
            )
        return value.rstrip()


def are_macs(values: Sequence[Any]) -> bool:
    """Whether all of many values are MAC addresses in lower case: a test of all of them at once."""
    try:
        joined = ":".join(values)
        return bytes.fromhex(joined.replace(":", " ")).hex(":") == joined and set(map(len, values)) == {17}
    except (TypeError, ValueError):
        return False


#: The first bytes of IPv4 multicast addresses (RFC 5771).
_MULTICAST = range(224, 240)
#: Length of a prefix as it is written -> the bits of an IPv4 address behind it.
_HOST_BITS = {str(length): (1 << 32 - length) - 1 for length in range(33)}


def are_ipv4_unicast(values: Sequence[Any]) -> bool:
    """Whether all of many values are IPv4 unicast addresses as the kernel prints them: a test of all of them at once."""
    try:
        packed = list(map(socket.inet_pton, repeat(socket.AF_INET), values))
        firsts = set(map(itemgetter(0), packed))
        return firsts.isdisjoint(_MULTICAST) and list(map(socket.inet_ntop, repeat(socket.AF_INET), packed)) == values
    except (OSError, TypeError, ValueError):
        return False


def are_ipv4_networks(values: Sequence[Any]) -> bool:
    """Whether all of many values are IPv4 networks written as the kernel prints them: a test of all of them at once."""
    try:
        addresses, _slashes, lengths = zip(*map(str.partition, values, repeat("/")))
        packed = list(map(socket.inet_pton, repeat(socket.AF_INET), addresses))
        numbers = struct.unpack(">%dI" % len(packed), b"".join(packed))
        host_bits = map(and_, numbers, map(_HOST_BITS.__getitem__, lengths))
        return not any(host_bits) and tuple(map(socket.inet_ntop, repeat(socket.AF_INET), packed)) == addresses
    except (AttributeError, KeyError, OSError, TypeError, ValueError):
        return False


class Columns:
    """Collects the problems of many entries, an option at a time: each distinct value is checked once.

    ``entries`` are those of the list ``listed`` whose places are ``numbers``, or all of them; entries that have names are told
    by these.
    """

    def __init__(
        self, problems: List[Problem], path: str, listed: Sequence[Dict[str, Any]], numbers: Optional[Sequence[Any]] = None
    ) -> None:
        self.problems = problems
        self.path = path
        self.numbers = range(len(listed)) if numbers is None else numbers
        self.entries = listed if len(self.numbers) == len(listed) else [listed[number] for number in self.numbers]

    def rows(self) -> Iterator[Checker]:
        """A :class:`Checker` for each entry."""
        for number, entry in zip(self.numbers, self.entries):
            yield Checker(self.problems, "%s[%s]" % (self.path, number), entry)

    def lack(self, *options: str) -> bool:
        """Whether no entry has any of several options."""
        try:
            return set(map(itemgetter(*options), self.entries)) <= {(None,) * len(options)}
        except (KeyError, TypeError):  # the value of one is a dictionary
            return False

    def column(
        self,
        option: str,
        check: Callable[[Checker], Any],
        fits: Optional[Callable[[Any], Any]] = None,
        all_fit: Optional[Callable[[Sequence[Any]], bool]] = None,
    ) -> List[Any]:
        """One option of all entries, as ``check``, given a :class:`Checker`, returns it.

        ``fits`` is a quick test for values that are well as they are, ``all_fit`` one for all of them together.
        """
        values = self.values(option)
        if all_fit and all_fit(values):
            return values
        odd = [value for value in set(values) if value is None or fits is None or not fits(value)]
        known: Dict[Any, Any] = {}
        for value in odd:
            found: list = []
            known[value] = check(Checker(found, "", {option: value}))
            for problem in found:
                self.wrong((number for number, other in enumerate(values) if other == value), problem)
        if all(value is made for value, made in known.items()):
            return values
        return [known.get(value, value) for value in values]

    def values(self, option: str) -> List[Any]:
        """One option of all entries as it is written, None where it is not."""
        try:
            return list(map(itemgetter(option), self.entries))
        except KeyError:
            return [entry.get(option) for entry in self.entries]

    def wrong(self, places: Iterable[int], problem: Problem) -> None:
        """Notes a problem with the entries at ``places``; the problem's own path is that within an entry."""
        for place in places:
            path = "%s[%s]%s" % (self.path, self.numbers[place], problem.path and "." + problem.path)
            self.problems.append(problem._replace(path=path))


def is_interface_name(value: str) -> bool:
    """Whether the kernel takes ``value`` as the name of an interface (dev_valid_name in net/core/dev.c)."""
    if _PLAIN_NAME.match(value):
        return value not in (".", "..")
    return (
        not any(char in "/:%" or char.isspace() or not char.isprintable() for char in value)
        and 0 < len(value.encode()) <= NAME_BYTES
    )


def whole_number(text: str) -> int:
    """A number of ordinary digits, at most ten of them; -1 for any other text. (int() takes digits of every script.)"""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else -1


def is_one_line(value: str) -> bool:
    """Whether ``value`` is free of line breaks and control characters."""
    return value.isprintable()


def canonical_address(value: str) -> Optional[str]:
    """An IP address as the kernel prints it, or None if it is none."""
    family = socket.AF_INET6 if ":" in value else socket.AF_INET
    try:
        return socket.inet_ntop(family, socket.inet_pton(family, value))
    except (OSError, ValueError, UnicodeEncodeError):
        return None


def is_plain_unicast(value: str) -> bool:
    """Whether ``value`` is a unicast IP address written as the kernel prints it."""
    return canonical_address(value) == value and not is_multicast(value)


def is_plain_network(value: str) -> bool:
    """Whether ``value`` is a network written as the kernel prints it."""
    return canonical_prefix(value, host_bits=False) == value


def canonical_prefix(value: str, host_bits: bool = True) -> Optional[str]:
    """``address/length`` as the kernel prints it, or None; without ``host_bits`` those must be zero."""
    address, _slash, length = value.partition("/")
    family, bits = (socket.AF_INET6, 128) if ":" in address else (socket.AF_INET, 32)
    if not 0 <= whole_number(length) <= bits:
        return None
    try:
        packed = socket.inet_pton(family, address)
    except (OSError, ValueError, UnicodeEncodeError):
        return None
    if not host_bits and int.from_bytes(packed, "big") & ((1 << (bits - int(length))) - 1):
        return None
    return "%s/%d" % (socket.inet_ntop(family, packed), int(length))


def is_multicast(address: str) -> bool:
    """Whether a canonical address is a multicast group (RFC 5771, RFC 4291)."""
    if ":" in address:
        return address.startswith("ff")
    return int(address.partition(".")[0]) in _MULTICAST
