"""Runs inside the virtual machine: takes one command a line from the host, answers with its output and exit status.

Answers have the number of their request: who asked may have gone, and somebody else listen.
"""

from __future__ import annotations

import glob
import json
import os
import subprocess
import time


def main() -> None:
    port = os.open(_port(), os.O_RDWR)
    buffer = b""
    while True:
        received = os.read(port, 65536)
        if not received:  # the host is not connected
            time.sleep(0.05)
            continue
        *complete, buffer = (buffer + received).split(b"\n")
        for line in filter(None, complete):
            _answer(port, json.loads(line))


def _port() -> str:
    """The virtio-serial port that QEMU calls ``agent``."""
    for name in glob.glob("/sys/class/virtio-ports/*/name"):
        with open(name) as file:
            if file.read().strip() == "agent":
                return "/dev/" + name.split("/")[-2]
    raise SystemExit("no virtio-serial port called agent")


def _answer(port: int, request: dict) -> None:
    process = subprocess.Popen(
        request["argv"],
        cwd=request["cwd"],
        env={**os.environ, **request["env"]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output_of = process.stdout
    assert output_of
    for output in iter(lambda: os.read(output_of.fileno(), 8192), b""):
        _send(port, {"to": request["number"], "output": output.decode(errors="replace")})
    _send(port, {"to": request["number"], "exit": process.wait()})


def _send(port: int, message: dict) -> None:
    line = json.dumps(message).encode() + b"\n"
    while line:
        line = line[os.write(port, line) :]


if __name__ == "__main__":
    main()
