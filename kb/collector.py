"""The garbage collector, kept from walking what stays.

Who makes very many objects at once that all stay has Python's collector walk the growing heap again and again, and find
nothing: reading ten thousand entries takes twice as long for it.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_resting = 0
_was_on = False


@contextmanager
def resting() -> Iterator[None]:
    """Let the collector of this process rest inside; nested and from several threads, it rests until the last is done.

    Only for a bounded time: cycles wait for it. A collector that the program turned off stays off.
    """
    global _resting, _was_on
    with _lock:
        if not _resting:
            _was_on = gc.isenabled()
            gc.disable()
        _resting += 1
    try:
        yield
    finally:
        with _lock:
            _resting -= 1
            if not _resting and _was_on:
                gc.enable()
