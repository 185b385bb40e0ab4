"""Bringing FRR back that does not answer."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FrrError
from ansible_collections.evpn.fabric.plugins.module_utils._frr import daemons_file, plane, service
from ansible_collections.evpn.fabric.plugins.module_utils._frr.configuration import Running
from ansible_collections.evpn.fabric.plugins.module_utils._frr.objects import Service

BEFORE = "frr defaults traditional\nrouter bgp 65001\n neighbor 192.0.2.9 remote-as 65002\n"
DAEMONS = frozenset({"zebra", "bgpd", "watchfrr"})


class Host:
    """A host whose FRR hangs until it is restarted, and then runs what its startup file has; ``calls`` are systemd's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, place: pathlib.Path):
        self.hangs, self.active, self.calls = True, True, list[str]()
        self.startup, self.daemons = place / "frr.conf", place / "daemons"
        self.startup.write_text("router bgp 65001\n neighbor 192.0.2.8 remote-as 65002\n")
        self.daemons.write_text("bgpd=yes\nospfd=yes\n")
        monkeypatch.setattr(daemons_file, "PATH", str(self.daemons))
        monkeypatch.setattr(service, "look", lambda: Service(self.active, enabled=True))
        monkeypatch.setattr(service, "restart", self.restart)
        monkeypatch.setattr(service, "stop", self.stop)

    def running(self) -> Running:
        if self.hangs:
            raise FrrError("vtysh did not end within 300 s: bgpd does not answer")
        if not self.active:
            return Running(frozenset(), "", "")
        return Running(DAEMONS, self.startup.read_text(), self.startup.read_text())

    def restart(self, *_arguments: Any) -> None:
        self.calls.append("restart from " + self.startup.read_text().split()[-3])
        self.hangs = False

    def stop(self) -> None:
        self.calls.append("stop")
        self.hangs = self.active = False

    def captured(self, unit: list[bool] | None) -> dict[str, Any]:
        owner = [0o600, os.getuid(), os.getgid()]
        return {
            "lines": [
                ["router bgp 65001"],
                ["router bgp 65001", "neighbor 192.0.2.9 remote-as 65002"],
            ],
            "daemons": sorted(DAEMONS),
            "profile": "traditional",
            "startup_path": str(self.startup),
            "startup": [BEFORE, *owner],
            "daemons_file": ["bgpd=yes\n", *owner],
            "service": unit,
        }


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> Host:
    return Host(monkeypatch, tmp_path)


def bring_back(host: Host, unit: list[bool] | None) -> None:
    kernel: Any = object()
    vtysh: Any = host
    try:
        plane.FrrPlane(vtysh, kernel).bring_back(host.captured(unit))
    finally:
        assert (host.startup.read_text(), host.daemons.read_text()) == (BEFORE, "bgpd=yes\n")


def test_frr_that_does_not_answer_is_restarted_once_from_the_file_that_it_had(host: Host) -> None:
    bring_back(host, [True, True])
    assert host.calls == ["restart from 192.0.2.9"]


def test_frr_that_does_not_answer_and_did_not_run_is_stopped(host: Host) -> None:
    bring_back(host, [False, True])
    assert host.calls == ["stop"]


def test_where_systemd_does_not_run_frr_its_files_are_brought_back_all_the_same(host: Host) -> None:
    with pytest.raises(FrrError, match="does not answer"):
        bring_back(host, None)
    assert host.calls == []
