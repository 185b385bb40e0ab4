#!/usr/bin/python
from __future__ import annotations
DOCUMENTATION = ""
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evpn.fabric.plugins.module_utils._module.frr import run


def main():
    module = AnsibleModule(argument_spec={
        "config": {"type": "str", "required": True, "no_log": True},
        "daemons": {"type": "list", "elements": "str"},
        "save": {"type": "bool", "default": True},
        "pathspace": {"type": "str"},
        "max_disruption": {"type": "str", "choices": ["hitless", "session", "link", "daemon"], "default": "daemon"},
    }, supports_check_mode=True)
    run(module)


if __name__ == "__main__":
    main()
