# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scratch FRR: the host's own release with the host's own options, beside it, to see what it makes of a configuration.

Only FRR knows how it prints a line, which lines its release takes, and what else a command removes. So a configuration is read
by daemons of the same release in namespaces of their own, before the host's FRR reads anything of it; and they are brought
from what runs to what is desired by the code that does it on the host. It takes half a second. Private to this collection.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Collection, Mapping, NamedTuple, Optional, Sequence, Tuple

from .._core.enclosure import enclosed
from .._core.errors import FrrError
from . import configuration, converge, host, instance
from .comparison import compared
from .configuration import Configuration
from .surroundings import Expected, Surroundings
from .vtysh import Vtysh

#: Seconds for all that is tried: a host with thousands of lines takes some.
LIMIT = 300
#: Lines of a configuration that a reason mentions.
MENTIONED = 5
#: Addresses that FRR's own configuration sets.
_SET_BY_FRR = re.compile(r"^ +ip(?:v6)? address ([^\s/]+)", re.MULTILINE)


class Outcome(NamedTuple):
    """What a scratch FRR shows after it has started from a configuration, and the lines that it does not know, in its words."""

    shown: str
    rejected: Optional[str]


class Attempt(NamedTuple):
    """How a scratch FRR went from what runs on the host to what is desired: the lines ``missing`` and ``extra`` in the end,
    FRR's words about what it ``rejected``; or all that is known is ``failure``.
    """

    missing: Sequence[str] = ()
    extra: Sequence[str] = ()
    rejected: Optional[str] = None
    failure: Optional[str] = None

    @property
    def obstacle(self) -> Optional[str]:
        """Why it did not get there, in words on one line; None if it did."""
        if self.failure:
            return self.failure
        words = []
        if self.missing:
            words.append("it lacked %s" % _listed(self.missing))
            words += ["FRR said %s" % _listed(self.rejected.split("\n"))] if self.rejected else []
        if self.extra:
            words.append("it kept %s" % _listed(self.extra))
        return "; ".join(words) or None


def _listed(lines: Sequence[str]) -> str:
    shown = [line.strip() for line in lines[:MENTIONED]]
    return ", ".join(shown) + (" and %d more lines" % (len(lines) - MENTIONED) if len(lines) > MENTIONED else "")


def started_from(vtysh: Vtysh, kernel: Optional[Surroundings], daemons: Collection[str], running: str, text: str) -> Outcome:
    """What FRR shows once it has started from a configuration: an :class:`Outcome`.

    ``daemons`` are those that are to run, ``running`` is the text that the host's FRR shows. ``kernel`` is a
    :class:`~.surroundings.Surroundings`, None if FRR may be in another network namespace: the scratch FRR then has no
    interfaces. Raises :class:`NoEnclosureError` where there can be no scratch FRR.
    """
    make = _surroundings(kernel, running, text)
    commands = host.start_commands(daemons, vtysh.pathspace)

    def work() -> Tuple[str, Optional[str]]:
        make()
        return _boot(vtysh, commands, text)

    return Outcome(*_enclosed(work))


def brought(
    vtysh: Vtysh, kernel: Optional[Surroundings], daemons: Collection[str], running: str, desired: Configuration
) -> Attempt:
    """Whether FRR gets from the configuration that runs on the host to a desired one: an :class:`Attempt`.

    ``running`` is the text that the host's FRR shows, ``desired`` are lines as a scratch FRR has shown them. Raises as
    :func:`started_from` does.
    """
    make = _surroundings(kernel, running, " ".join([running, *(line for path in desired for line in path)]))
    commands = host.start_commands(daemons, vtysh.pathspace)
    before = configuration.parse(running, shown=True)

    def work() -> Sequence[Any]:
        make()
        _boot(vtysh, commands, running)
        seen = vtysh.running()
        if configuration.parse(seen.text, shown=True).keys() != before.keys():
            return ()  # a start does not give what runs, so nothing can be tried from there
        try:
            converge.bring(vtysh, desired, compared(seen, desired), compared, revert=False)
        except converge.UnreachedError as error:
            return error.missing, error.extra, error.rejected
        except FrrError as error:
            return (), (), None, str(error)
        return ()

    return Attempt(*_enclosed(work))


def _enclosed(work: Callable[[], Any]) -> Any:
    return enclosed(work, LIMIT, "the scratch FRR", "see whether this host has processor time and memory for it")


def _boot(vtysh: Vtysh, commands: Mapping[str, Sequence[str]], text: str) -> Tuple[str, Optional[str]]:
    """Starts the daemons and has them read a configuration as at the host's boot: what they show, and what they reject."""
    instance.start(vtysh, commands, "a scratch FRR")
    _write(host.startup_file(vtysh.pathspace), configuration.for_startup(text))
    rejected = vtysh.start()
    return vtysh.running().text, rejected


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)


def _surroundings(kernel: Optional[Surroundings], running: str, text: str) -> Callable[[], None]:
    """What makes the interfaces and addresses that a configuration is about, once this process is enclosed."""
    if kernel is None:
        return lambda: None
    about = _about(kernel.expected(), running, text)
    return lambda: kernel.make(about.links, about.addresses)


def _about(expected: Expected, running: str, text: str) -> Expected:
    """The interfaces that a text names, VRFs first, and the addresses that it names.

    FRR treats lines of an interface otherwise that is not there. Addresses that FRR itself has set come and go with its
    configuration, and are left out; those of interfaces that are not named are on lo.
    """
    words = set(text.split())
    links = [link for link in expected.links if link.name in words and link.name != "lo"]
    made = {link.name for link in links} | {"lo"}
    named = {word.partition("/")[0] for word in words} - set(_SET_BY_FRR.findall(running))
    addresses = [
        (dev if dev in made else "lo", address) for dev, address in expected.addresses if address.partition("/")[0] in named
    ]
    return Expected(tuple(sorted(links, key=lambda link: link.table is None)), tuple(addresses))
