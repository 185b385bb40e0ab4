# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of the collection. Private: for the use of this collection only."""

from __future__ import annotations

from typing import Any, Iterable, NamedTuple, Optional, Sequence


def some(things: Sequence[Any]) -> str:
    """At most five of a list of things, in words: a message is read by people."""
    return ", ".join(map(str, things[:5])) + (" and %d more" % (len(things) - 5) if len(things) > 5 else "")


def unforeseen(error: BaseException) -> str:
    """An exception that nobody foresaw, in words, with the place where it was raised."""
    place = error.__traceback__
    while place is not None and place.tb_next:
        place = place.tb_next
    where = "%s, line %d" % (place.tb_frame.f_code.co_filename, place.tb_lineno) if place else "no place is known"
    return "%s (%s). This is a fault of the collection: report it with what -vvv shows" % (repr(error), where)


class Problem(NamedTuple):
    """One thing that is wrong with an input.

    ``path`` is where (``vxlans[3].vni``), ``message`` what, ``remedy`` what to write instead.
    """

    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return "%s: %s. %s." % (self.path, self.message, self.remedy)


class FabricError(Exception):
    """The whole message, with the remedy."""


class ValidationError(FabricError):
    """An input that cannot be meant; carries every :class:`Problem` of it at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class KernelError(FabricError):
    """The kernel refused something; ``errno`` is its number, 0 where there is none.

    ``unsure`` are the steps that may have been carried out all the same, or in part.
    """

    def __init__(self, message: str, errno: Optional[int] = 0, unsure: Iterable[Any] = ()) -> None:
        self.errno = errno or 0
        self.unsure = tuple(unsure)
        super().__init__(message)


class FrrError(FabricError):
    """FRR refused something or cannot be reached."""


class NoEnclosureError(FabricError):
    """This host or container allows no namespaces of our own."""


class VerificationError(FabricError):
    """What was applied is not what is there afterwards."""


def reworded(error: FabricError, text: str) -> FabricError:
    """An error of the same kind with more to say."""
    if isinstance(error, KernelError):
        return KernelError(text, error.errno)
    return next((kind(text) for kind in (FrrError, VerificationError) if isinstance(error, kind)), FabricError(text))
