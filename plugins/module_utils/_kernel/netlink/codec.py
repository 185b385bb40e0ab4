# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How objects of one group are read from the kernel and written to it. Private to this collection.

The file of a group describes that by a :class:`Codec`; `codecs` lists them.
"""

from __future__ import annotations

import errno
import socket
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Set

from ..._core.errors import KernelError
from ..model.document import Document
from ..model.kind import State
from ..model.step import Step
from .channel import Channel
from .wire import DumpRequest, Message

#: What reads a part of a state, see :attr:`Codec.read`.
Reader = Callable[["Host", Document], State]
#: The objects of a dump by key, from the bodies of its messages.
Decoder = Callable[[List[bytes], "Host"], Dict[Any, Any]]


class Host:
    """What codecs know of the host, and the channel to its kernel. What carries the number ``protocol`` is ours."""

    def __init__(self, protocol: int) -> None:
        self.protocol = protocol
        self.channel = Channel()
        #: Links by name, their numbers by name and their names by number, as they were read; the names of bridges.
        self.links: Dict[str, Any] = {}
        self.numbers: Dict[str, int] = {}
        self.names: Dict[int, str] = {}
        self.bridges: Set[str] = set()

    def number(self, name: str) -> int:
        """The kernel's number of a link. Raises :class:`KernelError` if there is none of that name."""
        if name not in self.numbers:
            try:
                self.numbers[name] = socket.if_nametoindex(name)
            except OSError as error:
                raise KernelError("the interface %s has disappeared" % name, errno.ENODEV) from error
        return self.numbers[name]

    def remembered_sysctls(self) -> Sequence[Any]:
        """The sysctls that are not as they were before they were changed, without a value."""
        return ()


def nothing(_host: Host, _document: Document) -> State:
    """For objects that are read together with others."""
    return {}


def no_messages(_before: Any, _after: Any, _host: Host) -> List[Message]:
    """For objects that no messages change."""
    return []


def never(_step: Step, _message: Message, _code: int) -> bool:
    """For objects of which a refusal is one."""
    return False


def is_there(step: Step, _message: Message, code: int) -> bool:
    """Whether the kernel refuses to add what is there already."""
    return step.before is None and code == errno.EEXIST


class Codec(NamedTuple):
    """How objects of a group are read and written.

    - ``group``: where a state has them.
    - ``read(host, document)``: what a state has of them and all that comes with them, a part of a state.
    - ``messages(before, after, host)``: the messages of a step, each to be sent when the one before it is done.
    - ``additions(objects, host)``: where there may be very many objects, one message for each that adds it, or changes the one
      that is there.
    - ``carry_out(steps, done)``: where no messages change objects, carries steps out and adds them to those that are ``done``.
      Raises :class:`KernelError`.
    - ``is_done_anyway(step, message, errno)``: whether a refusal says that what a step is for is so already.
    """

    group: str
    read: Reader
    messages: Callable[[Any, Any, Host], List[Message]] = no_messages
    additions: Optional[Callable[[List[Any], Host], List[Message]]] = None
    carry_out: Optional[Callable[[Sequence[Step], List[Step]], None]] = None
    is_done_anyway: Callable[[Step, Message, int], bool] = never


def dumped(group: str, requests: Sequence[DumpRequest], decode: Decoder) -> Reader:
    """What reads a group by dumps."""

    def read(host: Host, _document: Document) -> State:
        found: Dict[Any, Any] = {}
        for kind, body in requests:
            found.update(decode(host.channel.dump(kind, body), host))
        return {group: found}

    return read
