"""The garbage collector rests while many values are made that all stay.

Python looks through everything that is there each time so many values have been made; where none of them is garbage,
as when a large knowledge base is read, that is time for nothing: a third of it at 10,000 entries.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
#: How many rest at this moment, in any thread.
_resting = 0


@contextmanager
def resting() -> Iterator[None]:
    """Collect no garbage meanwhile, in this whole process; where somebody else has switched that off, it stays off."""
    if not _rest():
        yield
        return
    try:
        yield
    finally:
        _wake()


def _rest() -> bool:
    global _resting
    with _lock:
        if not _resting and not gc.isenabled():
            return False
        _resting += 1
        gc.disable()
        return True


def _wake() -> None:
    global _resting
    with _lock:
        _resting -= 1
        if not _resting:
            gc.enable()
