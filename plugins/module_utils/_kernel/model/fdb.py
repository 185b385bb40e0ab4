# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forwarding entries of bridges and VXLAN devices (bridge(8), "bridge fdb"). Private to this collection."""

from __future__ import annotations

from functools import cached_property, partial
from itertools import repeat
from operator import attrgetter, itemgetter
from typing import (
    Any,
    Callable,
    Collection,
    Dict,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Set,
    Tuple,
    ValuesView,
)

from ..._core.disruption import HITLESS, SESSION
from ..._core.errors import Problem
from ..._core.values import (
    MAC,
    PORT_LAST,
    VLAN_FIRST,
    VLAN_LAST,
    VNI_LAST,
    Checker,
    Columns,
    are_ipv4_unicast,
    are_macs,
    is_interface_name,
    is_multicast,
    is_plain_unicast,
)
from .kind import LINK, Description, Kind, State, many
from .left_out import LeftOut
from .membership import filters

#: The destination of what no entry is for: broadcast, unknown unicast and multicast (drivers/net/vxlan).
FLOOD = "00:00:00:00:00:00"
#: What stands for a destination where packets are for the host itself.
LOCAL = "local"
#: A MAC address whose second digit is odd is one of a group.
_GROUP_DIGITS = frozenset("13579bdf")


class Fdb(NamedTuple):
    """A static entry of the device ``dev``. None means: not specified.

    With ``dst`` it is one of a VXLAN device and leads to that VTEP, with ``vni`` if not the device's own, from ``src_vni`` on a
    device that carries many (0: the device's own). Without, it is one of the bridge that ``dev`` is, or is a port of, in
    ``vlan`` (0: none); ``sticky`` keeps it from moving, and packets to one that is ``local`` are for the host itself.
    ``owned``: static, on a device that we made or hold. ``daemon``: who else keeps it, as zebra does those it has from BGP.
    """

    dev: str
    mac: str
    vlan: int = 0
    src_vni: int = 0
    dst: Optional[str] = None
    vni: Optional[int] = None
    port: Optional[int] = None
    via: Optional[str] = None
    sticky: Optional[bool] = None
    local: Optional[bool] = None
    owned: Optional[bool] = None
    daemon: str = ""

    @property
    def kind(self) -> str:
        return "fdb"

    @property
    def key(self) -> Any:
        return keys((self,))[0]

    @property
    def name(self) -> str:
        """How people name it."""
        words = [self.mac, "on", self.dev]
        for word, value in (("vlan", self.vlan), ("src_vni", self.src_vni), ("dst", self.dst)):
            words += [word, str(value)] if value else []
        return " ".join(words)

    def to_output(self) -> Dict[str, Any]:
        output = {"dev": self.dev, "mac": self.mac}
        for option in ("vlan", "src_vni", "dst", "vni", "port", "via", "sticky"):
            if getattr(self, option):
                output[option] = getattr(self, option)
        return {**output, "dst": LOCAL} if self.local else output


class PlainEntries(Mapping[Any, Fdb]):
    """Entries that lead to IPv4 VTEPs and say nothing else, by key, as columns: there may be a hundred thousand of them.

    Objects are made of them, all at once, when somebody looks at one. On a host that has them all nobody does: that is told
    from the columns (`_kernel/netlink/fdb`).
    """

    def __init__(self, devs: List[str], macs: List[str], targets: List[str]) -> None:
        self.devs = devs
        self.macs = macs
        self.targets = targets

    @cached_property
    def by_key(self) -> Dict[Any, Fdb]:
        """The objects."""
        columns = self.devs, self.macs, repeat(0), repeat(0), self.targets, *repeat(repeat(None), 5), repeat(True), repeat("")
        entries: List[Fdb] = list(map(tuple.__new__, repeat(Fdb), zip(*columns)))
        return dict(zip(keys(entries), entries))

    def __len__(self) -> int:
        return len(self.macs)

    def __getitem__(self, key: Any) -> Fdb:
        return self.by_key[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.by_key)

    # Those of Mapping go through __getitem__() for each entry.
    def get(self, key: Any, default: Any = None) -> Any:
        return self.by_key.get(key, default)

    def keys(self) -> KeysView[Any]:
        return self.by_key.keys()

    def values(self) -> ValuesView[Fdb]:
        return self.by_key.values()

    def items(self) -> ItemsView[Any, Fdb]:
        return self.by_key.items()


def devs_of(entries: Mapping[Any, Any]) -> Set[str]:
    """The names of the devices that entries are of, or any other objects of links are on."""
    return set(entries.devs if isinstance(entries, PlainEntries) else map(attrgetter("dev"), entries.values()))


def stations_of(entries: Mapping[Any, Fdb]) -> List[Fdb]:
    """The entries of bridges: those without a destination."""
    return [] if isinstance(entries, PlainEntries) else [entry for entry in entries.values() if not entry.dst]


def is_group(mac: str) -> bool:
    """Whether packets to a MAC address go to several destinations: multicast, and :data:`FLOOD`."""
    return mac[1] in _GROUP_DIGITS or mac == FLOOD


def any_group(macs: Collection[str]) -> bool:
    """Whether :func:`is_group` holds for any of many MAC addresses."""
    return FLOOD in macs or not _GROUP_DIGITS.isdisjoint(map(itemgetter(1), macs))


def keys(entries: Iterable[Any]) -> List[Any]:
    """What identifies each entry: one for a group address has several destinations, any other has one."""
    macs = list(map(itemgetter(1), entries))
    if not any_group(macs) and not any(map(itemgetter(2), entries)) and not any(map(itemgetter(3), entries)):
        return list(zip(map(itemgetter(0), entries), macs))
    return [_key(*entry[:5]) for entry in entries]


def _key(dev: str, mac: str, vlan: int, src_vni: int, dst: Optional[str]) -> Tuple[Any, ...]:
    if mac[1] in _GROUP_DIGITS or mac == FLOOD:
        return dev, mac, vlan, src_vni, dst
    return (dev, mac, vlan, src_vni) if vlan or src_vni else (dev, mac)


#: What an entry can say besides its device, MAC address and destination.
RARE = ("vlan", "src_vni", "vni", "port", "via", "sticky")


def plain_entries(columns: Columns) -> Optional[PlainEntries]:
    """All entries of module options as columns if they are plain and nothing is wrong with any of them, None otherwise."""
    devs, macs, targets = map(columns.values, ("dev", "mac", "dst"))
    fit = (
        are_ipv4_unicast(list(set(targets)))
        and columns.lack(*RARE)
        and None not in devs
        and all(map(is_interface_name, set(devs)))
        and are_macs(macs)
    )
    if not fit:
        return None
    entries = PlainEntries(devs, macs, targets)
    # None is listed twice: most often all their MAC addresses differ, which is quicker to see.
    return entries if len(set(macs)) == len(macs) or len(entries.by_key) == len(macs) else None


def from_columns(columns: Columns, _present: State) -> List[Any]:
    """Entries from module options."""
    vni = partial(Checker.number, first=1, last=VNI_LAST, what="a VNI")
    options = {
        "dev": columns.column("dev", partial(Checker.interface, option="dev", required=True), is_interface_name),
        "mac": columns.column("mac", partial(Checker.station, option="mac"), MAC.match, are_macs),
        "dst": columns.column("dst", _destination, is_plain_unicast),
    }
    rare: Dict[str, Callable[[Checker], Any]] = {
        "vlan": partial(Checker.number, option="vlan", first=VLAN_FIRST, last=VLAN_LAST, what="a VLAN"),
        "src_vni": partial(vni, option="src_vni"),
        "vni": partial(vni, option="vni"),
        "port": partial(Checker.number, option="port", first=1, last=PORT_LAST, what="a UDP port"),
        "via": partial(Checker.interface, option="via"),
        "sticky": lambda check: check.entry["sticky"],
    }
    if columns.lack(*RARE):
        options.update(dict.fromkeys(rare, [None] * len(columns.entries)))
    else:
        options.update((option, columns.column(option, check)) for option, check in rare.items())
    # An entry of a bridge has no destination, or is the host's own; there are few of these.
    local: Iterable[Optional[bool]] = repeat(None)
    if not {None, LOCAL}.isdisjoint(options["dst"]):
        local = [dst == LOCAL if dst in (None, LOCAL) else None for dst in options["dst"]]
        options["dst"] = [None if dst == LOCAL else dst for dst in options["dst"]]
        _contradictions_of_bridged(columns, options, local)
    _contradictions(columns, options)
    numbers = ([number or 0 for number in options[option]] for option in ("vlan", "src_vni"))
    rest = (options[option] for option in ("dst", "vni", "port", "via", "sticky"))
    made = zip(options["dev"], options["mac"], *numbers, *rest, local, repeat(True), repeat(""))
    return list(map(tuple.__new__, repeat(Fdb), made))


def _destination(check: Checker) -> Any:
    return LOCAL if check.entry["dst"] == LOCAL else check.address("dst")


def _contradictions(columns: Columns, options: Dict[str, Any]) -> None:
    """Notes options that do not go together with a destination."""
    for dst in [dst for dst in set(options["dst"]) if dst and is_multicast(dst)]:
        places = [place for place, other in enumerate(options["dst"]) if other == dst and options["mac"][place] != FLOOD]
        message = "%s is a multicast address, and only packets that no other entry is for go to several" % dst
        columns.wrong(places, Problem("dst", message, "Write a unicast address, or %s as mac" % FLOOD))
    for option in [option for option in ("vlan", "sticky") if any(options[option])]:
        for place, value in enumerate(options[option]):
            if value and options["dst"][place]:
                message = "is for entries of a bridge, and this one has a dst"
                columns.wrong((place,), Problem(option, message, "Remove one of the two"))


def _contradictions_of_bridged(columns: Columns, options: Dict[str, Any], local: List[Optional[bool]]) -> None:
    """Notes options that do not go together with none."""
    remote = [option for option in ("vni", "src_vni", "port", "via") if any(options[option])]
    for place in [place for place, is_local in enumerate(local) if is_local is not None]:
        for option in remote:
            if options[option][place]:
                problem = Problem(option, "is of no use without dst", "Write the address of the VTEP as dst, or remove it")
                columns.wrong((place,), problem)
        mac = options["mac"][place]
        if mac and is_group(mac):
            message = "is %s, and %s is no single station" % (LOCAL if local[place] else "missing", mac)
            columns.wrong((place,), Problem("dst", message, "Write the address of a VTEP as dst"))
        if local[place] and options["sticky"][place]:
            columns.wrong((place,), Problem("sticky", "is given, but the host's own addresses do not move", "Remove it"))


def _described(state: State) -> Description:
    """Entries; those that mean nothing where they are are left out."""
    entries, idle = [], []
    for made in state[KIND.group].values():
        if not made.dst and not made.vlan and filters(made.dev, state[LINK]):
            reason = "has no VLAN, and means nothing to a bridge that filters"
            idle.append(LeftOut(made.kind, made.name, reason=reason))
        else:
            entries.append((made.name, made.to_output()))
    return entries, idle


KIND = Kind(
    "fdb",
    "fdb",
    Fdb,
    {**dict.fromkeys(("dst", "vni", "port", "via", "local"), SESSION), "sticky": HITLESS},
    "fdb",
    many(from_columns),
    plain_entries,
    keys,
    is_of_link=True,
    is_marked=False,
    describe=_described,
)
