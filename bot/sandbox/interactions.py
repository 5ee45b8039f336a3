"""Interactions: what a person does with buttons, modals, shortcuts and commands, as payloads to the app.

https://docs.slack.dev/reference/interaction-payloads: each is delivered once, carries a trigger that is good for three
seconds, and has to be acknowledged in the same time.
"""

from typing import Any

from bot.sandbox import objects, world
from bot.sandbox.block_kit.interactive import (
    NoSuchChoice,
    action,
    chosen,
    content,
    elements,
    find,
    first_state,
    is_empty,
)
from bot.sandbox.delivery import Delivery
from bot.sandbox.responses import Responses
from bot.sandbox.rules import Refused
from bot.sandbox.state import Channel, Ephemeral, Message, State, View
from bot.sandbox.transport import Ack, Kind
from bot.sandbox.views import Views
from bot.sandbox.wire import Json

#: What a client says when the app did not acknowledge in time.
NO_ANSWER = "the app did not answer in time"


class Unanswered(Exception):
    """The app did not acknowledge what a person did, or answered with something that cannot be shown."""


class InvalidInput(Exception):
    """What a person filled in is not accepted; carries a message per block id."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{block}: {text}" for block, text in errors.items()))


class Interactions:
    """Sends what people do to the app, and shows what it answers."""

    def __init__(self, state: State, views: Views, responses: Responses, delivery: Delivery) -> None:
        self._state = state
        self._views = views
        self._responses = responses
        self._delivery = delivery

    async def click(
        self,
        person: world.Person,
        channel: Channel,
        on: Message | Ephemeral,
        action_id: str,
        block_id: str,
        given: Any,
    ) -> None:
        """Use an element of a message.

        Args:
            given: what was chosen: an option's value, a date, a feedback value; nothing for a button.

        Raises:
            NoSuchChoice: if the message has no such element or option.
            Unanswered: if the app did not acknowledge.
        """
        block, element = _element(on.blocks, action_id, block_id)
        act = action(block, element, given, self._state.next_ts())
        values = first_state(on.blocks)
        if isinstance(on, Message):
            mine = on.chosen.setdefault(person.id, {})
            _keep(mine, block, element, given)
            for block_id_, actions in mine.items():
                values.setdefault(block_id_, {}).update(actions)
        container: Json = {
            "type": "message",
            "message_ts": on.ts,
            "channel_id": channel.id,
            "is_ephemeral": isinstance(on, Ephemeral),
        }
        if on.thread_ts:
            container["thread_ts"] = on.thread_ts
        payload = self._base("block_actions", person) | {
            "container": container,
            "trigger_id": self._views.trigger(person.id),
            "channel": self._channel(channel),
            "state": {"values": values},
            "response_url": self._responses.url(person.id, channel.id, on.ts, on.thread_ts),
            "actions": [act],
        }
        if isinstance(on, Message):
            payload["message"] = objects.message(on, channel, metadata=True)
        await self._send(Kind.INTERACTION, payload)

    async def click_view(
        self, person: world.Person, view: View, action_id: str, block_id: str, given: Any, filled: Json | None = None
    ) -> None:
        """Use an element of a modal or the home tab; what was chosen is kept in the view's state.

        Args:
            filled: what stands in the view's other inputs by then, as for `submit`; the app is shown it too.
        """
        for other_block, actions in (filled or {}).items():
            for other_action, held in actions.items():
                _keep(view.values, *_element(view.body["blocks"], other_action, other_block), held)
        block, element = _element(view.body["blocks"], action_id, block_id)
        act = action(block, element, given, self._state.next_ts())
        _keep(view.values, block, element, given)
        payload = self._base("block_actions", person) | {
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self._views.trigger(person.id, view.id),
            "view": objects.view(view),
            "actions": [act],
        }
        await self._send(Kind.INTERACTION, payload)

    async def submit(self, person: world.Person, view: View, filled: Json) -> None:
        """Submit a modal.

        Args:
            filled: block id to action id to what was filled in; the rest is as the view shows it.

        Raises:
            InvalidInput: with what the client or the app objects to; the modal stays.
            Unanswered: if the app did not acknowledge; the modal stays.
        """
        for block_id, actions in filled.items():
            for action_id, given in actions.items():
                _keep(view.values, *_element(view.body["blocks"], action_id, block_id), given)
        if missing := _objections(view):
            raise InvalidInput(missing)
        payload = self._base("view_submission", person) | {
            "trigger_id": self._views.trigger(person.id, view.id),
            "view": objects.view(view),
            "response_urls": [],
        }
        ack = await self._send(Kind.INTERACTION, payload)
        self._after_submit(person, view, ack.payload or {})

    async def close(self, person: world.Person, view: View) -> None:
        """Close a modal; the app is told if it asked for it."""
        cleared = bool(view.body.get("clear_on_close"))
        told = bool(view.body.get("notify_on_close"))
        payload = self._base("view_closed", person) | {"view": objects.view(view), "is_cleared": cleared}
        if cleared:
            self._views.clear(person.id)
        else:
            self._views.close(view)
        if told:
            await self._send(Kind.INTERACTION, payload)

    async def shortcut(self, person: world.Person, callback_id: str, channel: Channel, on: Message) -> None:
        """Use a message shortcut."""
        payload = self._base("message_action", person) | {
            "callback_id": callback_id,
            "trigger_id": self._views.trigger(person.id),
            "response_url": self._responses.url(person.id, channel.id, None, on.thread_ts),
            "channel": self._channel(channel),
            "message_ts": on.ts,
            "message": objects.message(on, channel, metadata=True),
            "action_ts": self._state.next_ts(),
        }
        await self._send(Kind.INTERACTION, payload)

    async def global_shortcut(self, person: world.Person, callback_id: str) -> None:
        """Use a global shortcut."""
        payload = self._base("shortcut", person) | {
            "callback_id": callback_id,
            "trigger_id": self._views.trigger(person.id),
            "action_ts": self._state.next_ts(),
        }
        await self._send(Kind.INTERACTION, payload)

    async def command(self, person: world.Person, channel: Channel, command: str, text: str) -> None:
        """Use a slash command; an answer in the acknowledgement is shown at once."""
        url = self._responses.url(person.id, channel.id, None, None)
        payload: Json = {
            "token": world.VERIFICATION_TOKEN,
            "team_id": world.TEAM.id,
            "team_domain": world.TEAM.domain,
            "channel_id": channel.id,
            "channel_name": "directmessage" if channel.is_im else channel.name,
            "user_id": person.id,
            "user_name": person.name,
            "command": command,
            "text": text,
            "api_app_id": world.APP_ID,
            "is_enterprise_install": "false",
            "response_url": url,
            "trigger_id": self._views.trigger(person.id),
        }
        ack = await self._send(Kind.COMMAND, payload)
        if ack.payload:
            self._responses.answer(url.rsplit("/", 1)[-1], ack.payload)

    async def _send(self, kind: Kind, payload: Json) -> Ack:
        ack = await self._delivery.interaction(kind, payload)
        if not ack.ok:
            raise Unanswered(f"{NO_ANSWER} ({ack.reason})")
        return ack

    def _after_submit(self, person: world.Person, view: View, answer: Json) -> None:
        """Do what the app's `response_action` says (https://docs.slack.dev/surfaces/modals#updating_views)."""
        match answer.get("response_action"):
            case None:
                self._views.close(view)
            case "clear":
                self._views.clear(person.id)
            case "errors":
                raise InvalidInput({str(block): str(text) for block, text in (answer.get("errors") or {}).items()})
            case "update" | "push" as what:
                try:
                    if what == "update":
                        self._views.update(view, answer.get("view"))
                    else:
                        self._views.push(person.id, answer.get("view"))
                except Refused as refused:
                    raise Unanswered(f"the app answered with a view that cannot be shown: {refused}") from refused
            case other:
                raise Unanswered(f"the app answered with an unknown response_action: {other}")

    def _base(self, kind: str, person: world.Person) -> Json:
        return {
            "type": kind,
            "user": {
                "id": person.id,
                "username": person.name,
                "name": person.name,
                "team_id": person.team_id,
            },
            "api_app_id": world.APP_ID,
            "token": world.VERIFICATION_TOKEN,
            "team": {"id": world.TEAM.id, "domain": world.TEAM.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _channel(self, channel: Channel) -> Json:
        name = "directmessage" if channel.is_im else "privategroup" if channel.is_private else channel.name
        return {"id": channel.id, "name": name}


def _element(blocks: list[Json], action_id: str, block_id: str) -> tuple[Json, Json]:
    found = find(blocks, action_id, block_id)
    if found is None:
        known = ", ".join(sorted({str(element["action_id"]) for _, element in elements(blocks)})) or "none"
        raise NoSuchChoice(f"there is no element {action_id!r}; there are: {known}")
    return found


def _keep(values: Json, block: Json, element: Json, given: Any) -> None:
    """Remember a choice in a view's or message's state, where the element has one."""
    if first_state([{**block, "elements": [], "accessory": element, "element": None}]):
        values.setdefault(block["block_id"], {})[element["action_id"]] = chosen(element, given)


def _objections(view: View) -> dict[str, str]:
    """What a client objects to before it submits: missing and over-long input."""
    objections: dict[str, str] = {}
    for block in view.body["blocks"]:
        if block.get("type") != "input":
            continue
        element = block["element"]
        state = view.values.get(block["block_id"], {}).get(element["action_id"]) or {}
        if is_empty(state):
            if not block.get("optional"):
                objections[block["block_id"]] = "Please complete this required field."
            continue
        held = content(state)
        if isinstance(held, str) and len(held) > int(element.get("max_length") or 3000):
            objections[block["block_id"]] = f"This is too long: at most {element.get('max_length') or 3000} characters."
        elif isinstance(held, str) and len(held) < int(element.get("min_length") or 0):
            objections[block["block_id"]] = f"This is too short: at least {element['min_length']} characters."
    return objections
