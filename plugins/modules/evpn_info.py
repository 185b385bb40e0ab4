#!/usr/bin/python
from __future__ import annotations
DOCUMENTATION = ""
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils._errors import FabricError
from ansible_collections.evpn.fabric.plugins.module_utils._execute.evpn import KINDS, gather
from ansible_collections.evpn.fabric.plugins.module_utils._frr.vtysh import Vtysh


def main():
    lookup = {"vrf": {"type": "str", "default": ""}, "address": {"type": "str", "required": True}}
    module = AnsibleModule(argument_spec={
        "gather": {"type": "list", "elements": "str", "choices": list(KINDS), "default": ["sessions", "vnis"]},
        "lookups": {"type": "list", "elements": "dict", "options": lookup, "default": []},
        "pathspace": {"type": "str"},
    }, supports_check_mode=True)
    lookups = [(entry["vrf"], entry["address"]) for entry in module.params["lookups"]]
    try:
        seen = gather(Vtysh(module.params["pathspace"]), module.params["gather"], lookups)
    except FabricError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, evpn=seen)


if __name__ == "__main__":
    main()
