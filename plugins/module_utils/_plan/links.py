# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations on links. Private to this collection."""

from __future__ import annotations

from dataclasses import replace

from .compare import FIXED, differences, disruption, in_words, merged
from .loss import flushed_by
from .operation import DISRUPTIONS, HITLESS, LINK, PHASE, Operation, Step


def deleted(desired, actual):
    """Names of links that the document takes away: listed as absent, or ours and purged."""
    names = {
        name
        for name, link in desired.absent["link"].items()
        if link.kind != "interface" and getattr(actual["link"].get(name), "kind", None) == link.kind
    }
    if desired.purge:
        names |= {
            name
            for name, link in actual["link"].items()
            if link.owned and link.kind in desired.scope and name not in desired.wanted["link"]
        }
    return names


def renewed(desired, actual):
    """Links whose difference cannot be mended in place: name -> the reason in words."""
    reasons = {}
    for name, wanted in desired.wanted["link"].items():
        present = actual["link"].get(name)
        if present is not None and (wanted.kind == present.kind):
            fixed = [found for found in differences(wanted, present) if disruption(present, found[0], found[2]) == FIXED]
            if fixed:
                reasons[name] = "%s cannot change on a live device" % in_words(fixed)
    return reasons


def operations(desired, actual, left, gone_for_good, renewed_reasons):
    """Operations on links, and the keys of addresses that are flushed by them.

    ``left`` is the state once removed links are gone, ``gone_for_good`` are the names that do not come back.
    """
    made, flushed = [], []
    depth = _Depth({**actual["link"], **desired.wanted["link"]})
    names = [name for name in actual["link"] if name not in desired.wanted["link"]] + list(desired.wanted["link"])
    for name in names:
        before, wanted = actual["link"].get(name), desired.wanted["link"].get(name)
        if before is None:
            made.append(_create(wanted, depth))
        elif name not in left["link"]:
            made.append(_remove_or_renew(before, wanted, gone_for_good, renewed_reasons, depth, actual))
        else:
            released = left["link"][name]
            operation = _change(before, released, wanted, desired, depth, gone_for_good)
            if operation:
                made.append(operation)
                flushed += flushed_by(before, released, operation.after, actual)
    return made, flushed


class _Depth:
    """How many links a link stands on: what is below comes first."""

    def __init__(self, links):
        self.links = links
        self.known = {}

    def __getitem__(self, name):
        if name not in self.known:
            link = self.links.get(name)
            self.known[name] = 0  # ends circles, which only a foreign veth pair across bridges can form
            below = [other for other in (link.master, link.lower) if other] if link else []
            if link and link.kind == "veth" and not link.leads:
                below.append(link.peer)
            self.known[name] = 1 + max(map(self.__getitem__, below)) if below else 0
        return self.known[name]


def _raising(link, depth):
    """The step that raises a link, when all is in place."""
    return Step(PHASE["raise link"], depth[link.name], replace(link, up=False), link)


def _creating(after, depth):
    """Steps that make a link: down, with all its attributes, and raised at the end."""
    up = after.up is not False
    after = replace(after, up=up)
    steps = [Step(PHASE["link"], depth[after.name], None, replace(after, up=False))]
    return after, steps + ([_raising(after, depth)] if up else [])


def _create(wanted, depth):
    after, steps = _creating(wanted, depth)
    return Operation("create", None, after, HITLESS, "in the document, not on the host", tuple(steps))


def _removing(before, depth, silent=False):
    if before.kind == "veth":
        silent = not before.leads  # one end takes the other with it
    return Step(PHASE["remove link"], -depth[before.name], before, None, silent)


def _remove_or_renew(before, wanted, gone_for_good, reasons, depth, actual):
    """What becomes of a link that goes: for good, or to be made anew."""
    if before.name in gone_for_good:
        reason = "listed as absent" if not before.owned else "ours, and not in the document"
        return Operation("delete", before, None, LINK, reason, (_removing(before, depth),))
    below = [name for name in (before.lower, getattr(before, "peer", None)) if name in gone_for_good]
    if wanted is None and below:
        return Operation("delete", before, None, LINK, "goes with %s" % below[0], (_removing(before, depth, silent=True),))
    after = merged(wanted, before) if wanted else before
    after, steps = _creating(after, depth)
    if before.name in reasons:
        return Operation("recreate", before, after, LINK, reasons[before.name], (_removing(before, depth), *steps))
    cause = next((name for name in (before.lower, getattr(before, "peer", None)) if name and name not in gone_for_good), "")
    return Operation(
        "recreate",
        before,
        after,
        LINK,
        "put back: it goes while %s is made anew" % cause,
        (_removing(before, depth, silent=True), *steps),
    )


def _change(before, released, wanted, desired, depth, gone_for_good):
    """The operation that changes a link that stays, or None.

    ``released`` is the link once a bridge or VRF that goes has let it go.
    """
    steps, reasons, found = [], [], []
    if released.master != before.master:
        steps.append(Step(PHASE["release port"], 0, before, released, silent=True))
        found.append(("master", before.master, ""))
        reasons.append("%s %s" % (before.master, "goes" if before.master in gone_for_good else "is made anew"))
    if wanted is not None:
        after = merged(wanted, released)
        found += differences(wanted, released)
    elif before.master != released.master and before.master not in gone_for_good:
        after = replace(released, master=before.master)
    elif before.held and desired.purge and "interface" in desired.scope:
        after = replace(released, held=False, master="")
        reasons.append("no longer in the document")
    else:
        after = released
    if after == released and not steps:
        return None
    settled = replace(after, up=released.up) if after.up and not released.up else after
    if settled != released:
        steps.append(Step(PHASE["link"], depth[before.name], released, settled))
    if settled != after:
        steps.append(_raising(after, depth))
    if wanted is not None:
        reasons.append(in_words(differences(wanted, released)))
    changes = found or [
        (name, getattr(released, name), getattr(after, name))
        for name in ("held", "master")
        if getattr(released, name) != getattr(after, name)
    ]
    worst = max((disruption(before, name, value) for name, _present, value in changes), key=DISRUPTIONS.index)
    return Operation("change", before, after, worst, "; ".join(filter(None, reasons)), tuple(steps))
