"""Settings for all unit tests."""

from __future__ import annotations

from hypothesis import settings

# Machines differ in speed, and a checkout is not the place to remember examples.
settings.register_profile("unit", deadline=None, database=None)
settings.load_profile("unit")
