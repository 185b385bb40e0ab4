"""Run at the start of Python on the hosts of a lab: keeps the compiled form of modules that come in zip archives.

Each task of Ansible brings its modules along as source, in an archive of its own, and Python compiles a hundred of them each
time: half of a task's time where the processor is emulated. Hosts share what one of them has compiled, named by its source.
Nothing is imported here that Python has not loaded by then.
"""

from __future__ import annotations

import _imp
import marshal
import os
import sys
import zipimport
from types import CodeType

DIRECTORY = "/run/evpn-lab-bytecode"
_compile = zipimport._compile_source  # type: ignore[attr-defined]


def _compile_once(path: str, source: bytes, *more: object) -> CodeType:
    """What zipimport compiles of the ``source`` of a module, which the archive has at ``path``."""
    file = f"{DIRECTORY}/{sys.implementation.cache_tag}-{_imp.source_hash(0, source).hex()}"
    try:
        with open(file, "rb") as kept:
            code: CodeType = marshal.loads(kept.read())
    except OSError:
        code = _compile(path, source, *more)
        _keep(code, file)
    _imp._fix_co_filename(code, path)  # type: ignore[attr-defined]
    return code


def _keep(code: CodeType, file: str) -> None:
    # Other hosts have processes of the same number.
    unfinished = f"{file}.{os.stat('/proc/self/ns/pid').st_ino}.{os.getpid()}"
    try:
        with open(unfinished, "wb") as kept:
            kept.write(marshal.dumps(code))
        os.replace(unfinished, file)
    except OSError:
        return  # Only root may write here: a module that runs as somebody else has what it needs anyway.


zipimport._compile_source = _compile_once  # type: ignore[attr-defined]
