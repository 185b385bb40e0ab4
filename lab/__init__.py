"""Test beds: real hosts (containers with systemd and FRR) on a kernel that has what EVPN fabrics need.

``python3 -m lab --help`` lists the commands. On a kernel without VRF or VLAN devices everything runs, unchanged, on a
stock Debian kernel in a virtual machine; the first line that is printed says which of the two it is.
"""
