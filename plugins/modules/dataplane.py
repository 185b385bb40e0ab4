#!/usr/bin/python
from __future__ import annotations
DOCUMENTATION = ""
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import COMMON, DATAPLANE
from ansible_collections.evpn.fabric.plugins.module_utils._module.run import run


def main():
    module = AnsibleModule(argument_spec={**DATAPLANE, **COMMON}, supports_check_mode=True)
    run(module, module.params)


if __name__ == "__main__":
    main()
