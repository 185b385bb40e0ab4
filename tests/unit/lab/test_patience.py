"""What takes longer than it ever should."""

from __future__ import annotations

import concurrent.futures
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from lab import __main__ as lab
from lab import patience
from lab.topology import Topology

#: A process in a session of its own, as Ansible's workers are, and one in it that ends with SIGKILL only.
SHELL = "trap : TERM; while :; do sleep 601.25; done"
WORKER = f"import subprocess, os; os.setsid(); subprocess.run(['sh', '-c', '{SHELL}'])"


def test_what_takes_too_long_is_told_and_ended(capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    with (
        pytest.raises(patience.TookTooLong, match="lab: the work took longer than 5 s and has been ended"),
        patience.within(5, "the work"),
        concurrent.futures.ThreadPoolExecutor(1) as pool,
    ):
        pool.submit(subprocess.run, [sys.executable, "-c", WORKER], check=False).result()
    assert time.monotonic() - began < 60, "it did not wait for the thread, whose process would not have ended"
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "lab: the work has not ended after 5 s; its processes:"
    arguments = [line.split(maxsplit=5)[5] for line in lines]
    assert arguments == [f"{sys.executable} -c {WORKER}", f"sh -c {SHELL}", "sleep 601.25"]
    running = subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True, text=True).stdout
    assert "601.25" not in running, "nor has anything been started meanwhile that goes on"


def test_what_ends_in_time_hears_no_alarm() -> None:
    with patience.within(1, "the work"):
        pass
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    assert signal.alarm(0) == 0


def test_a_start_that_hangs_is_tried_once_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lab, "STATE", tmp_path)
    monkeypatch.setattr(lab, "MACHINE", lab.Machine(tmp_path / "vm", tmp_path / "kernel"))
    monkeypatch.setattr(lab.topology, "read", lambda _inventory: Topology((), (), ("VXLAN",)))
    hangs: list[bool] = [True, False]

    def start(*_arguments: object) -> None:
        if hangs.pop(0):
            raise patience.TookTooLong("lab: it hangs")

    monkeypatch.setattr(lab, "_start", start)
    lab.up("try", tmp_path)
    assert capsys.readouterr().out == "lab: it hangs\nlab: once more ...\n"
    hangs = [True, True]
    with pytest.raises(patience.TookTooLong):
        lab.up("try", tmp_path)
    assert not hangs, "tried twice, not for ever"
