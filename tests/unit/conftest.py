"""Settings for all unit tests."""

from __future__ import annotations

from hypothesis import settings

# Machines differ in speed, a checkout is not the place to remember examples, and who changes nothing shall see nothing new:
# the same code is tried with the same examples.
settings.register_profile("unit", deadline=None, database=None, derandomize=True)
settings.load_profile("unit")
