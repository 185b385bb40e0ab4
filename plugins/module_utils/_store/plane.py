# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host keeps of this collection, as a plane: the engine, the confirmed document, the unit that restores it at boot.
Private to this collection.

All of it is in one directory that only root can enter, but for the unit. Files are replaced in one step.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import zipfile
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional

from .. import _engine
from .._core import program
from .._core.errors import FabricError, unforeseen
from .._core.plane import Stopped
from . import archive, checkpoint, confirmed, files, planning, unit
from .planning import DOCUMENT, ENGINE, SERVICE, Actual, Desired, Kept, StorePlan

DOCUMENT_FILE = confirmed.DOCUMENT_FILE
RESTORE = "/usr/bin/python3 -I %s restore" % _engine.ENGINE
#: What a source takes in the engine at most, in its own bytes: itself, and what is compiled of it.
GROWTH = 4


def desired(content: Optional[Dict[str, Any]]) -> Desired:
    """That a host keeps the engine that this process runs from, its unit, and a document if there is one. Raises
    :class:`FabricError`.
    """
    try:
        sources = archive.contents()
    except OSError as error:
        raise FabricError("the engine cannot be packed: %s" % error) from error
    kept = [
        Kept(ENGINE, _engine.ENGINE, archive.digest(sources)),
        Kept(SERVICE, unit.NAME, _digest(unit.text(RESTORE).encode())),
    ]
    if content is not None:
        kept.append(Kept(DOCUMENT, DOCUMENT_FILE, confirmed.digest(content)))
    room = GROWTH * sum(size for _crc, size in sources.values()) + 2 * len(repr(content))
    return Desired({each.kind: each for each in kept}, content or {}, room)


#: That it keeps nothing.
NOTHING = Desired({}, {})


def has_document() -> bool:
    """Whether the host keeps a document, damaged or not."""
    return os.path.exists(DOCUMENT_FILE)


def document_text() -> Optional[str]:
    """The text of the document that the host keeps, damaged or not; None where there is none."""
    return _text(DOCUMENT_FILE)


def last_confirmed() -> confirmed.Confirmed:
    """The document that the host keeps. Raises :class:`FabricError` where there is none, or it is damaged."""
    text = document_text()
    if text is None:
        raise FabricError("%s is not there: this host has not been brought to a document that it keeps" % DOCUMENT_FILE)
    return confirmed.read(text, DOCUMENT_FILE)


class StorePlane:
    """``commands`` is the module that the engine runs, relative to module_utils; its ``main()`` returns an exit status."""

    name = "what the host keeps"

    def __init__(self, commands: str) -> None:
        self._commands = commands
        #: What was at the paths that have been changed, in the order in which they were.
        self._saved: Dict[str, files.Entry] = {}

    def read(self, desired: Desired) -> Actual:
        """What the host keeps. Raises :class:`FabricError`."""
        with files.errors_in_words():
            return Actual(
                {each.kind: each for each in _kept()},
                files.free(_engine.DIRECTORY) if desired.kept else 0,
                os.path.isdir("/run/systemd/system"),  # sd_booted(3)
            )

    def plan(self, desired: Desired, actual: Actual) -> StorePlan:
        """What has to be done, as :func:`.planning.plan` says."""
        return planning.plan(desired, actual, RESTORE)

    def apply(self, plan: StorePlan, stopped: Stopped = lambda: None) -> None:
        """Carries a plan out.

        Raises :class:`FabricError` with the cause; all is as it was then, or the message says what is not.
        """
        try:
            with files.errors_in_words():
                for operation in plan.operations:
                    if stopped():
                        raise FabricError("%s came, so this run was stopped" % stopped())
                    self._carry_out(operation.kind, operation.after, plan.desired)
                if not plan.desired.kept:
                    for path in (checkpoint.REVERTED_FILE, checkpoint.DAMAGED_FILE, *files.unfinished(_engine.DIRECTORY)):
                        self._change(path, files.Entry())
                    with contextlib.suppress(OSError):  # somebody else has put something there
                        os.rmdir(_engine.DIRECTORY)
        except Exception as error:
            cause = str(error) if isinstance(error, FabricError) else unforeseen(error)
            try:
                self.revert(plan)
            except FabricError as failure:
                cause += "\nWhat could not be reverted: %s" % failure
            raise FabricError(cause) from error

    def revert(self, plan: StorePlan) -> None:
        """Has the host keep what it kept before a plan of this process. Raises :class:`FabricError`."""
        saved, self._saved = self._saved, {}
        steps: List[Callable[[], None]] = [
            functools.partial(files.revert, path, was) for path, was in reversed(list(saved.items()))
        ]
        if unit.PATH in saved:
            steps.append(_reload)
        # One that fails does not keep the others from being reverted.
        failures = [failure for failure in map(_failure, steps) if failure]
        if failures:
            raise FabricError("\n".join(failures))

    def capture(self, plan: StorePlan) -> Dict[str, Any]:
        """The document before a plan, as JSON has it. The engine and its unit stay: they are what goes back."""
        return {"document": document_text()}

    def plan_back(self, captured: Mapping[str, Any]) -> StorePlan:
        """What leads back to the document that has been captured."""
        return planning.plan_back(_document_in(captured["document"]), _document_in(document_text()))

    def bring_back(self, captured: Mapping[str, Any]) -> None:
        """Has the host keep the document that has been captured. Raises :class:`FabricError`."""
        was = captured["document"]
        with files.errors_in_words():
            files.revert(DOCUMENT_FILE, files.Entry() if was is None else files.Entry(os.fsencode(was), 0o600))

    def _carry_out(self, kind: str, after: Optional[Kept], desired: Desired) -> None:
        if kind == ENGINE:
            self._keep_engine(after)
        elif kind == DOCUMENT:
            self._change(DOCUMENT_FILE, files.Entry(_document(after, desired), 0o600) if after else files.Entry())
        else:
            self._change(unit.PATH, files.Entry(unit.text(RESTORE).encode(), 0o644) if after else files.Entry())
            self._change(unit.WANTED, files.Entry(target=unit.PATH) if after else files.Entry())
            _reload()

    def _keep_engine(self, after: Optional[Kept]) -> None:
        """Puts an engine beside the one that is kept, which other processes may run from, and removes those before it."""
        last = os.path.realpath(_engine.ENGINE)
        for path in _engines():
            if after is None or path != last:
                self._change(path, files.Entry())
        if after is None:
            self._change(_engine.ENGINE, files.Entry())
            return
        path = engine_path(after.digest)
        self._change(path, files.Entry(archive.pack(archive.sources(), self._commands, path), 0o600))
        self._change(_engine.ENGINE, files.Entry(target=os.path.basename(path)))

    def _change(self, path: str, after: files.Entry) -> None:
        self._saved.setdefault(path, files.entry(path))
        files.put(path, after)


def _document(after: Kept, desired: Desired) -> bytes:
    return confirmed.written(confirmed.Confirmed(desired.content, files.now(), after.digest)).encode()


def _kept() -> Iterator[Kept]:
    """What the host keeps."""
    engine = os.path.realpath(_engine.ENGINE)
    if os.path.exists(engine) and zipfile.is_zipfile(engine):
        yield Kept(ENGINE, _engine.ENGINE, os.path.basename(engine)[len("engine-") : -len(".pyz")])
    elif os.path.islink(_engine.ENGINE) or _engines():
        yield Kept(ENGINE, _engine.ENGINE, "")  # it is damaged, and packed anew
    document = _document_in(document_text())
    if document:
        yield document
    text = files.content(unit.PATH)
    if text is not None or os.path.islink(unit.WANTED):
        enabled = os.path.realpath(unit.WANTED) == unit.PATH
        yield Kept(SERVICE, unit.NAME, _digest(text) if text is not None and enabled else "")


def _document_in(text: Optional[str]) -> Optional[Kept]:
    """The document in a text; one that is damaged, which a run writes anew, has no digest."""
    if text is None:
        return None
    try:
        return Kept(DOCUMENT, DOCUMENT_FILE, confirmed.read(text, DOCUMENT_FILE).digest)
    except FabricError:
        return Kept(DOCUMENT, DOCUMENT_FILE, "")


def _text(path: str) -> Optional[str]:
    """The text of a file, whatever its bytes are; None where there is none."""
    found = files.content(path)
    return None if found is None else os.fsdecode(found)


def engine_path(digest: str) -> str:
    """Where an engine is kept."""
    return "%s/engine-%s.pyz" % (_engine.DIRECTORY, digest)


def _engines() -> List[str]:
    """The paths of all engines."""
    try:
        names = os.listdir(_engine.DIRECTORY)
    except FileNotFoundError:
        return []
    return ["%s/%s" % (_engine.DIRECTORY, name) for name in names if name.startswith("engine-")]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _failure(step: Callable[[], None]) -> str:
    """Why a step cannot be done, in words; nothing if it is done."""
    try:
        with files.errors_in_words():
            step()
    except FabricError as error:
        return str(error)
    return ""


def _reload() -> None:
    """Has systemd read its units. Raises :class:`FabricError`."""
    program.run("systemctl", "daemon-reload")
