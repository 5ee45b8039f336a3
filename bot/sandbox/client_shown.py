"""What a person sees: messages and views as values, with what can be read and what can be clicked in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.sandbox.block_kit import texts
from bot.sandbox.block_kit.interactive import elements
from bot.sandbox.wire import Json


class SandboxError(Exception):
    """The workspace refused what was asked, or nothing came of it in time."""


class NothingCalled(SandboxError):
    """There is no element with this action id or label."""


@dataclass(frozen=True)
class Shown:
    """A message as a person sees it."""

    #: Id of the channel or direct message.
    channel: str
    #: The message as the workspace sends it.
    raw: Json

    @property
    def ts(self) -> str:
        """What identifies it in its channel."""
        return str(self.raw["ts"])

    @property
    def thread(self) -> str:
        """The thread it is in, or would begin."""
        return str(self.raw.get("thread_ts") or self.raw["ts"])

    @property
    def user(self) -> str:
        """Id of the author."""
        return str(self.raw.get("user") or "")

    @property
    def by_app(self) -> bool:
        """The bot wrote it."""
        return bool(self.raw.get("bot_id"))

    @property
    def text(self) -> str:
        """Everything in it that can be read: its blocks where it has some, its text otherwise."""
        blocks = self.raw.get("blocks")
        if blocks and self.by_app:
            return "\n".join(texts(blocks))
        return str(self.raw.get("text") or "")

    @property
    def blocks(self) -> list[Json]:
        """Its blocks."""
        return list(self.raw.get("blocks") or [])

    @property
    def action_ids(self) -> list[str]:
        """The action ids of its elements, in order."""
        return [str(element["action_id"]) for _, element in elements(self.blocks)]

    @property
    def reactions(self) -> dict[str, list[str]]:
        """Emoji name to the ids of those who reacted."""
        return {one["name"]: list(one["users"]) for one in self.raw.get("reactions") or []}


@dataclass(frozen=True)
class OpenView:
    """A modal or home tab as a person sees it."""

    raw: Json

    @property
    def id(self) -> str:
        """Slack's id of it."""
        return str(self.raw["id"])

    @property
    def callback_id(self) -> str:
        """The app's name for it."""
        return str(self.raw.get("callback_id") or "")

    @property
    def text(self) -> str:
        """Everything in it that can be read."""
        return "\n".join(texts([self.raw.get("title") or {}, *self.raw["blocks"]]))

    @property
    def blocks(self) -> list[Json]:
        """Its blocks."""
        return list(self.raw["blocks"])

    @property
    def values(self) -> Json:
        """What is filled in: block id to action id to state value."""
        values: Json = self.raw["state"]["values"]
        return values

    @property
    def action_ids(self) -> list[str]:
        """The action ids of its elements, in order."""
        return [str(element["action_id"]) for _, element in elements(self.blocks)]


def target(blocks: list[Json], what: str, choice: Any) -> tuple[Json, Json, Any]:
    """The element that an action id or a label names, with its block and what to choose in it.

    Raises:
        NothingCalled: if nothing there is called that.
    """
    for block, element in elements(blocks):
        if element["action_id"] == what:
            return block, element, choice
    for block, element in elements(blocks):
        for label, value in _labels(element):
            if label == what:
                return block, element, value if choice is None else choice
    names = sorted({str(e["action_id"]) for _, e in elements(blocks)})
    labels = sorted({label for _, e in elements(blocks) for label, _ in _labels(e)})
    raise NothingCalled(f"nothing is called {what!r}; action ids: {names}; labels: {labels}")


def _labels(element: Json) -> Iterator[tuple[str, Any]]:
    """What can be read on an element, with the choice each label stands for."""
    if isinstance(element.get("text"), dict):
        yield str(element["text"].get("text")), None
    for side in ("positive_button", "negative_button"):
        if isinstance(element.get(side), dict):
            yield str(element[side]["text"]["text"]), element[side]["value"]
    for option in element.get("options") or []:
        yield str(option["text"]["text"]), option.get("value")
