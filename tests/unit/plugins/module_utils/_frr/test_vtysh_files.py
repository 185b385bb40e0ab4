"""What vtysh reads is on no disk, so a run that ends leaves nothing of it behind."""

from __future__ import annotations

import pathlib
import signal
import subprocess
import sys
import time

RUN = """
import sys
from ansible_collections.evpn.fabric.plugins.module_utils._frr.vtysh import Vtysh
print(Vtysh().check("hostname here\\n"), flush=True)
"""


def _program(directory: pathlib.Path, text: str) -> dict[str, str]:
    """An environment in which vtysh is a shell script, and temporary files are in a directory of their own."""
    program = directory / "vtysh"
    program.write_text("#!/bin/sh\n" + text)
    program.chmod(0o755)
    (directory / "tmp").mkdir()
    return {"PATH": f"{directory}:/usr/bin:/bin", "TMPDIR": str(directory / "tmp"), "PYTHONPATH": ":".join(sys.path)}


def test_vtysh_can_read_the_file_that_it_is_given(tmp_path: pathlib.Path) -> None:
    environment = _program(tmp_path, 'cat "$3"; exit 1\n')
    done = subprocess.run([sys.executable, "-c", RUN], env=environment, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "hostname here"


def test_a_run_that_is_ended_while_vtysh_reads_leaves_no_file(tmp_path: pathlib.Path) -> None:
    begun = tmp_path / "begun"
    environment = _program(tmp_path, f"touch {begun}\nexec sleep 3\n")
    with subprocess.Popen([sys.executable, "-c", RUN], env=environment) as process:
        deadline = time.monotonic() + 20
        while not begun.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
    assert begun.exists()
    assert list((tmp_path / "tmp").iterdir()) == []
