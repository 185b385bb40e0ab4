"""What the virtual machine's agent says, and to whom."""

from __future__ import annotations

import json
import pathlib
import socket
import threading

import pytest

from lab.vm import Machine


def answering(agent: socket.socket) -> None:
    """Says what somebody else asked for, the first line of it only from its middle on, and then answers."""
    connection, _address = agent.accept()
    with connection:
        request = json.loads(connection.makefile().readline())
        mine = {"to": request["number"]}
        others = {"to": request["number"] - 1}
        for line in (
            'put": "half a line"}',
            json.dumps({**others, "output": "not for us\n"}),
            json.dumps({**others, "exit": 0}),
            json.dumps({**mine, "output": "for us\n"}),
            json.dumps({**mine, "exit": 3}),
        ):
            connection.sendall(line.encode() + b"\n")


def test_what_others_asked_for_is_not_taken_for_an_answer(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(tmp_path / "agent"))
        agent.listen()
        thread = threading.Thread(target=answering, args=(agent,))
        thread.start()
        assert Machine(tmp_path, tmp_path).run(["true"]) == 3
        thread.join()
    assert capsys.readouterr().out == "for us\n"
