"""Slack's limits on what we send, checked on every message, modal and home view; used by the tests of views.

What slack-sdk's models check is left to them (`validated`); what they do not check stands here, with the page of
docs.slack.dev/reference that says so.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

#: Every Slack token: what is between `<` and `>` in mrkdwn.
TOKEN = re.compile(r"<[^<>]*>")
ALLOWED = re.compile(
    r"<(https?://[^\s<>|]+|mailto:[^\s<>|]+)(\|[^<>|]*)?>|<@[UW][A-Z0-9]+>|<!date\^\d+\^[^<>|]*\|[^<>]*>"
)
IN_MESSAGES = {"section", "actions", "context", "context_actions", "header", "divider", "markdown", "image"}
IN_VIEWS = {"section", "actions", "context", "header", "divider", "input", "image"}


def check_message(message: dict[str, Any]) -> None:
    assert set(message) == {"text", "blocks"}
    assert 0 < len(message["text"]) <= 4000
    assert 0 < len(message["blocks"]) <= 50
    assert sum(len(text) for text in texts(message["blocks"])) <= 13_200, "more than a message can hold"
    check_mrkdwn(message["text"])
    check_blocks(message["blocks"], IN_MESSAGES)


def check_view(view: dict[str, Any]) -> None:
    assert len(view["blocks"]) <= 100
    assert len(json.dumps(view, ensure_ascii=False)) < 250_000
    if view["type"] == "modal":
        assert len(view["private_metadata"]) <= 3000
        has_input = any(block["type"] == "input" for block in view["blocks"])
        assert not has_input or "submit" in view, "a form with fields needs a submit button"
    View(**view).validate_json()
    check_blocks(view["blocks"], IN_VIEWS)


def check_blocks(blocks: list[dict[str, Any]], kinds: set[str]) -> None:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    assert len(ids) == len(set(ids)), "block ids must differ"
    for block in blocks:
        assert block["type"] in kinds, f"no {block['type']} here"
        parsed = Block.parse(block)
        assert parsed is not None
        assert parsed.to_dict() == block, "the model knows every part"
        action_ids = [one["action_id"] for one in block.get("elements", []) if "action_id" in one]
        assert len(action_ids) == len(set(action_ids)), "action ids must differ within a block"
    for part in objects(blocks):
        check_part(part)


def check_part(part: dict[str, Any]) -> None:
    kind = part.get("type")
    if kind == "context":
        assert len(part["elements"]) <= 10
        assert all(len(one["text"]) <= 2000 for one in part["elements"])
    elif kind == "mrkdwn":
        assert 1 <= len(part["text"]) <= 3000
        assert part["verbatim"] is True, "Slack must not add mentions of its own"
        check_mrkdwn(part["text"])
    elif kind == "plain_text":
        assert 1 <= len(part["text"]) <= 3000
    elif kind == "button":
        assert len(part["text"]["text"]) <= 75
        assert len(part.get("value", "")) <= 2000
        assert len(part.get("url", "")) <= 3000
        assert part.get("style", "primary") in {"primary", "danger"}
    elif kind in {"checkboxes", "radio_buttons"}:
        assert 1 <= len(part["options"]) <= 10
    elif kind == "overflow":
        assert 1 <= len(part["options"]) <= 5
    elif kind == "plain_text_input":
        assert len(part.get("initial_value", "")) <= 3000
        assert len(part.get("placeholder", {}).get("text", "")) <= 150
    elif kind == "input":
        assert len(part["label"]["text"]) <= 2000
        assert part["element"]["action_id"] == part["block_id"]
    if "text" in part and "value" in part and kind is None:
        limit = 2000 if "accessibility_label" in part else 150
        assert len(part["text"]["text"]) <= 75
        assert 1 <= len(part["value"]) <= limit
        assert len(part.get("description", {}).get("text", "")) <= 75
        assert len(part.get("accessibility_label", "")) <= 75


def check_mrkdwn(text: str) -> None:
    """Only links, dates and the mentions that a view wrote itself; every other `<` and `&` is escaped."""
    bare = ALLOWED.sub("", text)
    assert "<" not in bare, f"an unescaped token: {bare[max(0, bare.find('<') - 20) : bare.find('<') + 40]!r}"
    assert not re.search(r"&(?!(amp|lt|gt);)", bare), "an unescaped ampersand, or an entity cut in two"


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from objects(part)
    elif isinstance(value, list):
        for part in value:
            yield from objects(part)


def texts(value: Any) -> Iterator[str]:
    """Every text that is shown."""
    for part in objects(value):
        if part.get("type") in {"mrkdwn", "plain_text"}:
            yield part["text"]


def shown(message: dict[str, Any]) -> str:
    """All that a reader sees, on one string."""
    return "\n".join(texts(message["blocks"]))


def buttons(message: dict[str, Any]) -> dict[str, str]:
    """Action id to label of the buttons."""
    return {one["action_id"]: one["text"]["text"] for one in objects(message) if one.get("type") == "button"}
