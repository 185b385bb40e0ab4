"""What a module with passwords tells the host's log."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import argument_spec
from ansible_collections.evpn.fabric.plugins.module_utils._module.quiet import QuietModule
from ansible_collections.evpn.fabric.plugins.modules import fabric_host

CONFIG = "router bgp 65001\n neighbor fabric password S3cretPw\nend\n"


@pytest.mark.parametrize(("kind", "is_quiet"), [(QuietModule, True), (basic.AnsibleModule, False)])
def test_passwords_within_options_do_not_reach_the_log(monkeypatch: pytest.MonkeyPatch, kind: type, is_quiet: bool) -> None:
    logged: list[Any] = []
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": {"frr": {"config": CONFIG}}}).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda _module, *said, **more: logged.append((said, more)))
    kind(argument_spec=argument_spec(fabric_host.OPTIONS))
    assert logged
    assert ("S3cretPw" not in str(logged)) == is_quiet
