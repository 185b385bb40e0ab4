"""Modules on a host as Ansible runs them, each in a process of its own, without a new interpreter for each.

A Python on the host has imported what modules need, and forks for each run: with one that starts for each, tests would spend
most of their time on that.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from typing import Any

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


def module_input(arguments: dict, check_mode: bool = False, diff: bool = True) -> str:
    """What Ansible has a module read."""
    own = {"_ansible_check_mode": check_mode, "_ansible_diff": diff, "_ansible_remote_tmp": "/tmp"}
    return json.dumps({"ANSIBLE_MODULE_ARGS": {**arguments, **own}})


class ModuleServer:
    """Runs modules on a host as root; each of its Pythons, which ``command`` starts there, runs one at a time."""

    def __init__(self, command: Callable[[], Sequence[str]]):
        self._command = command
        self._pythons: list[subprocess.Popen[str]] = []
        self._idle: list[subprocess.Popen[str]] = []

    def module(self, module: str, arguments: dict[str, Any], check_mode: bool = False, diff: bool = True) -> dict[str, Any]:
        """Runs one of the collection's modules; returns its result."""
        python = self._idle.pop() if self._idle else self._start()
        assert python.stdin and python.stdout
        python.stdin.write(json.dumps([module, json.loads(module_input(arguments, check_mode, diff))]) + "\n")
        python.stdin.flush()
        answer = json.loads(python.stdout.readline())
        self._idle.append(python)
        assert answer.startswith(("{", "\n{")), answer
        return json.loads(answer)

    def end(self) -> None:
        """Ends its Pythons."""
        for python in self._pythons:
            python.kill()
            python.communicate()

    def _start(self) -> subprocess.Popen[str]:
        started = subprocess.Popen([*self._command(), "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._pythons.append(started)
        return started
