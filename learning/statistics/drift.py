"""ADWIN: has the mean of a stream changed, and when (Bifet and Gavaldà 2007). Pure but for the window's own state.

The window holds what looks like one mean. Where an older and a newer part of it differ by more than chance allows, the
older part goes and a shift is told. Memory stays bounded: buckets of equal size are merged in pairs when there are too
many of them, so that a window of n values takes about 5 log2(n / 5) buckets.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log, sqrt

#: The paper's confidence, for one look. What it means for a whole run is found by simulation: of 400 runs of 10,000
#: unchanging zeros and ones 1.3 % gave a false alarm at most, at rates from .02 to .5.
DELTA = 0.01
#: Buckets of one size before the two oldest of them are merged (the paper's M).
_MOST = 5
#: A cut is looked for after this many new values: cheaper, and fewer chances to be wrong.
LOOK_EVERY = 32
#: Neither part of a cut is smaller than this.
_LEAST = 5


@dataclass(frozen=True)
class Shift:
    """A change of the mean that was found."""

    #: How many values of the stream had been seen when it was found.
    found_after: int
    #: How many values of the stream came before the change, as near as the buckets tell.
    began_after: int
    #: The mean of the older part of the window and of how many values, and the same of the newer part.
    before: float
    before_cases: int
    after: float
    after_cases: int


@dataclass
class _Bucket:
    """A run of values: how many, their sum, and the sum of their squared distances from their mean."""

    count: int
    total: float
    squares: float

    def with_newer(self, newer: "_Bucket") -> "_Bucket":
        """Both as one (Chan, Golub and LeVeque 1983)."""
        count = self.count + newer.count
        apart = self.total / self.count - newer.total / newer.count
        squares = self.squares + newer.squares + apart * apart * self.count * newer.count / count
        return _Bucket(count, self.total + newer.total, squares)


class Adwin:
    """A window over a stream that shrinks when the mean changes.

    The paper drops the oldest bucket for as long as some cut shows a difference; here everything before the strongest
    cut goes at once, so that a shift is told once and with the place where it began.
    """

    def __init__(self, *, span: float = 1.0, delta: float = DELTA) -> None:
        """An empty window.

        Args:
            span: the largest difference that two values can have; 1 for zeros and ones.
            delta: 0 to 1; smaller means fewer false alarms and a later find.

        Raises:
            ValueError: the span is not positive, or delta does not lie between 0 and 1.
        """
        if not span > 0 or not 0 < delta < 1:
            raise ValueError("ADWIN needs a positive span and a delta between 0 and 1.")
        self._span, self._delta = span, delta
        #: Buckets by size, 1, 2, 4 …; in each row the oldest first.
        self._rows: list[list[_Bucket]] = [[]]
        self._seen = 0
        self._dropped = 0

    @property
    def buckets(self) -> int:
        """How many buckets are held: the memory that is used."""
        return sum(map(len, self._rows))

    @property
    def cases(self) -> int:
        """How many values the window spans."""
        return self._seen - self._dropped

    def add(self, value: float) -> Shift | None:
        """Take the next value; tells a shift where one is found."""
        self._seen += 1
        self._rows[0].append(_Bucket(1, value, 0.0))
        for size, row in enumerate(self._rows):
            if len(row) <= _MOST:
                break
            if size + 1 == len(self._rows):
                self._rows.append([])
            self._rows[size + 1].append(row.pop(0).with_newer(row.pop(0)))
        return self._look() if self._seen % LOOK_EVERY == 0 else None

    def _look(self) -> Shift | None:
        buckets = [bucket for row in reversed(self._rows) for bucket in row]
        whole = buckets[0]
        for bucket in buckets[1:]:
            whole = whole.with_newer(bucket)
        cut = self._strongest_cut(buckets, whole)
        if cut is None:
            return None
        older, total = sum(bucket.count for bucket in buckets[:cut]), sum(bucket.total for bucket in buckets[:cut])
        self._drop(cut)
        newer = whole.count - older
        return Shift(self._seen, self._dropped, total / older, older, (whole.total - total) / newer, newer)

    def _strongest_cut(self, buckets: list[_Bucket], whole: _Bucket) -> int | None:
        """Before which bucket to cut: where the parts differ most beyond what chance allows; None: nowhere."""
        sure = log(2 * log(whole.count) / self._delta)
        variance = whole.squares / whole.count
        best, found, count, total = 0.0, None, 0, 0.0
        for place, bucket in enumerate(buckets[:-1], start=1):
            count += bucket.count
            total += bucket.total
            rest = whole.count - count
            if count < _LEAST or rest < _LEAST:
                continue
            inverse = 1 / count + 1 / rest
            allowed = sqrt(2 * inverse * variance * sure) + 2 / 3 * inverse * sure * self._span
            beyond = abs(total / count - (whole.total - total) / rest) - allowed
            if beyond > best:
                best, found = beyond, place
        return found

    def _drop(self, buckets: int) -> None:
        """Forget the oldest buckets."""
        for row in reversed(self._rows):
            gone = row[:buckets]
            del row[:buckets]
            self._dropped += sum(bucket.count for bucket in gone)
            buckets -= len(gone)
        while len(self._rows) > 1 and not self._rows[-1]:
            self._rows.pop()


def shifts(values: Iterable[float], *, span: float = 1.0, delta: float = DELTA) -> tuple[Shift, ...]:
    """All changes of the mean in a stream, oldest first; the same for the same beginning, however long it goes on.

    Args and errors as of `Adwin`.
    """
    window = Adwin(span=span, delta=delta)
    found = (window.add(value) for value in values)
    return tuple(shift for shift in found if shift is not None)
