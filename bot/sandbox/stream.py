"""What clients see happen: server-sent events, each told only to the people who may see it.

Besides the live streams there is one counter per person, so that a client without a stream can wait for the next
change instead of asking again and again.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable

from bot.sandbox.wire import Json

#: Seconds between comments that keep an idle stream open.
KEEP_ALIVE = 15.0


class Stream:
    """Tells people's clients what changed."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[str | None]]] = defaultdict(set)
        self._revisions: dict[str, int] = defaultdict(int)
        self._changed = asyncio.Event()
        self._closed = False

    def tell(self, people: Iterable[str], event: str, data: Json) -> None:
        """Show `event` to `people`: to every open stream of theirs, in order."""
        line = f"event: {event}\ndata: {json.dumps(data)}\n\n"
        for person in people:
            self._revisions[person] += 1
            for queue in self._queues[person]:
                queue.put_nowait(line)
        self._changed.set()
        self._changed = asyncio.Event()

    def revision(self, person: str) -> int:
        """How many changes `person` was told of so far."""
        return self._revisions[person]

    async def wait(self, person: str, after: int, seconds: float) -> int:
        """Wait until `person` was told of more than `after` changes, at most `seconds`.

        Returns: the number of changes by then.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        while self._revisions[person] <= after and not self._closed:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                break
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                break
        return self._revisions[person]

    async def lines(self, person: str) -> AsyncIterator[str]:
        """One person's stream, from now until the workspace or the client closes it."""
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._queues[person].add(queue)
        try:
            yield f"event: hello\ndata: {json.dumps({'person': person})}\n\n"
            while not self._closed:
                try:
                    line = await asyncio.wait_for(queue.get(), KEEP_ALIVE)
                except TimeoutError:
                    line = ": still here\n\n"
                if line is None:
                    return
                yield line
        finally:
            self._queues[person].discard(queue)

    def close(self) -> None:
        """End all streams and waits, so that the server can stop."""
        self._closed = True
        self._changed.set()
        for queues in self._queues.values():
            for queue in queues:
                queue.put_nowait(None)
