# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads gateways, VNIs and pins as a user wrote them; one error lists every problem. Private to this collection."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from .._core.errors import Problem, ValidationError
from .._core.values import VNI_LAST
from .ranges import Span, note_overlaps, read_spans, shown

STATES = ("active", "drained", "failed")
PLACEMENTS = ("rendezvous", "bounded", "ring")
#: More would take minutes and gigabytes; a fabric has far fewer.
MOST_VNIS = 1 << 20
MOST_BUCKETS = 4096
MOST_STANDBYS = 255
UID_LAST = (1 << 64) - 1
#: Weights are kept in thousandths: integers compare alike on every machine.
WEIGHT_UNIT = 1000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,252}\Z")
_WEIGHT = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?\Z")
#: What a request may say.
KEYS = ("gateways", "self", "vnis", "buckets", "pins", "standbys", "placement", "allow_none_active")
GATEWAY_KEYS = ("name", "weight", "state", "uids")


class Gateway(NamedTuple):
    """A gateway: its name, its weight in thousandths, its state (one of :data:`STATES`), its points on wmgwd's ring."""

    name: str
    weight: int
    state: str
    uids: Tuple[int, ...]


class Pin(NamedTuple):
    """The gateway that a number was given to, and where that was written."""

    gateway: str
    path: str


@dataclass(frozen=True)
class Request:
    """A checked input: gateways by name, VNIs in ascending order; the order in which they were written does not matter.

    ``buckets`` is 0 where each VNI is placed by itself. ``pins`` are by VNI, or by bucket where there are buckets.
    ``self_name`` is the gateway that asks, "" where none does.
    """

    gateways: Tuple[Gateway, ...]
    vnis: Tuple[int, ...]
    buckets: int
    pins: Dict[int, Pin]
    standbys: int
    placement: str
    self_name: str

    @property
    def active(self) -> Tuple[Gateway, ...]:
        """The gateways that may own something: a tuple of :class:`Gateway`."""
        return tuple(gateway for gateway in self.gateways if gateway.state == "active")

    @property
    def numbers(self) -> Sequence[int]:
        """What is placed: the VNIs, or the numbers of the buckets; a sequence of ints."""
        return range(self.buckets) if self.buckets else self.vnis


def read_options(options: Mapping[str, Any]) -> Request:
    """The :class:`Request` in the options of `gateway_failover`, which say besides how this gateway comes to what it owns.

    Raises ValidationError with every problem.
    """
    return read({key: options[key] for key in KEYS if key in options})


def read(params: Any, path: str = "") -> Request:
    """The :class:`Request` of a mapping as users write it.

    ``gateways`` is a list of ``name``, ``weight`` (1), ``state`` (active) and, for the ring, ``uids``; ``vnis`` are numbers and
    ranges; ``pins`` a list of ``vnis`` or ``buckets`` with a ``gateway``; then ``standbys`` (1), ``placement`` (rendezvous),
    ``buckets`` (none), ``self`` (none) and ``allow_none_active`` (false). ``path`` is where the mapping stands in the user's
    input. Raises ValidationError with every problem.
    """
    reader = _Reader(params, path)
    request = reader.request()
    if reader.problems:
        raise ValidationError(reader.problems)
    return request


class _Reader:
    """Reads one mapping; collects problems."""

    def __init__(self, params: Any, path: str) -> None:
        self.problems: List[Problem] = []
        self.prefix = f"{path}." if path else ""
        found = self.mapping(path or "input", params, KEYS, self.prefix)
        if found is None:
            raise ValidationError(self.problems)
        self.params = found

    def request(self) -> Request:
        """The request; worth something only if there are no problems."""
        placement = self.choice("placement", PLACEMENTS)
        gateways = self.gateways(placement)
        names = [gateway.name for gateway in gateways if gateway.name]
        vnis = self.vnis()
        buckets = self.number("buckets", 1, MOST_BUCKETS, 0)
        own = self.params.get("self")
        if own is not None and own not in names:
            self.wrong("self", f"{shown(own)} is not in {self.prefix}gateways", _one_of(names))
        return Request(
            gateways=tuple(sorted(gateways)),
            vnis=vnis,
            buckets=buckets,
            pins=self.pins(names, vnis, buckets),
            standbys=self.number("standbys", 0, MOST_STANDBYS, 1),
            placement=placement,
            self_name="" if own is None else own,
        )

    def gateways(self, placement: str) -> List[Gateway]:
        listed = self.listed("gateways")
        if self.params.get("gateways") in (None, [], ()):
            self.wrong("gateways", "names no gateway", "List the gateways, each with its name")
        found = []
        names: dict[str, str] = {}
        uids: dict[int, str] = {}
        for place, entry in enumerate(listed):
            path = f"{self.prefix}gateways[{place}]"
            entry = self.mapping(path, entry, GATEWAY_KEYS, f"{path}.")
            if entry is None:
                continue
            name = entry.get("name")
            if not isinstance(name, str) or not _NAME.match(name):
                self.note(f"{path}.name", _not_a(name, "name"), "Write letters, digits, '.', '_' and '-'")
            elif names.setdefault(name, path) != path:
                self.note(f"{path}.name", f"{name} is {names[name]} too", "Give each gateway a name of its own")
            points = self.uids(entry, path, uids, placement)
            weight = self.weight(entry, path)
            if placement == "ring":
                if weight != WEIGHT_UNIT:
                    self.note(f"{path}.weight", "has no effect on the ring", "Remove it, and give the gateway more uids")
                weight = len(points) * WEIGHT_UNIT
            state = self.choice("state", STATES, entry, f"{path}.")
            found.append(Gateway(name if isinstance(name, str) else "", weight, state, points))
        allowed = self.params.get("allow_none_active", False)
        if not isinstance(allowed, bool):
            self.wrong("allow_none_active", f"{shown(allowed)} is not true or false", "Write true or false")
        elif found and not allowed and "active" not in {gateway.state for gateway in found}:
            self.wrong(
                "gateways",
                "are all drained or failed",
                "Make one active, or write allow_none_active: true for no owners at all",
            )
        return found

    def weight(self, entry: Mapping[str, Any], path: str) -> int:
        value = entry.get("weight", 1)
        text = "" if isinstance(value, bool) or not isinstance(value, (int, float, str)) else str(value)
        thousandths = 0
        if _WEIGHT.match(text):
            whole, _point, part = text.partition(".")
            thousandths = int(whole + part.ljust(3, "0"))
        if not thousandths:
            self.note(
                f"{path}.weight",
                f"{shown(value)} is not a weight",
                "Write a number from 0.001 to 999999.999, or state: drained for a gateway that shall own nothing",
            )
        return thousandths or WEIGHT_UNIT

    def uids(self, entry: Mapping[str, Any], path: str, seen: Dict[int, str], placement: str) -> Tuple[int, ...]:
        value = entry.get("uids")
        if value is None:
            if placement == "ring":
                self.note(f"{path}.uids", "is missing", "Write the numbers that this gateway's wmgwd was started with")
            return ()
        if not isinstance(value, (list, tuple)) or not value:
            self.note(f"{path}.uids", f"{shown(value)} is not a list of numbers", "Write a list such as [1000, 2000]")
            return ()
        found = []
        for place, uid in enumerate(value):
            where = f"{path}.uids[{place}]"
            uid = int(uid) if isinstance(uid, str) and re.match(r"[0-9]{1,20}\Z", uid) else uid
            if isinstance(uid, bool) or not isinstance(uid, int) or not 0 <= uid <= UID_LAST:
                self.note(where, f"{shown(uid)} is not a uid", f"Write a number from 0 to {UID_LAST}")
            elif seen.setdefault(uid, where) != where:
                self.note(where, f"{uid} is {seen[uid]} too", "Write each uid once")
            else:
                found.append(uid)
        return tuple(sorted(found))

    def vnis(self) -> Tuple[int, ...]:
        if self.params.get("vnis") is None:
            self.wrong("vnis", "is missing", "Write numbers and ranges such as 10000-10999")
            return ()
        path = f"{self.prefix}vnis"
        spans = read_spans(self.problems, path, self.params["vnis"], 1, VNI_LAST, "a VNI")
        note_overlaps(self.problems, spans, "Name each VNI once")
        total = sum(span.last - span.first + 1 for span in spans)
        if total > MOST_VNIS:
            self.note(path, f"are {total} VNIs", f"Write at most {MOST_VNIS}: those that the gateways serve")
            return ()
        return tuple(sorted({vni for span in spans for vni in range(span.first, span.last + 1)}))

    def pins(self, names: Sequence[str], vnis: Tuple[int, ...], buckets: int) -> Dict[int, Pin]:
        """The pins by number; a range pins those of its numbers that there are."""
        what, other = ("buckets", "vnis") if buckets else ("vnis", "buckets")
        numbers = range(buckets) if buckets else vnis
        bounds = (0, buckets - 1, "a bucket") if buckets else (1, VNI_LAST, "a VNI")
        pins, spans = {}, []
        for place, entry in enumerate(self.listed("pins")):
            path = f"{self.prefix}pins[{place}]"
            entry = self.mapping(path, entry, ("vnis", "buckets", "gateway"), f"{path}.")
            if entry is None:
                continue
            gateway = entry.get("gateway")
            if gateway not in names:
                self.note(f"{path}.gateway", f"{shown(gateway)} is not in {self.prefix}gateways", _one_of(names))
            if entry.get(other) is not None:
                self.note(f"{path}.{other}", f"cannot be pinned where {what} are placed", f"Write {what}")
            elif entry.get(what) is None:
                self.note(f"{path}.{what}", "is missing", "Write numbers and ranges")
            else:
                mine = read_spans(self.problems, f"{path}.{what}", entry[what], *bounds)
                found = [number for span in mine for number in _within(span, numbers)]
                if mine and not found and numbers:
                    self.note(f"{path}.{what}", f"none of them is in {self.prefix}{what}", "Add them there, or remove the pin")
                pins.update(dict.fromkeys(found, Pin(str(gateway), path)))
                spans += mine
        note_overlaps(self.problems, spans, f"Pin {'each bucket' if buckets else 'each VNI'} once")
        return pins

    def listed(self, option: str) -> Sequence[Any]:
        value = self.params.get(option)
        if value is None or isinstance(value, (list, tuple)):
            return value or ()
        self.wrong(option, f"{shown(value)} is not a list", "Write a list, each entry with a dash")
        return ()

    def number(self, option: str, first: int, last: int, default: int) -> int:
        value = self.params.get(option)
        if value is None:
            return default
        value = int(value) if isinstance(value, str) and re.match(r"[0-9]{1,9}\Z", value) else value
        if isinstance(value, int) and not isinstance(value, bool) and first <= value <= last:
            return value
        self.wrong(option, f"{shown(value)} is not a number of {option}", f"Write a number from {first} to {last}")
        return default

    def choice(
        self, option: str, choices: Sequence[str], entry: Optional[Mapping[str, Any]] = None, prefix: Optional[str] = None
    ) -> str:
        value = (self.params if entry is None else entry).get(option, choices[0])
        if value in choices:
            return str(value)
        path = (self.prefix if prefix is None else prefix) + option
        self.note(path, f"{shown(value)} is not known", f"Write one of {', '.join(choices)}")
        return choices[0]

    def mapping(self, path: str, value: Any, known: Sequence[str], prefix: str) -> Optional[Mapping[str, Any]]:
        """A mapping, its unknown keys noted; None after noting that it is none."""
        if not isinstance(value, Mapping):
            self.note(path, f"{shown(value)} is not a mapping", f"Write a mapping of {', '.join(known)}")
            return None
        for key in value:
            if key not in known:
                self.note(f"{prefix}{key}", "is not a known key", f"Write one of {', '.join(known)}")
        return value

    def wrong(self, option: str, message: str, remedy: str) -> None:
        """Notes a problem with an option of the mapping itself."""
        self.note(self.prefix + option, message, remedy)

    def note(self, path: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(path, message, remedy))


def _within(span: Span, numbers: Sequence[int]) -> Sequence[int]:
    return numbers[bisect_left(numbers, span.first) : bisect_right(numbers, span.last)]


def _one_of(names: Sequence[str]) -> str:
    return f"Write one of {', '.join(sorted(set(names)))}" if names else "List it there"


def _not_a(value: Any, what: str) -> str:
    return "is missing" if value is None else f"{shown(value)} is not a {what}"
