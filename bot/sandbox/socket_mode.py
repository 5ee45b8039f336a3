"""Socket Mode: connections by ticket, envelopes, acknowledgements, refreshes.

Each envelope goes to exactly one connection. What was not acknowledged when a connection ends counts as not delivered.
See https://docs.slack.dev/apis/events-api/using-socket-mode.
"""

import asyncio
import json
import uuid
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox import world
from bot.sandbox.rules import Rule, refuse
from bot.sandbox.state import State
from bot.sandbox.transport import Ack, Kind, Parcel, Timing
from bot.sandbox.wire import Json

#: How many connections an app may hold at once.
MOST_CONNECTIONS = 10
#: Seconds that a refreshed connection stays open for acknowledgements under way.
LAST_WORDS = 1.0


@dataclass(eq=False)
class _Connection:
    """One open connection of the app."""

    socket: WebSocket
    #: Envelope id to whoever waits for its acknowledgement.
    waiting: dict[str, asyncio.Future[Ack]] = field(default_factory=dict)
    #: Was asked to go; gets nothing new.
    leaving: bool = False

    def settle(self, message: Json) -> None:
        future = self.waiting.pop(str(message.get("envelope_id")), None)
        if future is not None and not future.done():
            payload = message.get("payload")
            future.set_result(Ack(ok=True, payload=payload if isinstance(payload, dict) else None))

    def lose(self) -> None:
        for future in self.waiting.values():
            if not future.done():
                future.set_result(Ack(ok=False, reason="connection_failed"))
        self.waiting.clear()


class SocketMode:
    """The workspace's side of Socket Mode."""

    name = "socket_mode"

    def __init__(self, state: State, timing: Timing) -> None:
        self._state = state
        self._timing = timing
        self._tickets: set[str] = set()
        self._connections: list[_Connection] = []
        self._next = 0
        self._arrived = asyncio.Event()
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        """How many connections take envelopes."""
        return sum(not connection.leaving for connection in self._connections)

    def ticket(self) -> str:
        """A ticket for one connection, as `apps.connections.open` gives out.

        Raises:
            Refused: if the app holds as many connections as it may.
        """
        if self.count >= MOST_CONNECTIONS:
            raise refuse(Rule.TOO_MANY_SOCKETS)
        ticket = str(uuid.uuid4())
        self._tickets.add(ticket)
        return ticket

    async def endpoint(self, socket: WebSocket) -> None:
        """Serve one connection until it ends."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(code=1008)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        connection = _Connection(socket)
        await socket.send_text(json.dumps(self._hello()))
        self._connections.append(connection)
        self._arrived.set()
        try:
            while True:
                connection.settle(_json_object(await socket.receive_text()))
        except (WebSocketDisconnect, RuntimeError):
            pass  # the app went away, or the server did
        finally:
            self._connections.remove(connection)
            if not self._connections:
                self._arrived.clear()
            connection.lose()

    async def send(self, parcel: Parcel) -> Ack:
        """Send one envelope over one connection and wait for its acknowledgement.

        An event waits for a connection as long as there is none; a person's click does not wait longer than an
        acknowledgement may take.
        """
        seconds = self._timing.ack.total_seconds()
        try:
            connection = await self._pick(None if parcel.kind is Kind.EVENT else seconds)
        except TimeoutError:
            return Ack(ok=False, reason="no_connection")
        envelope_id = str(uuid.uuid4())
        future: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = future
        try:
            # The sending counts too: an app that reads nothing would hold it up for ever.
            async with asyncio.timeout(seconds):
                await connection.socket.send_text(json.dumps(_envelope(parcel, envelope_id)))
                return await future
        except TimeoutError:
            return Ack(ok=False, reason="timeout")
        except (WebSocketDisconnect, RuntimeError):
            return Ack(ok=False, reason="connection_failed")
        finally:
            connection.waiting.pop(envelope_id, None)

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to be made anew; each is closed shortly after."""
        for connection in [one for one in self._connections if not one.leaving]:
            connection.leaving = True
            with suppress(WebSocketDisconnect, RuntimeError):
                await connection.socket.send_text(
                    json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})
                )
            task = asyncio.create_task(_close_later(connection.socket))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def cut(self) -> None:
        """Drop every connection without a word, as a network fault would."""
        for connection in list(self._connections):
            connection.leaving = True
            connection.lose()
            with suppress(RuntimeError):
                await connection.socket.close(code=1011)

    async def _pick(self, seconds: float | None) -> _Connection:
        """The next connection in turn, waited for at most `seconds`."""
        async with asyncio.timeout(seconds):
            while True:
                ready = [one for one in self._connections if not one.leaving]
                if ready:
                    self._next += 1
                    return ready[self._next % len(ready)]
                self._arrived.clear()
                await self._arrived.wait()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": self.count + 1,
            "connection_info": {"app_id": world.APP_ID},
            "debug_info": {"host": "sandbox", "approximate_connection_time": 3600},
        }


def _envelope(parcel: Parcel, envelope_id: str) -> Json:
    envelope: Json = {
        "envelope_id": envelope_id,
        "type": str(parcel.kind),
        "payload": parcel.payload,
        "accepts_response_payload": parcel.kind is not Kind.EVENT,
    }
    if parcel.kind is Kind.EVENT:
        envelope |= {"retry_attempt": parcel.attempt, "retry_reason": parcel.reason}
    return envelope


def _json_object(text: str) -> Json:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


async def _close_later(socket: WebSocket) -> None:
    await asyncio.sleep(LAST_WORDS)
    with suppress(RuntimeError):
        await socket.close(code=1000)
