"""``make bench``: what the collection costs, each figure beside a peer's from the same run.

``python -m benchmarks.run [NAME ...]`` measures all subjects or those named. A subject is a module here with a function
``rows`` that yields :class:`benchmarks.measure.Row`; :data:`benchmarks.run.SUBJECTS` lists them.
"""

import conftest  # noqa: F401  # pylint: disable=unused-import  # makes the collection importable under its own name
