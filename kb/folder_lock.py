"""One owner of a folder: an exclusive lock that says who holds it.

The operating system gives the lock back when its holder dies, however it dies; the note beside it only names the
holder.
"""

import json
import os
import sys
from pathlib import Path

from filelock import FileLock, Timeout

from kb.errors import IndexLocked

_LOCK = "owner.lock"
_NOTE = "owner.json"


class FolderLock:
    """Holds `folder` for this process from construction until `release`."""

    def __init__(self, folder: Path) -> None:
        """Take the lock.

        Raises:
            IndexLocked: another process, or another part of this one, holds the folder; the message names it.
        """
        self._folder = folder
        self._note = folder / _NOTE
        self._lock = FileLock(folder / _LOCK)
        self._take()

    @property
    def held(self) -> bool:
        """Whether the folder is ours as it stands now; not where somebody removed it."""
        return self._file() == self._ours

    def renew(self) -> None:
        """Hold the folder as it stands now: where it was removed meanwhile, the lock went with it.

        Raises:
            IndexLocked: another process has made it anew and holds it.
        """
        if not self.held:
            self._lock.release()
            self._take()

    def _take(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise IndexLocked(
                f"The vector index in {self._folder} is in use by {_holder(self._note)}. "
                "Stop it, or let it do this: one process at a time may own an embedded index."
            ) from None
        self._note.write_text(json.dumps({"pid": os.getpid(), "command": " ".join(sys.argv)[:200]}))
        self._ours = self._file()

    def _file(self) -> tuple[int, int] | None:
        """Which file the lock's name stands for; None where there is none."""
        try:
            found = (self._folder / _LOCK).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def release(self) -> None:
        """Give the folder back; doing it twice is harmless."""
        if self._lock.is_locked:
            self._note.unlink(missing_ok=True)
            self._lock.release()


def _holder(note: Path) -> str:
    try:
        found = json.loads(note.read_text())
        return f"process {found['pid']} ({found['command']})"
    except (OSError, ValueError, KeyError, TypeError):
        # The holder is between taking the lock and writing its name.
        return "another process"
