# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A netlink socket: dumps that are whole, and sends of many messages whose errors find their way back.

Private to this collection.
"""

from __future__ import annotations

import contextlib
import os
import socket
from itertools import chain, repeat
from typing import Any, Callable, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from ..._core.errors import KernelError
from ..._core.plane import Stopped
from . import wire
from .wire import Message

#: setsockopt numbers that Python does not name (include/uapi/linux/netlink.h, asm-generic/socket.h).
SOL_NETLINK, CAP_ACK, EXT_ACK = 270, 10, 11
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33

#: Messages of one send: with fewer there are more system calls, with a thousand the kernel takes five times as long for each.
SEND_MESSAGES = 128
#: Below 32 KiB the kernel makes the parts of a dump smaller, which doubles the time of a large one.
RECEIVE_BYTES = 1 << 17
SOCKET_BYTES = 1 << 23
#: How often a dump that something interrupted is made again before we give up.
DUMP_ATTEMPTS = 20
#: The message that ends a dump: a header and an error number.
END_BYTES = 20

_header = wire.HEADER.unpack_from
_HEADER_BYTES = wire.HEADER.size


class Refusal(NamedTuple):
    """An error the kernel answered to one message: its position in the send, errno and the kernel's words."""

    position: int
    errno: int
    words: str


class InterruptedDumpError(Exception):
    """Something changed while a dump was made, so it may lack objects."""


def bodies(part: bytes) -> List[bytes]:
    """The messages of a part of a dump, without their headers. Raises :class:`InterruptedDumpError`."""
    found, at, size = [], 0, len(part)
    while at + 16 <= size:
        length, _kind, flags, _sequence, _port = _header(part, at)
        if flags & wire.DUMP_INTR:
            raise InterruptedDumpError
        found.append(part[at + 16 : at + length])
        at += (length + 3) & ~3
    return found


def all_bodies(parts: Iterable[bytes]) -> List[bytes]:
    """The messages of all parts of a dump."""
    return [made for part in parts for made in bodies(part)]


class Channel:
    """A route netlink socket in the network namespace the process is in when it is made."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)
        self.socket.bind((0, 0))
        for option in (CAP_ACK, EXT_ACK):
            self.socket.setsockopt(SOL_NETLINK, option, 1)
        self._enlarge(SO_RCVBUFFORCE, socket.SO_RCVBUF)
        self._enlarge(SO_SNDBUFFORCE, socket.SO_SNDBUF)
        self.sequence = 0

    def _enlarge(self, forced: int, ordinary: int) -> None:
        """Makes a buffer large, or as large as a user without privileges may have it."""
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, forced, SOCKET_BYTES)
        except PermissionError:
            self.socket.setsockopt(socket.SOL_SOCKET, ordinary, SOCKET_BYTES)

    def close(self) -> None:
        """Closes the socket."""
        self.socket.close()

    def dump(self, kind: int, body: bytes, decode: Callable[[List[bytes]], Any] = all_bodies) -> Any:
        """All objects of one kind: what ``decode`` makes of the parts of a dump; by default, bodies of messages.

        A dump that the kernel marks as interrupted is made again. Raises :class:`KernelError` if it never ends whole, or
        if the kernel refuses.
        """
        for _attempt in range(DUMP_ATTEMPTS):
            with contextlib.suppress(InterruptedDumpError):
                return decode(self.parts(kind, body))
        raise KernelError(
            "the kernel's tables kept changing while they were read (%d attempts); run again when the host is "
            "quieter" % DUMP_ATTEMPTS
        )

    def parts(self, kind: int, body: bytes) -> List[bytes]:
        """A dump as the kernel sends it: buffers of many messages each, for :func:`bodies`.

        Raises :class:`InterruptedDumpError` if the end of the dump says that something changed in between.
        """
        self.sequence += 1
        self.socket.send(wire.HEADER.pack(16 + len(body), kind, wire.REQUEST | wire.DUMP, self.sequence, 0) + body)
        parts = []
        while True:
            data = self._receive()
            _length, kind_back, _flags, sequence, _port = _header(data, 0)
            if sequence != self.sequence:
                continue  # what is left of a dump that was given up
            if kind_back == wire.ERROR:
                self._raise_for(data, 0)
            # The last message of a dump stands alone, or at the end of the last part.
            at = len(data) - END_BYTES
            _length, kind_back, flags, sequence, _port = _header(data, max(at, 0))
            if kind_back != wire.DONE or sequence != self.sequence:
                parts.append(data)
                continue
            self._raise_for(data, at)
            if flags & wire.DUMP_INTR:
                raise InterruptedDumpError
            return [*parts, data[:at]] if at else parts

    def ask(self, kind: int, body: bytes) -> Optional[bytes]:
        """One object: the body of the answer, or None if the kernel says that there is none."""
        self.sequence += 1
        self.socket.send(wire.HEADER.pack(16 + len(body), kind, wire.REQUEST, self.sequence, 0) + body)
        while True:
            data = self._receive()
            length, kind_back, _flags, sequence, _port = _header(data, 0)
            if sequence == self.sequence:
                return None if kind_back == wire.ERROR else data[16:length]

    def _receive(self) -> bytes:
        try:
            return self.socket.recv(RECEIVE_BYTES)
        except OSError as error:
            raise KernelError("netlink: %s" % error.strerror, error.errno) from error

    @staticmethod
    def _raise_for(data: bytes, at: int) -> None:
        code = -wire.I32.unpack_from(data, at + 16)[0]
        if code:
            raise KernelError("the kernel refuses a dump: %s" % os.strerror(code), code)

    def ask_all(self, messages: Sequence[Message]) -> List[bytes]:
        """The bodies of the answers to many requests (of :func:`wire.message`); those without an answer are left out."""
        found = []
        for start in range(0, len(messages), SEND_MESSAGES):
            self.socket.send(self._packed(messages[start : start + SEND_MESSAGES]))
            answered = False
            while not answered:
                data, at = self._receive(), 0
                while at + 16 <= len(data):
                    length, kind, _flags, sequence, _port = _header(data, at)
                    if kind != wire.ERROR:
                        found.append(data[at + 16 : at + length])
                    answered = sequence == self.sequence
                    at += (length + 3) & ~3
        return found

    def send(self, messages: Sequence[Message], stopped: Stopped = lambda: None) -> Tuple[List[Refusal], int]:
        """Sends ``messages`` (of :func:`wire.message`) in order, many at a time, and waits until all are done.

        Returns a list of :class:`Refusal` and how many messages were sent: the kernel goes on with those of the same
        send after one that it refuses, and no further send is made. Nor is one once ``stopped()``.
        """
        refusals: list[Refusal] = []
        position = 0
        while position < len(messages) and not refusals and not stopped():
            part = messages[position : position + SEND_MESSAGES]
            first = self.sequence + 1
            # Errors always come back; an acknowledgement of the last message says that the rest is done.
            self.socket.send(self._packed(part, wire.ACK))
            try:
                refusals += self._answers(position, first)
            except KernelError as error:
                refusals.append(Refusal(position + len(part) - 1, error.errno, "the kernel's answers were lost"))
            position += len(part)
        return refusals, position

    def _packed(self, messages: Sequence[Message], last_flag: int = 0) -> bytes:
        """Messages as one buffer, numbered, with one more flag on the last of them."""
        kinds, flags, contents = zip(*messages)
        first = self.sequence + 1
        self.sequence += len(messages)
        flags = (*flags[:-1], flags[-1] | last_flag)
        lengths = map(_HEADER_BYTES.__add__, map(len, contents))
        headers = map(wire.HEADER.pack, lengths, kinds, flags, range(first, first + len(messages)), repeat(0))
        return b"".join(chain.from_iterable(zip(headers, contents)))

    def _answers(self, position: int, first_sequence: int) -> List[Refusal]:
        """Errors until the last message of a send is answered."""
        refusals = []
        while True:
            data = self._receive()
            at, size = 0, len(data)
            while at + 20 <= size:
                length, kind, flags, sequence, _port = _header(data, at)
                if kind == wire.ERROR and sequence >= first_sequence:
                    code = -wire.I32.unpack_from(data, at + 16)[0]
                    if code:
                        words = ""
                        if flags & wire.ACK_TLVS:
                            words = wire.string(wire.attributes(data, at + 36, at + length).get(1, b""))
                        refusals.append(Refusal(position + sequence - first_sequence, code, words))
                    if sequence == self.sequence:
                        return refusals
                at += (length + 3) & ~3
