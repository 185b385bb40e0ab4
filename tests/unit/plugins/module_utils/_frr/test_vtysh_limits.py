"""How long vtysh is waited for when a daemon hangs: daemons are sockets here, and vtysh a program that never ends."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FrrError
from ansible_collections.evpn.fabric.plugins.module_utils._frr import host
from ansible_collections.evpn.fabric.plugins.module_utils._frr import vtysh as limits
from ansible_collections.evpn.fabric.plugins.module_utils._frr.vtysh import Vtysh

HANGS, ANSWERS = "echo >> calls; sleep 60", "echo >> calls; echo bgpd"


@pytest.fixture
def bgpd(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> Iterator[socket.socket]:
    """The socket of a daemon that takes connections and says nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(host, "RUNTIME", str(tmp_path))
    for name, seconds in {"TIMEOUT": 0.3, "ANSWER_LIMIT": 0.1, "RECOVERY": 0.5}.items():
        monkeypatch.setattr(limits, name, seconds)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "bgpd.vty"))
        made.listen(100)
        yield made


def vtysh(program: str) -> Vtysh:
    made = Vtysh()
    made.command = ["sh", "-c", program, "sh"]
    return made


def calls() -> int:
    return len(pathlib.Path("calls").read_text().splitlines())


@pytest.mark.usefixtures("bgpd")
def test_a_daemon_that_hangs_is_waited_for_once_and_then_named_without_another_call() -> None:
    made = vtysh(HANGS)
    with pytest.raises(FrrError, match="vtysh did not end within 0 s: bgpd does not answer"):
        made.alive()
    begun = time.monotonic()
    for _call in range(5):
        with pytest.raises(FrrError, match=r"vtysh was not started again .*: bgpd does not answer"):
            made.running()
    assert calls() == 1
    assert time.monotonic() - begun < 2, "RECOVERY is for all calls together"


def test_vtysh_is_started_again_once_the_daemon_answers(bgpd: socket.socket) -> None:
    made = vtysh(HANGS)
    with pytest.raises(FrrError):
        made.alive()

    def answer() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection = bgpd.accept()[0]
                with contextlib.suppress(OSError):
                    connection.sendall(b"bgpd")

    threading.Thread(target=answer, daemon=True).start()
    made.command = vtysh(ANSWERS).command
    assert made.alive() == {"bgpd"}
    assert calls() == 2


def test_vtysh_that_hangs_twice_although_all_daemons_answer_is_not_started_again(bgpd: socket.socket) -> None:
    bgpd.close()  # there is no daemon that could be silent
    made = vtysh(HANGS)
    for _call in range(2):
        with pytest.raises(FrrError, match="vtysh did not end within"):
            made.alive()
    with pytest.raises(FrrError, match=r"vtysh was not started again .*all daemons answer"):
        made.alive()
    assert calls() == 2
