# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel behind a narrow protocol: ``read`` and ``perform``. Private to this collection."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import socket
from operator import attrgetter, itemgetter

from ..._core.errors import KernelError, unforeseen
from ..model.document import empty
from ..model.fdb import is_group
from ..model.link import Link
from ..model.silence import Silence
from ..model.sysctl import Sysctl, set_by
from . import addresses, fdb, links, memberships, neighbors, routes, rules, silence, sysctls
from .channel import Channel, all_bodies
from .memory import Memory

#: Our number among routing protocols, on rules and addresses (include/uapi/linux/rtnetlink.h leaves 200 to 254 free,
#: but for a few that daemons took; FRR uses 186 to 199).
PROTOCOL = 213

#: Kind of device -> the kernel option and the module that provide it.
PROVIDERS = {
    "vrf": ("CONFIG_NET_VRF", "vrf"),
    "bridge": ("CONFIG_BRIDGE", "bridge"),
    "vxlan": ("CONFIG_VXLAN", "vxlan"),
    "veth": ("CONFIG_VETH", "veth"),
    "vlan": ("CONFIG_VLAN_8021Q", "8021q"),
    "dummy": ("CONFIG_DUMMY", "dummy"),
    "macvlan": ("CONFIG_MACVLAN", "macvlan"),
}

#: What to ask the kernel for, by group of what belongs to links.
_REQUESTS = {
    "bridge_vlan": [memberships.vlan_dump_request()],
    "vni": [memberships.vni_dump_request()],
    "fdb": [fdb.dump_request()],
    "address": [addresses.dump_request()],
    "route": [routes.dump_request()],
    "neighbor": neighbors.dump_requests(),
}

#: What is not changed by messages.
_NO_MESSAGES = {Sysctl, Silence}

#: Kinds of which there may be ten thousands.
_MANY = {"fdb": fdb, "neighbor": neighbors, "route": routes}


def _together(steps):
    """Steps that are carried out together, group by group: those of one place in the order, those that are no messages apart
    from others. With each group its kind, None for messages.
    """
    for _place, members in itertools.groupby(steps, key=itemgetter(0, 1)):
        group = list(members)
        models = set(map(type, map(itemgetter(2), group))).union(map(type, map(itemgetter(3), group)))
        if models & _NO_MESSAGES:
            for model, part in itertools.groupby(group, key=lambda step: type(step.after or step.before)):
                yield model if model in _NO_MESSAGES else None, list(part)
        else:
            yield None, group


class Kernel:
    """The kernel's network configuration in the namespace this process is in.

    ``read(document)`` returns a state; ``perform(steps)`` carries steps out in order and returns how many were done and
    the error that stopped it, or None. What carries ``protocol`` is ours. ``remembers`` says whether what the host was before
    is remembered; nobody needs that of a namespace that goes when the work is done.
    """

    def __init__(self, protocol=PROTOCOL, remembers=True):
        self.protocol = protocol
        #: Our own first, and that of gateways where their state is ours as well.
        self.memories = [Memory(protocol)] if remembers and os.geteuid() == 0 else []  # others change nothing
        self.channel = Channel()
        self.numbers = {}
        self.bridges = set()

    def close(self):
        """Closes the netlink socket."""
        self.channel.close()

    def read(self, document, everything=False):
        """The state of the kinds that a document speaks of, or of all kinds.

        Links and bridge ports are always read: everything else refers to them.
        """
        state = self._read_links()
        names = {number: name for name, number in self.numbers.items()}
        wanted = document.present["fdb"]
        groups = [group for group in _REQUESTS if everything or group in document.scope]
        also_ours = {addresses.GATEWAY_PROTOCOL} if document.gateway is False else set()
        self._read_attached(
            state, names, groups, lambda parts: fdb.decode(parts, names, state["link"], wanted), also_ours=also_ours
        )
        if "fdb" in document.scope:
            state["fdb"].update(self._in_doubt(wanted, state["fdb"], names, state["link"]))
        if "rule" in document.scope:
            state["rule"] = self._read_rules()
        settings = document.present["sysctl"]
        if Silence.kind in document.scope:
            bridges = {name: bool(link.owned) for name, link in state["link"].items() if link.kind == "bridge"}
            state["silence"] = silence.read(bridges, settings)
        state["sysctl"] = sysctls.read((*(set_by(settings, self.numbers) if everything else ()), *settings.values()))
        if self.memories:
            if document.gateway is False and len(self.memories) == 1:
                self.memories.append(Memory(addresses.GATEWAY_PROTOCOL))
            for memory in self.memories:
                memory.recall(state, self.numbers)
            if document.purge and "sysctl" in document.scope:
                returning = [each for each in self.memories[0].sysctls() if each.path not in state["sysctl"]]
                state["sysctl"].update(sysctls.read(returning))
        return state

    def read_by_hand(self, groups):
        """The state of links, bridge ports and some more groups of objects, as people and their scripts configured it; and what
        the model has no place for of that, a list of :class:`..model.left_out.LeftOut`.

        What routing daemons put there is in neither, as far as the kernel knows it from the rest.
        """
        # Imported when it is needed: most runs change a host, and none of them needs this.
        from . import by_hand

        state = self._read_links()
        unsaid: list = []

        def bodies_of(group, parts):
            whole, others = by_hand.TOLD[group](all_bodies(parts), names, self.protocol)
            unsaid.extend(others)
            return whole

        names = {number: name for name, number in self.numbers.items()}
        read = [group for group in _REQUESTS if group in groups or (group == "vni" and "fdb" in groups)]
        self._read_attached(state, names, read, lambda parts: fdb.decode_by_hand(parts, names, state["link"]), bodies_of)
        for group in ("route", "neighbor"):
            state[group] = {key: made for key, made in state[group].items() if not made.daemon}
        for vni in state["vni"].values():
            # A device with a filter sends the broadcast of a VNI by an entry that it makes itself.
            state["fdb"].pop((vni.dev, fdb.FLOOD, 0, vni.vni, vni.group), None)
        if "rule" in groups:
            for family in rules.FAMILIES:
                bodies, others = by_hand.told_rules(self.channel.dump(*rules.dump_request(family)), family, self.protocol)
                state["rule"].update(rules.decode(bodies, family, self.protocol))
                unsaid += others
        if "route" in groups:
            unsaid += by_hand.nexthops_left_out(self.channel.dump(*by_hand.nexthop_dump_request()))
        if "fdb" in groups:
            entries = self.channel.dump(*fdb.dump_request())
            unsaid += by_hand.entries_left_out(entries, names, state["link"], state["fdb"])
            unsaid += by_hand.groups_left_out(self._dump_if_known(*by_hand.mdb_dump_request()), names)
        return state, unsaid

    def _dump_if_known(self, kind, body):
        """A dump of what not every kernel has: it may lack, for example, multicast snooping."""
        try:
            return self.channel.dump(kind, body)
        except KernelError as error:
            if error.errno != errno.EOPNOTSUPP:
                raise
            return []

    def _read_links(self):
        """A state with links and bridge ports."""
        state = empty()
        dumped = links.Links(self.channel.dump(*links.dump_request()))
        self.numbers = dumped.numbers
        state["link"], state["port"] = dumped.models, dumped.ports
        self.bridges = {name for name, link in dumped.models.items() if link.kind == "bridge"}
        return state

    def _read_rules(self):
        """Rules by key."""
        found = {}
        for family in rules.FAMILIES:
            found.update(rules.decode(self.channel.dump(*rules.dump_request(family)), family, self.protocol))
        return found

    def _in_doubt(self, wanted, found, names, models):
        """FDB entries that a dump lacks and that are there all the same.

        While a device learns or forgets, its dump misses entries and says nothing of it. One without any entry lacks none.
        """
        if not found or found == wanted:
            return {}
        busy = set(map(attrgetter("dev"), found.values()))
        missing = [wanted[key] for key in wanted.keys() - found.keys()]
        doubtful = [entry for entry in missing if entry.dev in busy and not is_group(entry.mac)]
        requests = fdb.lookup_requests(doubtful, self._number, self.bridges)
        return fdb.decode_bodies(self.channel.ask_all(requests), names, models)

    def _read_attached(
        self, state, names, groups, decode_fdb, bodies_of=lambda group, parts: all_bodies(parts), also_ours=frozenset()
    ):
        """Adds to a state with links the objects that belong to them.

        ``bodies_of(group, parts)`` are the messages of a dump that matter. Addresses of the protocols ``also_ours`` are ours,
        too.
        """
        models, owners = state["link"], {self.protocol, *also_ours}

        def decode_addresses(parts):
            state["of_others"] = set()
            return addresses.decode(bodies_of("address", parts), names, owners, state["of_others"])

        decoders = {
            "bridge_vlan": lambda parts: memberships.decode_vlans(all_bodies(parts), names, models),
            "vni": lambda parts: memberships.decode_vnis(all_bodies(parts), names, models),
            "fdb": decode_fdb,
            "address": decode_addresses,
            "route": lambda parts: routes.decode(bodies_of("route", parts), names, self.protocol),
            "neighbor": lambda parts: neighbors.decode(bodies_of("neighbor", parts), names, self.protocol),
        }
        if not any(link.kind == "vxlan" and link.vnifilter for link in models.values()):
            groups = [group for group in groups if group != "vni"]  # an older kernel does not know what that is
        for group in groups:
            for kind, body in _REQUESTS[group]:
                found = self.channel.dump(kind, body, decoders[group])
                # A hundred thousand entries are not copied where there are no others.
                state[group] = {**state[group], **found} if state[group] else found

    def perform(self, steps, stopped=lambda: None):
        """Carries steps out. Returns (those that were done, error or None); stops at the first error, or once ``stopped()``.

        Steps of one phase and rank do not depend on each other: their messages are sent together, first messages first,
        so that none that follows a refused creation can hit a device of the same name that is not ours.
        """
        if not self.memories:
            return self._perform(steps, stopped)
        try:
            self.memories[0].foresee(steps, self.numbers)
        except KernelError as refusal:
            return [], refusal
        done, error = self._perform(steps, stopped)
        with contextlib.suppress(KernelError):  # what it remembers too much does no harm
            for memory in self.memories:
                memory.conclude(done)
        return done, error

    def _perform(self, steps, stopped):
        done = []
        for model, group in _together(steps):
            done += [step for step in group if step.silent]
            loud = [step for step in group if not step.silent]
            try:
                if model is Sysctl:
                    self._write_sysctls(loud, done)
                elif model is Silence:
                    silence.carry_out(loud)
                    done += loud
                else:
                    self._send(loud, done, stopped)
                if stopped():
                    raise KernelError("%s came, so this run was stopped" % stopped())
            except KernelError as error:
                return done, error
            except Exception as error:
                # A fault of ours must not leave a host half changed: it is told as a refusal that may have come too late.
                return done, KernelError(unforeseen(error), unsure=loud)
        return done, None

    def _send(self, steps, done, stopped):
        """Sends the messages of steps that are independent of each other. Raises the first error."""
        messages = self._all_messages(steps)
        done += [step for step, made in zip(steps, messages) if not made]
        for wave in range(max(map(len, messages), default=0)):
            senders = [number for number, made in enumerate(messages) if len(made) > wave]
            refusals, sent = self.channel.send([messages[number][wave] for number in senders], stopped)
            refusals = [
                refusal
                for refusal in refusals
                for number in [senders[refusal.position]]
                if not self._is_done_anyway(steps[number], messages[number][wave], refusal.errno)
            ]
            if wave == 0:
                places = {refusal.position for refusal in refusals}
                done += [steps[number] for place, number in enumerate(senders[:sent]) if place not in places]
            if refusals:
                refused = [steps[senders[refusal.position]] for refusal in refusals]
                error = self._explain(refused, refusals)
                if wave:  # they are half done
                    done[:] = [step for step in done if not any(step is each for each in refused)]
                    error.unsure = tuple(refused)
                raise error
            if stopped():
                return

    @staticmethod
    def _may_be_done(step, code):
        """Whether a refused step may have been carried out all the same: answers were lost, or it changes many things at once,
        and the kernel refused the last of them. Taking back what was not done does no harm.
        """
        return code == errno.ENOBUFS or (step.before is not None and step.after is not None and code != errno.ENODEV)

    @staticmethod
    def _is_done_anyway(step, message, code):
        """Whether a refusal of one of its messages says that what a step is for is so already."""
        if step.after is None:
            return code in (errno.ENODEV, errno.EADDRNOTAVAIL, errno.ENOENT, errno.ESRCH)
        if isinstance(step.after, Link):
            # Of the link-local address that follows a change: it has gone before, or the link has no IPv6.
            return (message[0], code) in ((addresses.DELADDR, errno.EADDRNOTAVAIL), (addresses.NEWADDR, errno.EACCES))
        return step.before is None and step.after.kind in ("rule", "fdb", "vni") and code == errno.EEXIST

    def _explain(self, steps, refusals):
        """The error for steps that were refused; its words are for the first."""
        step, refusal = steps[0], refusals[0]
        what = step.after or step.before
        verb = "add" if step.before is None else "remove" if step.after is None else "change"
        name = getattr(what, "name", None) or what.dev
        words = os.strerror(refusal.errno) if not refusal.words else "%s (%s)" % (refusal.words, os.strerror(refusal.errno))
        if refusal.errno == errno.EOPNOTSUPP and what.kind in PROVIDERS and step.before is None:
            words += (
                "; %s devices come with the kernel option %s (module %s): use a kernel that has it, as Debian's stock "
                "kernels do" % (what.kind, *PROVIDERS[what.kind])
            )
        elif refusal.errno == errno.EPERM:
            words += "; run as root (become: true)"
        unsure = [step for step, refusal in zip(steps, refusals) if self._may_be_done(step, refusal.errno)]
        return KernelError("the kernel refuses to %s %s %s: %s" % (verb, what.kind, name, words), refusal.errno, unsure)

    @staticmethod
    def _write_sysctls(steps, done):
        for step in steps:
            sysctls.write(step.after)
            done.append(step)

    def _all_messages(self, steps):
        """The messages of steps that are independent of each other, a list for each."""
        added = [step.after for step in steps if step.before is None]
        if len(added) == len(steps) and len(set(map(type, added))) == 1 and added[0].kind in _MANY:
            return list(zip(self._additions(added)))
        return [self._messages(step) for step in steps]

    def _additions(self, entries):
        """Messages that add entries of one kind, or change those that are there: one for each."""
        if entries[0].kind == "fdb":
            return fdb.add_all(entries, self._number, self.bridges)
        return _MANY[entries[0].kind].add_all(entries, self._number, self.protocol)

    def _messages(self, step):
        """The messages of one step, each to be sent when the one before it is done."""
        before, after = step.before, step.after
        kind = (after or before).kind
        if kind == "address":
            if after is None:
                return addresses.delete(before, self._number)
            return addresses.add(after, self._number, self.protocol)
        if kind == "fdb" and before is not None and after is not None:
            return fdb.change(before, after, self._number, self.bridges)
        if kind in _MANY and after is not None:
            return self._additions([after])
        if kind == "fdb":
            return fdb.delete(before, self._number, self.bridges)
        if kind in _MANY:
            return _MANY[kind].delete(before, self._number)
        if kind == "bridge_vlan":
            if after is None:
                return memberships.delete_vlan(before, self._number, self.bridges)
            return memberships.set_vlan(before, after, self._number, self.bridges)
        if kind == "vni":
            if after is None:
                return memberships.delete_vni(before, self._number)
            return memberships.add_vni(after, self._number)
        if kind == "rule":
            return rules.delete(before, self.protocol) if after is None else rules.add(after, self.protocol)
        if kind == "port":
            return links.set_port(before, after, self._number)
        if before is not None and after is not None:
            return links.change(before, after, self._number)
        self.numbers.pop((before or after).name, None)
        if kind == "bridge" and after is not None:
            self.bridges.add(after.name)
        return links.delete(before) if after is None else links.create(after, self._number)

    def _number(self, name):
        """The kernel's number of a link."""
        if name not in self.numbers:
            try:
                self.numbers[name] = socket.if_nametoindex(name)
            except OSError as error:
                raise KernelError("the interface %s has disappeared" % name, errno.ENODEV) from error
        return self.numbers[name]
