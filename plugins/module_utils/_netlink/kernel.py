# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel behind a narrow protocol: ``read`` and ``perform``. Private to this collection."""

from __future__ import annotations

import errno
import itertools
import os
import socket

from .._errors import KernelError
from .._model.document import empty
from .._model.sysctl import set_by
from . import addresses, fdb, links, memberships, neighbors, routes, rules, sysctls
from .channel import Channel

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


def _place_and_means(step):
    """What tells steps apart that are not carried out together: their place in the order, and sysctls from messages."""
    return step[:2], (step.after or step.before).kind == "sysctl"


class Kernel:
    """The kernel's network configuration in the namespace this process is in.

    ``read(document)`` returns a state; ``perform(steps)`` carries steps out in order and returns how many were done and
    the error that stopped it, or None.
    """

    def __init__(self):
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
        state = empty()
        dumped = links.Links(self.channel.dump(*links.dump_request()))
        self.numbers = dumped.numbers
        state["link"], state["port"] = dumped.models, dumped.ports
        self.bridges = {name for name, link in dumped.models.items() if link.kind == "bridge"}
        names = {number: name for name, number in self.numbers.items()}
        for group, read in self._attached(names, dumped.models).items():
            if everything or group in document.scope:
                state[group] = read()
        if "rule" in document.scope:
            for family in rules.FAMILIES:
                state["rule"].update(rules.decode(self.channel.dump(*rules.dump_request(family)), family, PROTOCOL))
        wanted = document.wanted["sysctl"]
        state["sysctl"] = sysctls.read((*(set_by(wanted, self.numbers) if everything else ()), *wanted.values()))
        return state

    def _attached(self, names, models):
        """What reads each group of objects that belong to links."""
        dump = self.channel.dump
        return {
            "bridge_vlan": lambda: memberships.decode_vlans(dump(*memberships.vlan_dump_request()), names, models),
            "vni": lambda: memberships.decode_vnis(self._vnis(models), names, models),
            "fdb": lambda: self.channel.whole(fdb.dump_request(), lambda parts: fdb.decode(parts, names, models)),
            "address": lambda: addresses.decode(dump(*addresses.dump_request()), names, PROTOCOL),
            "route": lambda: routes.decode(dump(*routes.dump_request()), names, PROTOCOL),
            "neighbor": lambda: neighbors.decode(
                [body for request in neighbors.dump_requests() for body in dump(*request)], names, PROTOCOL
            ),
        }

    def _vnis(self, models):
        """The VNIs of devices that filter them; without such a device there is nothing to ask an older kernel for."""
        if not any(link.kind == "vxlan" and link.vnifilter for link in models.values()):
            return []
        return self.channel.dump(*memberships.vni_dump_request())

    def perform(self, steps, stopped=lambda: None):
        """Carries steps out. Returns (those that were done, error or None); stops at the first error, or once ``stopped()``.

        Steps of one phase and rank do not depend on each other: their messages are sent together, first messages first,
        so that none that follows a refused creation can hit a device of the same name that is not ours.
        """
        done = []
        for (_place, is_sysctl), members in itertools.groupby(steps, key=_place_and_means):
            group = list(members)
            done += [step for step in group if step.silent]
            loud = [step for step in group if not step.silent]
            try:
                if is_sysctl:
                    self._write_sysctls(loud, done)
                else:
                    self._send(loud, done, stopped)
                if stopped():
                    raise KernelError("%s came, so this run was stopped" % stopped())
            except KernelError as error:
                return done, error
        return done, None

    def _send(self, steps, done, stopped):
        """Sends the messages of steps that are independent of each other. Raises the first error."""
        messages = self._all_messages(steps)
        for wave in range(max(map(len, messages), default=0)):
            senders = [number for number, made in enumerate(messages) if len(made) > wave]
            refusals, sent = self.channel.send([messages[number][wave] for number in senders], stopped)
            refusals = [
                refusal for refusal in refusals if not self._is_done_anyway(steps[senders[refusal.position]], refusal.errno)
            ]
            if wave == 0:
                refused = {refusal.position for refusal in refusals}
                done += [steps[number] for place, number in enumerate(senders[:sent]) if place not in refused]
            if refusals:
                raise self._explain([steps[senders[refusal.position]] for refusal in refusals], refusals)
            if stopped():
                return

    @staticmethod
    def _may_be_done(step, code):
        """Whether a refused step may have been carried out all the same: answers were lost, or it changes many things at once,
        and the kernel refused the last of them. Taking back what was not done does no harm.
        """
        return code == errno.ENOBUFS or (step.before is not None and step.after is not None and code != errno.ENODEV)

    @staticmethod
    def _is_done_anyway(step, code):
        """Whether a refusal says that another has brought about what the step is for."""
        if step.after is None:
            return code in (errno.ENODEV, errno.EADDRNOTAVAIL, errno.ENOENT, errno.ESRCH)
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
        if steps and all(step.before is None and step.after.kind == "fdb" for step in steps):
            return [(message,) for message in fdb.add_all([step.after for step in steps], self._number)]
        return [self._messages(step) for step in steps]

    def _messages(self, step):
        """The messages of one step, each to be sent when the one before it is done."""
        before, after = step.before, step.after
        kind = (after or before).kind
        if kind == "address":
            if after is None:
                return addresses.delete(before, self._number)
            return addresses.add(after, self._number, PROTOCOL)
        if kind == "fdb":
            return fdb.delete(before, self._number) if after is None else fdb.add(after, self._number)
        if kind == "neighbor":
            return neighbors.delete(before, self._number) if after is None else neighbors.add(after, self._number, PROTOCOL)
        if kind == "route":
            return routes.delete(before, self._number) if after is None else routes.add(after, self._number, PROTOCOL)
        if kind == "bridge_vlan":
            if after is None:
                return memberships.delete_vlan(before, self._number, self.bridges)
            return memberships.set_vlan(before, after, self._number, self.bridges)
        if kind == "vni":
            if after is None:
                return memberships.delete_vni(before, self._number)
            return memberships.add_vni(after, self._number)
        if kind == "rule":
            return rules.delete(before) if after is None else rules.add(after, PROTOCOL)
        if kind == "port":
            return links.set_port(after)
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
