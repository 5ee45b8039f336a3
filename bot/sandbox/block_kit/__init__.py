"""Block Kit: what may be shown, checked as Slack checks it, and what a person's choices in it mean."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.block_kit.blocks import HOME, MESSAGE, MODAL, check_blocks
from bot.sandbox.block_kit.check import Check
from bot.sandbox.block_kit.view_checks import checked_view
from bot.sandbox.rules import Refused, Rule, refuse
from bot.sandbox.state import State
from bot.sandbox.wire import Json

__all__ = ["HOME", "MESSAGE", "MODAL", "checked_blocks", "checked_view", "texts", "with_ids"]

#: How many blocks a message holds.
MOST_BLOCKS = 50
#: How many characters all texts of a message's blocks have together.
LONGEST_BLOCKS = 13_200


def checked_blocks(blocks: Any, surface: str, at: str) -> list[Json]:
    """The blocks of a message, checked.

    Args:
        at: JSON pointer of the argument that holds them.

    Raises:
        Refused: with every problem found.
    """
    if not isinstance(blocks, list):
        raise refuse(Rule.BLOCKS_FORMAT, at)
    check = Check(surface)
    if len(blocks) > MOST_BLOCKS:
        check.wrong(Rule.BLOCKS_TOO_MANY, at)
    check_blocks(check, blocks, at)
    if check.problems:
        raise Refused(*check.problems)
    if sum(map(len, texts(blocks))) > LONGEST_BLOCKS:
        raise refuse(Rule.BLOCKS_TOO_LONG, at)
    return blocks


def texts(value: Any) -> Iterator[str]:
    """All texts that can be read in blocks, in order."""
    if isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key == "text" and isinstance(one, str):
                yield one
            elif key not in ("value", "action_id", "block_id", "url") and isinstance(one, dict | list):
                yield from texts(one)


def with_ids(blocks: list[Json], state: State) -> list[Json]:
    """The same blocks with the ids that Slack gives to blocks and elements without one."""
    return [_with_ids(block, state) for block in blocks]


def _with_ids(block: Json, state: State) -> Json:
    named = {**block, "block_id": block.get("block_id") or state.new_id("b")}
    for place in ("accessory", "element"):
        if isinstance(named.get(place), dict) and named[place].get("type") != "image":
            named[place] = _with_action_id(named[place], state)
    if named["type"] in ("actions", "context_actions"):
        named["elements"] = [_with_action_id(element, state) for element in named["elements"]]
    return named


def _with_action_id(element: Json, state: State) -> Json:
    return {**element, "action_id": element.get("action_id") or state.new_id("a")}
