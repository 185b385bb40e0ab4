# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel behind a narrow protocol: ``read`` and ``perform``. Private to this collection."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
from operator import itemgetter
from typing import Any, Collection, Iterator, List, Optional, Sequence, Tuple

from ..._core.errors import KernelError, unforeseen
from ..._core.plane import Stopped
from ..model import address, sysctl
from ..model.document import Document, empty
from ..model.kind import LINK, State
from ..model.kinds import KINDS
from ..model.left_out import LeftOut
from ..model.step import Step
from . import addresses, sysctls
from .channel import Refusal
from .codec import Codec, Host
from .codecs import CODEC_OF, CODECS
from .memory import Memory
from .wire import Message

#: Our number among routing protocols, on rules and addresses (include/uapi/linux/rtnetlink.h leaves 200 to 254 free,
#: but for a few that daemons took; FRR uses 186 to 199).
PROTOCOL = 213

#: The groups of objects that are on links, and those that are no messages.
_OF_LINKS = {kind.group for kind in KINDS.values() if kind.is_of_link}
_NO_MESSAGES = {model for model, codec in CODEC_OF.items() if codec.carry_out is not None}


def _is_read(group: str, document: Document) -> bool:
    """Whether a document speaks of a group, or its plan asks for it in any case."""
    return group in document.scope or bool(document.present[group]) or (group == address.KIND.group and document.purge)


def _together(steps: Sequence[Step]) -> Iterator[Tuple[Optional[Codec], List[Step]]]:
    """Steps that are carried out together, group by group: those of one place in the order, those that are no messages apart
    from others. With each group its codec, None for messages.
    """
    for _place, members in itertools.groupby(steps, key=itemgetter(0, 1)):
        group = list(members)
        models = set(map(type, map(itemgetter(2), group))).union(map(type, map(itemgetter(3), group)))
        if models & _NO_MESSAGES:
            for model, part in itertools.groupby(group, key=lambda step: type(step.after or step.before)):
                yield CODEC_OF[model] if model in _NO_MESSAGES else None, list(part)
        else:
            yield None, group


class Kernel(Host):
    """The kernel's network configuration in the namespace this process is in.

    ``read(document)`` returns a state, ``read_rest(document, state)`` the whole of it. ``perform(steps)`` carries steps out in
    order and returns those that were done and the error that stopped it, or None. What carries ``protocol`` is ours.
    ``remembers`` says whether what the host was before is remembered; nobody needs that of a namespace that goes when the work
    is done.
    """

    def __init__(self, protocol: int = PROTOCOL, remembers: bool = True) -> None:
        super().__init__(protocol)
        #: Our own first, and that of gateways where their state is ours as well.
        self.memories = [Memory(protocol)] if remembers and os.geteuid() == 0 else []  # others change nothing

    def close(self) -> None:
        """Closes the netlink socket."""
        self.channel.close()

    def remembered_sysctls(self) -> Sequence[Any]:
        return self.memories[0].sysctls() if self.memories else ()

    def read(self, document: Document) -> State:
        """The state of what a document speaks of.

        Links and bridge ports are always read: everything else refers to them. So are addresses where the document purges:
        they show which interfaces others use.
        """
        state = {**empty(), **CODECS[LINK].read(self, document)}
        for group, codec in CODECS.items():
            if group != LINK and _is_read(group, document):
                state.update(codec.read(self, document))
        if self.memories and document.gateway is False and len(self.memories) == 1:
            self.memories.append(Memory(addresses.GATEWAY_PROTOCOL))
        self._recall(state)
        state["remembered"] = {place: memory.kept() for place, memory in enumerate(self.memories)}
        return state

    def reverted(self, state: State) -> None:
        """Remembers what was remembered when a state was read, once the host is as it was. Raises :class:`KernelError`."""
        for place, kept in state["remembered"].items():
            self.memories[place].restore(kept)

    def read_rest(self, document: Document, state: State) -> State:
        """The state that :meth:`read` has read, with all other objects that are on links, and the sysctls of interfaces that
        sysctls of the document overwrite.
        """
        whole = dict(state)
        for group, codec in CODECS.items():
            if group in _OF_LINKS and not _is_read(group, document):
                whole.update(codec.read(self, document))
        group = sysctl.KIND.group
        overwritten = sysctl.set_by(document.present[group], self.numbers)
        whole[group] = {**sysctls.read(overwritten), **state[group]}
        self._recall(whole)
        return whole

    def _recall(self, state: State) -> None:
        """Adds to a state what is remembered of it."""
        for memory in self.memories:
            memory.recall(state, self.numbers)

    def read_by_hand(self, groups: Collection[str]) -> Tuple[State, List[LeftOut]]:
        """The state of links, bridge ports and some more groups of objects, as people and their scripts configured it; and what
        the model has no place for of that, a list of :class:`..model.left_out.LeftOut`.

        What routing daemons put there is in neither, as far as the kernel knows it from the rest.
        """
        # Imported when it is needed: most runs change a host, and none of them needs this.
        from . import by_hand

        return by_hand.read(self, groups)

    def perform(self, steps: Sequence[Step], stopped: Stopped = lambda: None) -> Tuple[List[Step], Optional[KernelError]]:
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

    def _perform(self, steps: Sequence[Step], stopped: Stopped) -> Tuple[List[Step], Optional[KernelError]]:
        done: List[Step] = []
        for codec, group in _together(steps):
            done += [step for step in group if step.silent]
            loud = [step for step in group if not step.silent]
            try:
                if codec is not None and codec.carry_out is not None:
                    codec.carry_out(loud, done)
                else:
                    self._send(loud, done, stopped)
                if stopped():
                    raise KernelError("%s came, so this run was stopped" % stopped())
            except KernelError as error:
                return done, error
            except Exception as error:
                # A fault of ours must not leave a host half changed: it counts as a refusal of steps that may be done.
                return done, KernelError(unforeseen(error), unsure=loud)
        return done, None

    def _send(self, steps: Sequence[Step], done: List[Step], stopped: Stopped) -> None:
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
    def _may_be_done(step: Step, code: int) -> bool:
        """Whether a refused step may have been carried out all the same: answers were lost, or it changes many things at once,
        and the kernel refused the last of them. Reverting what was not done does no harm.
        """
        return code == errno.ENOBUFS or (step.before is not None and step.after is not None and code != errno.ENODEV)

    @staticmethod
    def _is_done_anyway(step: Step, message: Message, code: int) -> bool:
        """Whether a refusal of one of its messages says that what a step is for is so already."""
        if step.after is None:
            return code in (errno.ENODEV, errno.EADDRNOTAVAIL, errno.ENOENT, errno.ESRCH)
        return CODEC_OF[type(step.after)].is_done_anyway(step, message, code)

    def _explain(self, steps: Sequence[Step], refusals: Sequence[Refusal]) -> KernelError:
        """The error for steps that were refused; its words are for the first."""
        step, refusal = steps[0], refusals[0]
        what = step.after or step.before
        verb = "add" if step.before is None else "remove" if step.after is None else "change"
        name = getattr(what, "name", None) or what.dev
        words = os.strerror(refusal.errno) if not refusal.words else "%s (%s)" % (refusal.words, os.strerror(refusal.errno))
        provider = KINDS[what.kind].provider
        if refusal.errno == errno.EOPNOTSUPP and provider and step.before is None:
            words += (
                "; %s devices come with the kernel option %s (module %s): use a kernel that has it, as Debian's stock "
                "kernels do" % (what.kind, *provider)
            )
        elif refusal.errno == errno.EPERM:
            words += "; run as root (become: true)"
        unsure = [step for step, refusal in zip(steps, refusals) if self._may_be_done(step, refusal.errno)]
        return KernelError("the kernel refuses to %s %s %s: %s" % (verb, what.kind, name, words), refusal.errno, unsure)

    def _all_messages(self, steps: Sequence[Step]) -> List[Sequence[Message]]:
        """The messages of steps that are independent of each other, a list for each."""
        added = [step.after for step in steps if step.before is None]
        models = set(map(type, added))
        if len(added) == len(steps) and len(models) == 1:
            additions = CODEC_OF[models.pop()].additions
            if additions is not None:
                return list(zip(additions(added, self)))
        return [CODEC_OF[type(step.after or step.before)].messages(step.before, step.after, self) for step in steps]
