"""Delivery to the app: events until they are acknowledged, interactions once.

An event is tried again while it is not acknowledged, with the number and the reason of each try, and given up after
the last one. Every try is kept in a log for tests to read.
"""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass

from bot.sandbox import world
from bot.sandbox.faults import FaultKind, Faults
from bot.sandbox.state import Channel, State
from bot.sandbox.transport import Ack, Kind, Parcel, Timing, Transport
from bot.sandbox.wire import Json

log = logging.getLogger(__name__)

#: How many tries the log keeps.
LOG_SIZE = 20_000
#: Seconds after which an event held back by `reorder` goes out although no other came after it.
LONGEST_HOLD = 2.0


@dataclass(frozen=True)
class Try:
    """One try to deliver something."""

    #: Seconds since the epoch.
    at: float
    kind: Kind
    #: Type of the event or the interaction, such as `app_mention` or `block_actions`.
    type: str
    #: Empty for what is no event.
    event_id: str
    attempt: int
    transport: str
    ok: bool
    reason: str
    #: Channel and ts of the message it is about, where it is about one.
    channel: str
    ts: str


class Delivery:
    """Sends everything that the app is to hear."""

    def __init__(self, state: State, faults: Faults, timing: Timing, transport: Transport) -> None:
        self.transport = transport
        self.log: deque[Try] = deque(maxlen=LOG_SIZE)
        self._state = state
        self._faults = faults
        self._timing = timing
        self._under_way: set[asyncio.Task[None]] = set()
        self._held: list[Json] = []

    def event(self, event: Json, subscription: str, channel: Channel | None = None) -> None:
        """Deliver `event` if the app subscribed to it and, where it is about a channel, is in it.

        Args:
            subscription: what the app must have subscribed to, such as `message.channels`.
        """
        if subscription not in self._state.installation.events:
            return
        if channel is not None and world.BOT_USER not in channel.members:
            return
        payload = self._callback(event, channel)
        kind = str(event["type"])
        held, self._held = self._held, []
        if self._faults.take(FaultKind.REORDER, event=kind):
            self._held.append(payload)
            asyncio.get_running_loop().call_later(LONGEST_HOLD, self._let_go, payload)
        else:
            self._start(payload)
        if self._faults.take(FaultKind.DUPLICATE, event=kind):
            self._start(payload)
        if self._faults.take(FaultKind.DUPLICATE_NEW_ID, event=kind):
            self._start(payload | {"event_id": self._state.new_id("Ev")})
        for late in held:
            self._start(late)

    async def interaction(self, kind: Kind, payload: Json) -> Ack:
        """Deliver a click, a submission or a command, once; a person waits for it."""
        parcel = Parcel(kind, payload)
        ack = await self.transport.send(parcel)
        self._note(parcel, ack)
        return ack

    def forget(self) -> None:
        """Stop all tries that are under way and empty the log."""
        for task in self._under_way:
            task.cancel()
        self._held.clear()
        self.log.clear()

    @property
    def busy(self) -> int:
        """How many events wait for an acknowledgement."""
        return len(self._under_way) + len(self._held)

    def _let_go(self, payload: Json) -> None:
        if payload in self._held:
            self._held.remove(payload)
            self._start(payload)

    def _start(self, payload: Json) -> None:
        task = asyncio.create_task(self._deliver(payload))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _deliver(self, payload: Json) -> None:
        reason = ""
        for attempt, pause in enumerate((None, *self._timing.retries)):
            if pause is not None:
                await asyncio.sleep(pause.total_seconds())
            parcel = Parcel(Kind.EVENT, payload, attempt, reason)
            ack = await self.transport.send(parcel)
            if ack.ok and self._faults.take(FaultKind.MISS_ACK, event=str(payload["event"]["type"])):
                ack = Ack(ok=False, reason="timeout")
            self._note(parcel, ack)
            if ack.ok or ack.final:
                return
            reason = ack.reason
        log.warning("an event was given up after %d tries: %s", attempt + 1, payload["event"]["type"])

    def _callback(self, event: Json, channel: Channel | None) -> Json:
        return {
            "token": world.VERIFICATION_TOKEN,
            "team_id": world.TEAM.id,
            "context_team_id": world.TEAM.id,
            "context_enterprise_id": None,
            "api_app_id": world.APP_ID,
            "type": "event_callback",
            "event": event,
            "event_id": self._state.new_id("Ev"),
            "event_time": int(self._state.now()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": world.TEAM.id,
                    "user_id": world.BOT_USER,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
            "event_context": self._state.new_id("EC"),
        }

    def _note(self, parcel: Parcel, ack: Ack) -> None:
        about = parcel.payload.get("event") or parcel.payload
        item = about.get("item") or about
        channel = item.get("channel") or about.get("channel_id") or ""
        self.log.append(
            Try(
                at=self._state.now(),
                kind=parcel.kind,
                type=str(about.get("type") or about.get("command") or ""),
                event_id=str(parcel.payload.get("event_id") or ""),
                attempt=parcel.attempt,
                transport=self.transport.name,
                ok=ack.ok,
                reason=ack.reason,
                channel=str(channel.get("id") or "") if isinstance(channel, dict) else str(channel),
                ts=str(item.get("ts") or ""),
            )
        )
