"""Options of gateways."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.module_utils._gateway import request
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.gateway import OWNERSHIP


def test_every_option_of_ownership_is_read() -> None:
    assert set(OWNERSHIP) == set(request.KEYS)
    (gateway,) = [option.options for name, option in OWNERSHIP.items() if name == "gateways"]
    assert gateway and set(gateway) == set(request.GATEWAY_KEYS)
