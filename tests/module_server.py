"""Modules on a host as Ansible runs them, each in a process of its own, without a new interpreter for each.

A Python on the host has imported what modules need, and forks for each run: a law that takes a dozen runs for an example has
more examples in the same time.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.frr_host import FrrHost, module_input
from tests.systemd_host import SystemdHost

#: Runs on the host: a line of JSON with the module's name and its arguments, then a line with its output as JSON.
SERVER = """
import json, os, runpy, sys, tempfile
import ansible.module_utils.basic
COLLECTION = "ansible_collections.evpn.fabric.plugins"
from ansible_collections.evpn.fabric.plugins.module_utils._frr import overlooked, plane
from ansible_collections.evpn.fabric.plugins.module_utils._host import surroundings
from ansible_collections.evpn.fabric.plugins.module_utils._module import gateway, run
for line in iter(sys.stdin.readline, ""):
    name, given = json.loads(line)
    with tempfile.TemporaryFile("w+") as arguments, tempfile.TemporaryFile("w+") as answer:
        arguments.write(json.dumps(given))
        arguments.seek(0)
        child = os.fork()
        if not child:
            os.dup2(arguments.fileno(), 0)
            os.dup2(answer.fileno(), 1)
            os.dup2(answer.fileno(), 2)
            sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")
            runpy.run_module(f"{COLLECTION}.modules.{name}", run_name="__main__", alter_sys=True)
        os.waitpid(child, 0)
        answer.seek(0)
        print(json.dumps(answer.read()), flush=True)
"""


class ModuleServer:
    """Runs modules on a host with FRR; use it as a context, within the host's."""

    def __init__(self, host: FrrHost | SystemdHost):
        self.host = host
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> ModuleServer:
        command = ["env", "-u", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH=/test", "PYTHONPYCACHEPREFIX=/test/bytecode"]
        self.process = subprocess.Popen(
            self.host._inside(*command, "python3", "-c", SERVER), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_details: object) -> None:
        assert self.process and self.process.stdin
        self.process.stdin.close()
        self.process.wait()

    def module(self, module: str, arguments: dict[str, Any], check_mode: bool = False) -> dict[str, Any]:
        """Runs one of the collection's modules as root; returns its result."""
        assert self.process and self.process.stdin and self.process.stdout
        given = json.loads(module_input(arguments, check_mode, diff=False))
        self.process.stdin.write(json.dumps([module, given]) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer.startswith(("{", "\n{")), answer
        return json.loads(answer)
