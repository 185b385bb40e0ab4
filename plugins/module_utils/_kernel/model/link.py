# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all network interfaces have in common, and interfaces that exist without us. Private to this collection."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from functools import lru_cache
from typing import Any, Callable, ClassVar, Dict, Iterable, Optional, Tuple, Type

from ..._core import disruption
from ..._core.disruption import HITLESS, SESSION
from ..._core.errors import Problem
from ..._core.values import Checker
from .attribute import LINK_FLAG, NO_LINK_FLAG, NOT_WRITTEN, NUMBER32, Attribute, Settable, by_name, settings
from .kind import LINK, Change, Kind, State, each

#: Stand at the end of the alias of every link that this collection made, or that it holds settings of.
MADE_MARK, HELD_MARK = "[evpn.fabric]", "[evpn.fabric port]"

#: Largest MTU that any kind of device takes (a VRF device's maximum is 65575, a VLAN's that of its lower device).
MTU_FIRST, MTU_LAST = 68, 65535

#: On a link with a smaller MTU the kernel has no IPv6 (RFC 8200, section 5; addrconf_notify in net/ipv6/addrconf.c): it takes
#: the addresses, routes, neighbors and sysctls away that the link had, and refuses new ones.
MTU_OF_IPV6 = 1280

#: What a port costs by its speed (port_cost in net/bridge/br_if.c).
PORT_COSTS = (1, 2, 4, 5, 19, 100)

#: Kinds of devices that links belong to here; the options of modules have these names too.
MASTER_KINDS = ("bridge", "vrf")
#: Attributes whose module option has another name, or that have none.
_OPTIONS = {"link_local": "ipv6_link_local", "master_kind": None, "found": None, "adopted": None, "below": None}


#: How the kernel makes IPv6 link-local addresses where that is neither from the MAC address nor not at all
#: (IN6_ADDR_GEN_MODE_*).
OTHER_GENERATIONS = {b"\2": "stable_secret", b"\3": "random"}

#: What all kinds of links have: IFLA_*, and IFF_* where it is a flag (include/uapi/linux/if.h).
COMMON = (
    Attribute("txqlen", 13, NUMBER32, 1000),
    Attribute("promisc", 0x100, LINK_FLAG, False),
    Attribute("allmulticast", 0x200, LINK_FLAG, False),
    Attribute("addrgenmode", 0, NOT_WRITTEN, None, sayable=False),
    Attribute("link_group", 27, NUMBER32, 0, sayable=False),
)
#: What those have that are for ARP and ND, too, unless somebody asks for it to be otherwise.
ETHERNET = (*COMMON, Attribute("arp", 0x80, NO_LINK_FLAG, True, SESSION))


@dataclass(frozen=True)
class Link(Settable):
    """A network interface. None means: not specified (desired), or the kernel does not say (actual).

    ``master`` is the name of the bridge or VRF it belongs to, ``""`` for none, and ``master_kind`` what the kernel calls the
    kind of that device; it follows from ``master`` and is not compared. ``link_local`` says whether the kernel derives an IPv6
    link-local address. ``owned`` says that we made it, ``held`` that it exists without us and we hold
    settings of it; marks in the alias tell both. ``found`` are the attributes, by name, that an interface had before we changed
    them, where that is remembered, and ``adopted`` says whether it was there before we made it ours, where that is known.
    ``below`` is the device that one of a kind stands on that the model has no place for.
    """

    kind: ClassVar[str] = "interface"
    attributes: ClassVar[Dict[str, Attribute]] = by_name(*COMMON)
    #: The attribute that names the device at the other end, or below (IFLA_LINK); "" where the kind has none.
    linked: ClassVar[str] = ""
    #: Whether such a link can be a port of a bridge, and what it may cost by itself then.
    may_be_port: ClassVar[bool] = True
    port_costs: ClassVar[Tuple[int, ...]] = PORT_COSTS

    name: str
    description: Optional[str] = None
    mtu: Optional[int] = None
    mac: Optional[str] = None
    master: Optional[str] = None
    link_local: Optional[bool] = None
    up: Optional[bool] = None
    owned: Optional[bool] = None
    held: Optional[bool] = None
    master_kind: Optional[str] = field(default=None, compare=False)
    found: Optional[Dict[str, Any]] = field(default=None, compare=False)
    adopted: Optional[bool] = field(default=None, compare=False)
    below: Optional[str] = field(default=None, compare=False)
    settings: Dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> Any:
        """What identifies a link: its name."""
        return self.name

    @property
    def lower(self) -> Optional[str]:
        """The name of the device it stands on and goes with, or None."""
        return None

    @property
    def is_sayable(self) -> bool:
        """Whether the options of its kind can say what it is."""
        return True

    @property
    def usual(self) -> Dict[str, Any]:
        """What a new device of its kind has by itself: options -> values."""
        return {row.called: row.default for row in self.attributes.values() if row.sayable}

    @property
    def is_too_small_for_ipv6(self) -> bool:
        """Whether its MTU is one with which the kernel has no IPv6 on it."""
        return self.mtu is not None and self.mtu < MTU_OF_IPV6

    def alias(self) -> str:
        """The alias in the kernel: the description, then the mark."""
        mark = MADE_MARK if self.owned else HELD_MARK if self.held else ""
        return " ".join(part for part in (self.description, mark) if part)

    def to_output(self) -> Dict[str, Any]:
        """The object as module options spell it, without what is not specified."""
        own = ((each.name, getattr(self, each.name)) for each in fields(self) if each.name != "settings")
        shown = ((self.option(name), value) for name, value in (*own, *self.settings.items()))
        return {option: value for option, value in shown if option and value is not None}

    def option(self, attribute: str) -> Optional[str]:
        """The module option that speaks of an attribute, or None; of a bond's member none speaks of its ``master``."""
        if attribute == "master":
            return self.master_kind if self.master_kind in MASTER_KINDS else None
        row = self.attributes.get(attribute)
        if row is not None:
            return row.called if row.sayable else None
        return _OPTIONS.get(attribute, attribute)


@dataclass(frozen=True)
class Interface(Link):
    """An interface that exists without us: a physical port, a bond, lo. Never created, never deleted.

    ``type`` is what the kernel calls its kind, empty for a physical port.
    """

    type: Optional[str] = None


def interface_from_params(check: Checker) -> Interface:
    """An interface that exists already, from module options."""
    options = common(check, Interface)
    options.update(owned=None, held=True)
    return Interface.made(options)


def kind_of_link(
    model: Type[Link],
    section: str,
    from_params: Callable[[Checker], Link],
    changes: Optional[Dict[str, Change]] = None,
    provider: Optional[Tuple[str, str]] = None,
    **others: Any,
) -> Kind:
    """A kind of link. ``changes`` are those of attributes that are in no table, or that depend on more than the attribute."""
    of_table = {row.name: row.change for row in model.attributes.values()}
    return Kind(
        model.kind,
        LINK,
        model,
        {**_CHANGES, **of_table, **(changes or {})},
        section,
        each(from_params),
        provider=provider,
        **others,
    )


def _change_of_mtu(actual: Link, mtu: int) -> str:
    return SESSION if actual.mtu is not None and actual.mtu >= MTU_OF_IPV6 > mtu else HITLESS


#: What changes of the attributes disturb that all links have.
_CHANGES: Dict[str, Change] = {
    "description": HITLESS,
    "mtu": _change_of_mtu,
    "mac": SESSION,
    "master": disruption.LINK,
    "link_local": HITLESS,
    "up": disruption.LINK,
    "owned": HITLESS,
    "held": HITLESS,
}


def shared(present: State, model: Type[Link], option: str, value: Callable[[Any], Any]) -> Iterable[Problem]:
    """Problems of links of a kind that have the same ``value(link)``, which ``option`` names."""
    seen: Dict[Any, Any] = {}
    for made in present[LINK].values():
        if isinstance(made, model) and getattr(made, option) is not None:
            other = seen.setdefault(value(made), made)
            if other is not made:
                yield Problem(
                    made.name,
                    "has the same %s as %s: %s" % (option, other.name, getattr(made, option)),
                    "Give each %s its own" % made.kind,
                )


def common(check: Checker, model: Any) -> Dict[str, Any]:
    """The fields of a ``model``: options that all kinds of links share, and its settings, checked; defaults of all others."""
    entry = check.entry
    if entry.get("bridge") is not None and entry.get("vrf") is not None:
        check.wrong("vrf", "is given together with bridge", "Put the address-bearing device of the bridge into the VRF instead")
    bridge = check.interface("bridge") if entry.get("bridge") != "" else ""
    vrf = check.interface("vrf") if entry.get("vrf") != "" else ""
    return {
        **_defaults(model),
        "name": check.interface(required=True) or "",
        "description": check.text("description"),
        "mtu": check.number("mtu", MTU_FIRST, MTU_LAST, "an MTU"),
        "mac": check.mac(),
        "master": bridge if bridge is not None else vrf,
        "master_kind": "bridge" if bridge is not None else "vrf" if vrf is not None else None,
        "link_local": entry.get("ipv6_link_local"),
        "up": entry.get("up"),
        "owned": True,
        "settings": settings(check, model),
    }


@lru_cache(maxsize=None)
def _defaults(model: Type[Link]) -> Dict[str, Any]:
    return {each.name: each.default for each in fields(model) if each.default is not MISSING}


def split_alias(alias: str) -> Tuple[str, bool, bool]:
    """An alias as (description, owned, held)."""
    for mark in (MADE_MARK, HELD_MARK):
        if alias.endswith(mark):
            return alias[: -len(mark)].rstrip(), mark is MADE_MARK, mark is HELD_MARK
    return alias, False, False


#: The drivers of many network cards reset the link for another MTU.
KIND = kind_of_link(Interface, "interfaces", interface_from_params, {"mtu": disruption.LINK})
