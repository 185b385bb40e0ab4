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
import subprocess
import tempfile
import time
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional

from .. import _engine
from .._core.errors import FabricError, unforeseen
from .._core.plane import Stopped
from . import archive, confirmed, planning, unit
from .planning import DOCUMENT, ENGINE, SERVICE, Actual, Desired, Kept, StorePlan

DOCUMENT_FILE = "%s/document.json" % _engine.DIRECTORY
RESTORE = "/usr/bin/python3 -I %s restore" % _engine.ENGINE
#: Seconds that systemctl is given.
TIMEOUT = 60
#: What a source takes in the engine at most, in its own bytes: itself, and what is compiled of it.
GROWTH = 4


def desired(content: Dict[str, Any]) -> Desired:
    """That a host keeps the engine that this process runs from, and a document. Raises :class:`FabricError`."""
    try:
        sources = archive.contents()
    except OSError as error:
        raise FabricError("the engine cannot be packed: %s" % error) from error
    kept = (
        Kept(ENGINE, _engine.ENGINE, archive.digest(sources)),
        Kept(DOCUMENT, DOCUMENT_FILE, confirmed.digest(content)),
        Kept(SERVICE, unit.NAME, _digest(unit.text(RESTORE).encode())),
    )
    room = GROWTH * sum(size for _crc, size in sources.values()) + 2 * len(repr(content))
    return Desired({each.kind: each for each in kept}, content, room)


#: That it keeps nothing.
NOTHING = Desired({}, {})


def last_confirmed() -> confirmed.Confirmed:
    """The document that the host keeps. Raises :class:`FabricError` where there is none, or it is damaged."""
    content = _content(DOCUMENT_FILE)
    if content is None:
        raise FabricError("%s is not there: this host has not been brought to a document that it keeps" % DOCUMENT_FILE)
    return confirmed.read(content.decode(errors="replace"), DOCUMENT_FILE)


class _Saved(NamedTuple):
    """A file or a link as it was: neither is None where there was none."""

    content: Optional[bytes] = None
    mode: int = 0
    target: Optional[str] = None


class StorePlane:
    """``commands`` is the module that the engine runs, relative to module_utils; its ``main()`` returns an exit status."""

    name = "what the host keeps"

    def __init__(self, commands: str) -> None:
        self._commands = commands
        #: What was at the paths that have been changed, in the order in which they were.
        self._saved: Dict[str, _Saved] = {}

    def read(self, desired: Desired) -> Actual:
        """What the host keeps. Raises :class:`FabricError`."""
        with _errors_in_words():
            return Actual(
                {each.kind: each for each in _kept()},
                _free(_engine.DIRECTORY) if desired.kept else 0,
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
            with _errors_in_words():
                for operation in plan.operations:
                    if stopped():
                        raise FabricError("%s came, so this run was stopped" % stopped())
                    self._carry_out(operation.kind, operation.after, plan.desired)
                if not plan.desired.kept:
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
        steps: List[Callable[[], None]] = [functools.partial(_revert, path, was) for path, was in reversed(list(saved.items()))]
        if unit.PATH in saved:
            steps.append(_reload)
        # One that fails does not keep the others from being reverted.
        failures = [failure for failure in map(_failure, steps) if failure]
        if failures:
            raise FabricError("\n".join(failures))

    def _carry_out(self, kind: str, after: Optional[Kept], desired: Desired) -> None:
        if kind == ENGINE:
            self._keep_engine(after)
        elif kind == DOCUMENT:
            self._change(DOCUMENT_FILE, _Saved(_document(after, desired), 0o600) if after else _Saved())
        else:
            self._change(unit.PATH, _Saved(unit.text(RESTORE).encode(), 0o644) if after else _Saved())
            self._change(unit.WANTED, _Saved(target=unit.PATH) if after else _Saved())
            _reload()

    def _keep_engine(self, after: Optional[Kept]) -> None:
        """Puts an engine beside the one that is kept, which other processes may run from, and removes those before it."""
        last = os.path.realpath(_engine.ENGINE)
        for path in _engines():
            if after is None or path != last:
                self._change(path, _Saved())
        if after is None:
            self._change(_engine.ENGINE, _Saved())
            return
        path = _engine_path(after.digest)
        self._change(path, _Saved(archive.pack(archive.sources(), self._commands, path), 0o600))
        self._change(_engine.ENGINE, _Saved(target=os.path.basename(path)))

    def _change(self, path: str, after: _Saved) -> None:
        self._saved.setdefault(path, _saved(path))
        _put(path, after)


def _document(after: Kept, desired: Desired) -> bytes:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return confirmed.written(confirmed.Confirmed(desired.content, at, after.digest)).encode()


def _kept() -> Iterator[Kept]:
    """What the host keeps."""
    engine = os.path.realpath(_engine.ENGINE)
    if os.path.exists(engine):
        yield Kept(ENGINE, _engine.ENGINE, os.path.basename(engine)[len("engine-") : -len(".pyz")])
    elif os.path.islink(_engine.ENGINE) or _engines():
        yield Kept(ENGINE, _engine.ENGINE, "")
    if os.path.exists(DOCUMENT_FILE):
        try:
            yield Kept(DOCUMENT, DOCUMENT_FILE, last_confirmed().digest)
        except FabricError:
            yield Kept(DOCUMENT, DOCUMENT_FILE, "")  # it is damaged, and written anew
    text = _content(unit.PATH)
    if text is not None or os.path.islink(unit.WANTED):
        enabled = os.path.realpath(unit.WANTED) == unit.PATH
        yield Kept(SERVICE, unit.NAME, _digest(text) if text is not None and enabled else "")


def _engine_path(digest: str) -> str:
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


def _content(path: str) -> Optional[bytes]:
    """What is in a file, None where there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _free(path: str) -> int:
    """The bytes that are free where a directory is, or will be."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    status = os.statvfs(path)
    return status.f_bavail * status.f_frsize


def _saved(path: str) -> _Saved:
    if os.path.islink(path):
        return _Saved(target=os.readlink(path))
    content = _content(path)
    return _Saved() if content is None else _Saved(content, os.stat(path).st_mode & 0o777)


def _revert(path: str, was: _Saved) -> None:
    if _saved(path) != was:  # what could not be changed needs no reverting
        _put(path, was)


def _failure(step: Callable[[], None]) -> str:
    """Why a step cannot be done, in words; nothing if it is done."""
    try:
        with _errors_in_words():
            step()
    except FabricError as error:
        return str(error)
    return ""


def _put(path: str, what: _Saved) -> None:
    """Has a path be so, in one step."""
    if what == _Saved():
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        return
    parent = os.path.dirname(path)
    os.makedirs(parent, mode=0o700 if parent == _engine.DIRECTORY else 0o755, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=".evpn-fabric-") as place:
        unfinished = os.path.join(place, "unfinished")
        if what.target is not None:
            os.symlink(what.target, unfinished)
        else:
            with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT, what.mode), "wb") as file:
                os.fchmod(file.fileno(), what.mode)
                file.write(what.content or b"")
                file.flush()
                os.fsync(file.fileno())
        os.replace(unfinished, path)


def _reload() -> None:
    """Has systemd read its units. Raises :class:`FabricError`."""
    try:
        done = subprocess.run(
            ["systemctl", "daemon-reload"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
            timeout=TIMEOUT,
            check=False,
            start_new_session=True,  # what ends our terminal does not end it half-way
        )
    except subprocess.TimeoutExpired:
        raise FabricError("systemctl daemon-reload did not end within %d s" % TIMEOUT) from None
    if done.returncode:
        raise FabricError("systemctl daemon-reload: %s" % done.stdout.strip())


@contextlib.contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FabricError("%s: %s" % (error.filename or _engine.DIRECTORY, error.strerror)) from error
