"""Arrivals: what is being taken at this moment, in this process.

Messages that were said one after the other are taken beside each other. Whoever carries one waits here for those that
came before it, so that it cannot overtake them.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from threading import Condition

from learning.conversations import Place


class Arrivals:
    """The messages that are being taken, by place."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._numbers = count()
        self._taken: defaultdict[Place, set[int]] = defaultdict(set)

    @contextmanager
    def taking(self, place: Place) -> Iterator[None]:
        """A message of a place is being taken until the block ends."""
        with self._changed:
            number = next(self._numbers)
            self._taken[place].add(number)
        try:
            yield
        finally:
            with self._changed:
                self._taken[place].discard(number)
                if not self._taken[place]:
                    del self._taken[place]
                self._changed.notify_all()

    def wait(self, place: Place, patience: timedelta) -> bool:
        """Wait until those that are being taken now have been; False where that takes too long."""
        with self._changed:
            before = set(self._taken.get(place, ()))
            return self._changed.wait_for(lambda: not before & self._taken.get(place, set()), patience.total_seconds())
