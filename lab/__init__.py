"""Test beds: real hosts (containers with systemd and FRR) on a kernel that has what EVPN fabrics need.

``python3 -m lab --help`` lists the commands. A lab whose hosts need VRF or VLAN devices runs, on a kernel without them,
unchanged on a stock Debian kernel in a virtual machine; the first line that is printed says which it is.
"""
