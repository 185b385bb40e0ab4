# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scratch FRR: the host's own release with the host's own options, beside it, to see what it makes of a configuration.

Only FRR knows how it prints a line, which lines its release takes, and what a command takes along. So a configuration is read
by daemons of the same release in namespaces of their own, before the host's FRR is told anything; and they are brought from
what runs to what is wanted by the very code that does it on the host. It takes half a second. Private to this collection.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from typing import NamedTuple, Optional, Sequence

from .._core.enclosure import enclosed
from .._core.errors import FabricError, FrrError
from .._kernel.model.address import Address
from .._kernel.model.bridge import Bridge
from .._kernel.model.document import Document, empty
from .._kernel.model.step import Step
from .._kernel.model.vrf import Vrf
from .._kernel.netlink.kernel import Kernel
from .._kernel.plan.order import PHASE
from . import configuration, converge, host

#: Seconds for all that is tried: a host with thousands of lines takes some.
LIMIT = 300
#: Seconds for the daemons to start, or to end.
START_LIMIT = 60
#: Lines of a configuration that a reason mentions.
MENTIONED = 5
#: Addresses that FRR's own configuration sets.
_SET_BY_FRR = re.compile(r"^ +ip(?:v6)? address ([^\s/]+)", re.MULTILINE)


class Outcome(NamedTuple):
    """What a scratch FRR shows after it has started from a configuration, and the lines that it does not know, in its words."""

    shown: str
    rejected: Optional[str]


class Attempt(NamedTuple):
    """How a scratch FRR went from what runs on the host to what is wanted: the lines ``missing`` and ``extra`` in the end,
    FRR's words about what it ``rejected``; or all that is known is ``failure``.
    """

    missing: Sequence[str] = ()
    extra: Sequence[str] = ()
    rejected: Optional[str] = None
    failure: Optional[str] = None

    @property
    def obstacle(self):
        """Why it did not come there, in words on one line; None if it did."""
        if self.failure:
            return self.failure
        words = []
        if self.missing:
            words.append("it lacked %s" % _listed(self.missing))
            words += ["FRR said %s" % _listed(self.rejected.split("\n"))] if self.rejected else []
        if self.extra:
            words.append("it kept %s" % _listed(self.extra))
        return "; ".join(words) or None


def _listed(lines):
    shown = [line.strip() for line in lines[:MENTIONED]]
    return ", ".join(shown) + (" and %d more lines" % (len(lines) - MENTIONED) if len(lines) > MENTIONED else "")


def started_from(vtysh, daemons, running, text):
    """What FRR shows once it has started from a configuration: an :class:`Outcome`.

    ``daemons`` are those that are to run, ``running`` is the text that the host's FRR shows. Raises
    :class:`NoEnclosureError` where there can be no scratch FRR.
    """
    surroundings = _surroundings(vtysh, running, text)
    commands = host.start_commands(daemons, vtysh.pathspace)

    def work():
        surroundings.make()
        return _boot(vtysh, commands, text)

    return Outcome(*_enclosed(work))


def brought(vtysh, daemons, running, desired):
    """Whether FRR comes from the configuration that runs on the host to a desired one: an :class:`Attempt`.

    ``running`` is the text that the host's FRR shows, ``desired`` are lines as a scratch FRR has shown them. Raises as
    :func:`started_from` does.
    """
    surroundings = _surroundings(vtysh, running, " ".join([running, *(line for path in desired for line in path)]))
    commands = host.start_commands(daemons, vtysh.pathspace)
    before = configuration.parse(running, shown=True)

    def work():
        surroundings.make()
        _boot(vtysh, commands, running)
        seen = vtysh.running()
        if configuration.parse(seen.text, shown=True).keys() != before.keys():
            return ()  # what runs cannot be had anew, so nothing can be tried from there
        try:
            converge.bring(vtysh, desired, converge.compared(seen, desired), converge.compared, put_back=False)
        except converge.UnreachedError as error:
            return error.missing, error.extra, error.rejected
        except FrrError as error:
            return (), (), None, str(error)
        return ()

    return Attempt(*_enclosed(work))


def _enclosed(work):
    return enclosed(work, LIMIT, "the scratch FRR", "see whether this host has processor time and memory for it")


def _boot(vtysh, commands, text):
    """Starts the daemons and has them read a configuration as at the host's boot: what they show, and what they reject."""
    directory = host.directory(host.RUNTIME, vtysh.pathspace)
    startup = host.startup_file(vtysh.pathspace)
    for path in (host.RUNTIME, os.path.dirname(host.STARTUP_FILE), directory, os.path.dirname(startup)):
        os.makedirs(path, exist_ok=True)
        host.give_to_frr(path)
    _write(os.path.join(os.path.dirname(startup), "vtysh.conf"), "service integrated-vtysh-config\n")
    for words in commands.values():
        # They keep the output that they inherit, so it must not be a pipe that somebody waits for.
        subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=START_LIMIT,
        )
    deadline = time.monotonic() + START_LIMIT
    while not commands.keys() <= vtysh.alive():
        if time.monotonic() > deadline:
            missing = sorted(commands.keys() - vtysh.alive())
            raise FabricError("%s of a scratch FRR did not start within %d s" % (" and ".join(missing), START_LIMIT))
        time.sleep(0.02)
    _write(startup, configuration.for_startup(text))
    rejected = vtysh.start()
    return vtysh.running().text, rejected


def _write(path, text):
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)


class _Surroundings(NamedTuple):
    """What a configuration is about on the host: interfaces that it names, with their VRFs, and addresses that it names."""

    links: tuple
    addresses: tuple

    def make(self):
        """Makes devices of these names here. Whatever they are on the host, here they are bridges."""
        kernel = Kernel(remembers=False)
        steps = [Step(PHASE["link"], int(link.kind != "vrf"), None, link) for link in self.links]
        steps += [Step(PHASE["address"], 0, None, address) for address in self.addresses]
        for step in steps:
            # What cannot be made is missing here: FRR then treats its lines as it does those of interfaces that are not there
            # yet.
            kernel.perform([step])
        kernel.close()


def _surroundings(vtysh, running, text):
    """What of the host a configuration is about. Addresses that FRR itself has set go and come with its configuration."""
    if vtysh.pathspace:
        return _Surroundings((), ())  # its interfaces may be in another network namespace
    words = set(text.split())
    kernel = Kernel(remembers=False)
    state = kernel.read(Document(empty(), empty(), frozenset({"address"})))
    kernel.close()
    links = [_stand_in(link) for name, link in state["link"].items() if name in words and name != "lo"]
    made = {link.name for link in links} | {"lo"}
    named = {word.partition("/")[0] for word in words} - set(_SET_BY_FRR.findall(running))
    addresses = [
        Address(dev if dev in made else "lo", address, nodad=":" in address)
        for dev, address in state["address"]
        if address.partition("/")[0] in named
    ]
    return _Surroundings(tuple(links), tuple(addresses))


def _stand_in(link):
    if link.kind == "vrf":
        return Vrf(name=link.name, table=link.table, up=True)
    return Bridge(name=link.name, master=link.master if link.master_kind == "vrf" else None, up=link.up)
