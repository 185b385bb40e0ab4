#!/usr/bin/python
from __future__ import annotations
DOCUMENTATION = ""
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils._module.host import look


def main():
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    module.exit_json(changed=False, **look())


if __name__ == "__main__":
    main()
