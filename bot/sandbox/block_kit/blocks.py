"""Checks of blocks, by the block's type. https://docs.slack.dev/reference/block-kit/blocks"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.sandbox.block_kit.check import ANY_TEXT, Check
from bot.sandbox.block_kit.elements import (
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    check_element,
    check_image,
)
from bot.sandbox.block_kit.figures import check_chart, check_data_table, check_table
from bot.sandbox.rules import Rule
from bot.sandbox.wire import Json

MESSAGE: Final = "message"
MODAL: Final = "modal"
HOME: Final = "home"

_LONGEST_MARKDOWN = 12_000
_MOST_CHARTS = 2
_RICH_TEXT: Final = frozenset({"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"})
#: Blocks that stand in messages only.
_MESSAGE_ONLY: Final = frozenset({"context_actions", "markdown", "table", "data_table", "data_visualization"})


def check_blocks(check: Check, blocks: list[Any], at: str) -> None:
    """Check all blocks of a message or view, each for itself and all together."""
    ids: set[str] = set()
    kinds: list[str] = []
    markdown = 0
    for place, block in enumerate(blocks):
        here = f"{at}/{place}"
        kind = str(block.get("type")) if isinstance(block, dict) else ""
        if kind not in _CHECKS or (kind in _MESSAGE_ONLY and check.surface != MESSAGE):
            check.wrong(Rule.BLOCK_TYPE, f"{here}/type")
            continue
        _block_id(check, block, here, ids)
        _CHECKS[kind](check, block, here)
        _action_ids(check, block, here)
        markdown += len(str(block.get("text") or "")) if kind == "markdown" else 0
        kinds.append(kind)
    if markdown > _LONGEST_MARKDOWN:
        check.wrong(Rule.MARKDOWN_TEXT, at)
    if kinds.count("table") + kinds.count("data_table") > 1:
        check.wrong(Rule.TABLE_ONCE, at)
    if kinds.count("data_visualization") > _MOST_CHARTS:
        check.wrong(Rule.CHARTS_TOO_MANY, at)


def _block_id(check: Check, block: Json, at: str, ids: set[str]) -> None:
    block_id = block.get("block_id")
    check.length(block_id, f"{at}/block_id", Rule.BLOCK_ID_LENGTH, 255)
    if isinstance(block_id, str):
        if block_id in ids:
            check.wrong(Rule.BLOCK_ID_UNIQUE, f"{at}/block_id")
        ids.add(block_id)


def _action_ids(check: Check, block: Json, at: str) -> None:
    elements = block.get("elements")
    if block["type"] not in ("actions", "context_actions") or not isinstance(elements, list):
        return
    given = [one.get("action_id") for one in elements if isinstance(one, dict)]
    given = [one for one in given if isinstance(one, str)]
    if len(given) != len(set(given)):
        check.wrong(Rule.ACTION_ID_UNIQUE, f"{at}/elements")


def _section(check: Check, block: Json, at: str) -> None:
    if not block.get("text") and not block.get("fields"):
        check.wrong(Rule.SECTION_EMPTY, at)
    if block.get("text") is not None:
        check.text(block["text"], f"{at}/text", Rule.SECTION_TEXT, 3000, ANY_TEXT)
    if block.get("fields") is not None:
        for field, place in check.objects(block["fields"], f"{at}/fields", Rule.SECTION_FIELDS, 10):
            check.text(field, place, Rule.SECTION_FIELDS, 2000, ANY_TEXT)
    if block.get("accessory") is not None:
        check_element(check, block["accessory"], f"{at}/accessory", IN_SECTION, Rule.SECTION_ACCESSORY)


def _header(check: Check, block: Json, at: str) -> None:
    check.text(block.get("text"), f"{at}/text", Rule.HEADER_TEXT, 150)


def _actions(check: Check, block: Json, at: str) -> None:
    for element, place in check.objects(block.get("elements"), f"{at}/elements", Rule.ACTIONS_ELEMENTS, 25):
        check_element(check, element, place, IN_ACTIONS, Rule.ACTIONS_ELEMENTS)


def _context_actions(check: Check, block: Json, at: str) -> None:
    found = check.objects(block.get("elements"), f"{at}/elements", Rule.CONTEXT_ACTIONS_ELEMENTS, 5)
    for element, place in found:
        check_element(check, element, place, IN_CONTEXT_ACTIONS, Rule.CONTEXT_ACTIONS_ELEMENTS)


def _context(check: Check, block: Json, at: str) -> None:
    for element, place in check.objects(block.get("elements"), f"{at}/elements", Rule.CONTEXT_ELEMENTS, 10):
        if element.get("type") == "image":
            check_image(check, element, place)
        else:
            check.text(element, place, Rule.CONTEXT_ELEMENTS, 2000, ANY_TEXT)


def _image(check: Check, block: Json, at: str) -> None:
    check_image(check, block, at)
    check.text(block.get("title"), f"{at}/title", Rule.IMAGE_ALT, 2000, required=False)


def _input(check: Check, block: Json, at: str) -> None:
    check.text(block.get("label"), f"{at}/label", Rule.INPUT_LABEL, 2000)
    check.text(block.get("hint"), f"{at}/hint", Rule.INPUT_HINT, 2000, required=False)
    check_element(check, block.get("element"), f"{at}/element", IN_INPUT, Rule.INPUT_ELEMENT)


def _markdown(check: Check, block: Json, at: str) -> None:
    check.length(block.get("text"), f"{at}/text", Rule.MARKDOWN_TEXT, _LONGEST_MARKDOWN, required=True)


def _rich_text(check: Check, block: Json, at: str) -> None:
    for element, place in check.objects(block.get("elements"), f"{at}/elements", Rule.RICH_TEXT_ELEMENTS, 1000):
        if str(element.get("type")) not in _RICH_TEXT or not isinstance(element.get("elements"), list):
            check.wrong(Rule.RICH_TEXT_ELEMENTS, place)


def _nothing(check: Check, block: Json, at: str) -> None:
    """A block without rules of its own."""


_CHECKS: Final[Mapping[str, Callable[[Check, Json, str], None]]] = {
    "actions": _actions,
    "context": _context,
    "context_actions": _context_actions,
    "data_table": check_data_table,
    "data_visualization": check_chart,
    "divider": _nothing,
    "file": _nothing,
    "header": _header,
    "image": _image,
    "input": _input,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "section": _section,
    "table": check_table,
    "video": _nothing,
}
