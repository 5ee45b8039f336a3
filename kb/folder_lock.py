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
        folder.mkdir(parents=True, exist_ok=True)
        self._note = folder / _NOTE
        self._lock = FileLock(folder / _LOCK)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise IndexLocked(
                f"The vector index in {folder} is in use by {_holder(self._note)}. "
                "Stop it, or let it do this: one process at a time may own an embedded index."
            ) from None
        self._note.write_text(json.dumps({"pid": os.getpid(), "command": " ".join(sys.argv)[:200]}))

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
