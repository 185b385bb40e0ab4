"""A connection to hosts in namespaces of this machine (tests/frr_host.py), by the number of their first process."""

from __future__ import annotations

import pathlib
import shlex
import subprocess
from typing import Any

from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
name: nsenter
short_description: Hosts in namespaces of this machine
options:
  pid:
    description: The number of the host's first process.
    required: true
    vars:
      - name: pid_of_host
extends_documentation_fragment: connection_pipelining
"""


class Connection(ConnectionBase):
    """Ansible's entry point."""

    transport = "nsenter"
    has_pipelining = True

    def _connect(self) -> Connection:
        return self

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        inside = ["nsenter", "--all", "--root", "--wd", "--target", str(self.get_option("pid")), "/bin/sh", "-c", cmd]
        done = subprocess.run(inside, input=in_data or b"", capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def put_file(self, in_path: str, out_path: str) -> None:
        self.exec_command(f"cat > {shlex.quote(out_path)}", pathlib.Path(in_path).read_bytes())

    def fetch_file(self, in_path: str, out_path: str) -> Any:
        raise NotImplementedError("nothing is fetched")

    def close(self) -> None:
        self._connected = False
