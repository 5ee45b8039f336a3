"""Executors: who works. Every process has an identity of its own that its successor in the same place takes over.

Two live processes never share one, because each holds the lock of its place (a file in the data folder, counted from
0) for as long as it lives; the kernel lets go of it even after kill -9. A process that is started in the same place is
the same executor and goes on with what was begun there. A process that never comes back gives no more signs of life:
another one then claims its row, so that exactly one does, and takes over its work.
"""

import itertools
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from filelock import FileLock, Timeout
from sqlalchemy import ColumnElement, delete, or_, select

from bot.tables import ExecutorRow
from kb.clock import Clock
from kb.database import Sessions, insert_missing
from kb.ids import WorkspaceId
from learning.rows import compare_and_set

log = logging.getLogger(__name__)

#: Signs of life in the time after which a silent process counts as dead.
BEATS = 6
#: The sign of life of a process that has said it goes.
GONE = datetime(2000, 1, 1, tzinfo=UTC)

#: Takes over the work of an executor that is gone.
TakeOver = Callable[[str], None]


@contextmanager
def place(folder: Path, usable: Callable[[str], bool]) -> Iterator[str]:
    """The identity of this process: that of the first place in `folder` that nobody holds.

    Args:
        usable: whether an identity may be taken; another process may be taking over its work at this moment.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in itertools.count():
        path = folder / f"{number}.lock"
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        try:
            # The file's own number: a copy of the data folder elsewhere is another place.
            executor = f"{socket.gethostname()}-{path.stat().st_ino}"
            if usable(executor):
                yield executor
                return
        finally:
            lock.release()


class Presence:
    """The signs of life of this process, and its eye on the others'."""

    def __init__(self, sessions: Sessions, clock: Clock, workspace: WorkspaceId, *, dead_after: timedelta) -> None:
        """Put it together.

        Args:
            dead_after: how long an executor may be silent before another takes over its work.
        """
        self._sessions = sessions
        self._clock = clock
        self._workspace = workspace
        self._dead_after = dead_after
        self._stopped = Event()
        self._thread: Thread | None = None

    def arrive(self, executor: str) -> bool:
        """Say that an executor lives; False where another process is taking over its work."""
        now = self._clock()
        row = {"workspace": self._workspace, "id": executor, "seen_at": now, "claimed_until": None}
        with self._sessions.begin() as session:
            insert_missing(session, ExecutorRow, [row])
        return self._change(executor, seen_at=now, claimed_until=None)

    def watch(self, executor: str, take_over: TakeOver) -> None:
        """Give signs of life and look after the others, in a thread, until `leave`."""

        def live() -> None:
            while not self._stopped.is_set():
                try:
                    self._seen(executor)
                    self.bury(executor, take_over)
                except Exception as error:  # the next beat tries again; this thread must go on
                    log.warning("no sign of life: %s", type(error).__name__)
                self._stopped.wait((self._dead_after / BEATS).total_seconds())

        self._thread = Thread(target=live, name="presence", daemon=True)
        self._thread.start()

    def leave(self, executor: str) -> None:
        """Say that this process goes, so that nobody waits before taking over what it leaves."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self._change(executor, seen_at=GONE)

    def bury(self, executor: str, take_over: TakeOver) -> None:
        """Take over the work of every executor that has been silent for too long."""
        silent = select(ExecutorRow.id).where(
            ExecutorRow.workspace == self._workspace,
            ExecutorRow.id != executor,
            ExecutorRow.seen_at < self._clock() - self._dead_after,
        )
        with self._sessions() as session:
            found = tuple(session.scalars(silent))
        for dead in found:
            if self._claim(dead):
                log.warning("taking over the work of %s", dead)
                take_over(dead)
                with self._sessions.begin() as session:
                    session.execute(delete(ExecutorRow).filter_by(**self._key(dead)))

    def _seen(self, executor: str) -> None:
        if not self._change(executor, seen_at=self._clock()):
            log.error("another process has taken over the work of this one, which was silent for too long")
            self.arrive(executor)

    def _claim(self, dead: str) -> bool:
        now = self._clock()
        silent = ExecutorRow.seen_at < now - self._dead_after
        return self._change(dead, silent, claimed_until=now + self._dead_after)

    def _change(self, executor: str, *expected: ColumnElement[bool], **values: datetime | None) -> bool:
        """Change a row that nobody is taking over; False where somebody is, or where there is none."""
        free = or_(ExecutorRow.claimed_until.is_(None), ExecutorRow.claimed_until < self._clock())
        with self._sessions.begin() as session:
            return compare_and_set(session, ExecutorRow, self._key(executor), values, free, *expected)

    def _key(self, executor: str) -> dict[str, str]:
        return {"workspace": self._workspace, "id": executor}
