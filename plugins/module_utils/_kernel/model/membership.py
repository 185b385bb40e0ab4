# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VLANs a port of a bridge, and which VNIs a VXLAN device carries (bridge(8), "bridge vlan" and "bridge vni").

Private to this collection.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from ..._core.disruption import SESSION
from ..._core.values import VNI_LAST
from .kind import LINK, Description, Kind, State, ranges

VLAN_FIRST, VLAN_LAST = 1, 4094
#: So many VNIs are an object each at most: all 16 million would take minutes and more memory than a host has.
VNIS_OF_ENTRY = 65536


class BridgeVlan(NamedTuple):
    """A VLAN on a port of a bridge, or on the bridge itself.

    ``pvid``: untagged packets that come in belong to it. ``untagged``: its packets leave without tag. ``vni``: on a VXLAN
    device that carries many, the VNI that stands for it (0: none).
    """

    dev: str
    vlan: int
    pvid: Optional[bool] = None
    untagged: Optional[bool] = None
    vni: Optional[int] = None
    owned: Optional[bool] = None

    @property
    def kind(self):
        return "bridge_vlan"

    @property
    def key(self):
        return self[:2]

    @property
    def name(self):
        """How people name it."""
        return "vlan %d on %s" % (self.vlan, self.dev)

    def to_output(self):
        output = {"dev": self.dev, "vlan": self.vlan}
        for option in ("pvid", "untagged", "vni"):
            if getattr(self, option):
                output[option] = getattr(self, option)
        return output


class Vni(NamedTuple):
    """A VNI that a VXLAN device with ``vnifilter`` takes; ``group`` is where its broadcast goes, ``""`` for nowhere."""

    dev: str
    vni: int
    group: Optional[str] = None
    owned: Optional[bool] = None

    @property
    def kind(self):
        return "vni"

    @property
    def key(self):
        return self[:2]

    @property
    def name(self):
        """How people name it."""
        return "vni %d on %s" % (self.vni, self.dev)

    def to_output(self):
        output = {"dev": self.dev, "vni": self.vni}
        output.update({"group": self.group} if self.group else {})
        return output


def filters(dev, links):
    """Whether ``dev`` is a bridge that filters VLANs, or a port of one; ``links`` maps names to links."""
    link = links.get(dev)
    bridge = link if getattr(link, "kind", "") == "bridge" else links.get(getattr(link, "master", ""))
    return bool(getattr(bridge, "vlan_filtering", False))


def vlans_from_params(check):
    """The VLANs of one entry, which may name a range: a list."""
    entry = check.entry
    dev = check.interface("dev", required=True) or ""
    first, last = check.range("vlan", VLAN_FIRST, VLAN_LAST, "a VLAN")
    vni, last_vni = check.range("vni", 1, VNI_LAST, "a VNI", required=False)
    if vni and last_vni - vni != last - first:
        check.wrong("vni", "is a range of another length than vlan", "Write as many VNIs as VLANs")
    if entry.get("pvid") and last > first:
        check.wrong("pvid", "is true for a range", "One VLAN alone can be the port's own: give it an entry of its own")
    return [
        BridgeVlan(dev, vlan, entry.get("pvid"), entry.get("untagged"), vni + vlan - first if vni else None, True)
        for vlan in range(first, last + 1)
    ]


def vnis_from_params(check):
    """The VNIs of one entry, which may name a range: a list."""
    dev = check.interface("dev", required=True) or ""
    first, last = check.range("vni", 1, VNI_LAST, "a VNI")
    if last - first >= VNIS_OF_ENTRY:
        check.wrong("vni", "is a range of more than %d" % VNIS_OF_ENTRY, "Name the VNIs that are in use")
        first, last = 0, 0
    group = check.address("group")
    return [Vni(dev, vni, group, True) for vni in range(first, last + 1)]


def _described_vlans(state: State) -> Description:
    """VLANs, those that follow each other as a range, and what the kernel gives to ports by itself and they do not have."""
    given, objects = _default_vlans(state), state[BRIDGE_VLAN.group]
    vlans = {key: made for key, made in objects.items() if key not in given}
    entries = _in_ranges(
        sorted(vlans.values()),
        lambda last, made: not last.pvid and made == last._replace(vlan=last.vlan + 1, vni=last.vni and last.vni + 1),
        ("vlan", "vni"),
    )
    tagged = {made.dev for made in objects.values() if made.pvid}
    for dev, vlan in given:
        made = objects.get((dev, vlan))
        entry: Dict[str, Any] = {"dev": dev, "vlan": str(vlan), "state": "absent"}
        if made is not None:
            # What is not said stays as it was given; but there is one VLAN of untagged packets, and another takes that away.
            flags = {"pvid": made.pvid or dev in tagged, "untagged": made.untagged}
            entry = {**made.to_output(), "vlan": str(vlan), **{flag: False for flag, is_on in flags.items() if not is_on}}
        entries.append((dev, entry))
    return entries, []


def _default_vlans(state: State) -> List[Tuple[str, int]]:
    """The VLANs that bridges with a filter give to their ports and to themselves: (name of the port, VLAN) pairs."""
    links = state[LINK]
    vlans = {name: link.default_vlan for name, link in links.items() if link.kind == "bridge" and link.vlan_filtering}
    ports = ((name, vlans.get(name) or vlans.get(link.master)) for name, link in links.items())
    return [(name, vlan) for name, vlan in ports if vlan]


def _described_vnis(state: State) -> Description:
    """VNIs, those that follow each other as a range."""
    vnis = sorted(state[VNI.group].values())
    return _in_ranges(vnis, lambda last, made: made == last._replace(vni=last.vni + 1), ("vni",)), []


def _in_ranges(
    objects: Iterable[Any], follows: Callable[[Any, Any], bool], numbers: Sequence[str]
) -> List[Tuple[str, Dict[str, Any]]]:
    """An entry for each run of objects in which one ``follows`` the other; its ``numbers`` are written as ranges."""
    runs: List[List[Any]] = []
    for made in objects:
        if runs and follows(runs[-1][1], made):
            runs[-1][1] = made
        else:
            runs.append([made, made])
    entries = []
    for first, last in runs:
        entry = first.to_output()
        for option in numbers:
            if option in entry:
                ends = getattr(first, option), getattr(last, option)
                entry[option] = "%d-%d" % ends if first != last else str(ends[0])
        entries.append((first.name, entry))
    return entries


BRIDGE_VLAN = Kind(
    "bridge_vlan",
    "bridge_vlan",
    BridgeVlan,
    {"pvid": SESSION, "untagged": SESSION, "vni": SESSION},
    "bridge_vlans",
    ranges(vlans_from_params),
    is_of_link=True,
    is_marked=False,
    describe=_described_vlans,
)
VNI = Kind(
    "vni",
    "vni",
    Vni,
    {"group": SESSION},
    "vnis",
    ranges(vnis_from_params),
    is_of_link=True,
    is_marked=False,
    describe=_described_vnis,
)
