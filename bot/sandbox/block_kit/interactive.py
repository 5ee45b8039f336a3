"""What a person's choice in an element means: the action that is sent, and the state that is kept.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from collections.abc import Iterator
from typing import Any, Final

from bot.sandbox.block_kit.elements import STATEFUL
from bot.sandbox.wire import Json

#: Element type to the field that holds a person's choice, and the field that holds what stood there at first.
_FIELDS: Final = {
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "checkboxes": ("selected_options", "initial_options"),
    "radio_buttons": ("selected_option", "initial_option"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", "initial_files"),
    "overflow": ("selected_option", ""),
}


class NoSuchChoice(Exception):
    """What was chosen is not offered by the element."""


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every interactive element with the block it stands in."""
    for block in blocks:
        inside = [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]
        for element in inside:
            if isinstance(element, dict) and element.get("action_id"):
                yield block, element


def find(blocks: list[Json], action_id: str, block_id: str = "") -> tuple[Json, Json] | None:
    """The block and the element with this action id, in this block where one is named."""
    for block, element in elements(blocks):
        if element["action_id"] == action_id and block_id in ("", block.get("block_id")):
            return block, element
    return None


def chosen(element: Json, given: Any) -> Json:
    """The state value of `element` once a person chose `given`.

    Args:
        given: a state value, or its content alone: text, an option's value, an id, or a list of these.

    Raises:
        NoSuchChoice: if the element has no such option.
    """
    kind = str(element["type"])
    field = _FIELDS[kind][0] if kind in _FIELDS else "value"
    value = given[field] if isinstance(given, dict) and field in given else given
    if field in ("selected_option", "selected_options"):
        many = field == "selected_options"
        picked = [_option(element, one) for one in (value or [] if many else [value] if value is not None else [])]
        value = picked if many else (picked[0] if picked else None)
    elif kind == "rich_text_input" and isinstance(value, str):
        value = _rich_text(value)
    elif field == "value" and value is not None:
        # An input that was emptied holds null, as one that was never filled.
        value = str(value) or None
    return {"type": kind, field: value}


def action(block: Json, element: Json, given: Any, action_ts: str) -> Json:
    """The entry in a payload's `actions` for a person's act on `element`.

    Raises:
        NoSuchChoice: if the element has no such option or button.
    """
    kind = str(element["type"])
    base: Json = {
        "type": kind,
        "action_id": element["action_id"],
        "block_id": block.get("block_id", ""),
        "action_ts": action_ts,
    }
    if kind in ("button", "icon_button", "workflow_button"):
        optional = {key: element[key] for key in ("value", "style", "url") if key in element}
        return base | {"text": element.get("text")} | optional
    if kind == "feedback_buttons":
        return base | _thumb(element, given)
    return base | chosen(element, given)


def first_state(blocks: list[Json]) -> Json:
    """The state of all elements before anybody touched them: block id to action id to state value."""
    values: Json = {}
    for block, element in elements(blocks):
        kind = str(element["type"])
        if kind not in STATEFUL:
            continue
        field, initial = _FIELDS[kind]
        start = element.get(initial)
        if start is None and field.endswith("s") and field != "selected_users":
            start = [] if field.startswith("selected_") else None
        values.setdefault(block.get("block_id", ""), {})[element["action_id"]] = {"type": kind, field: start}
    return values


def is_empty(state: Json) -> bool:
    """Whether a state value holds nothing."""
    return not any(value for key, value in state.items() if key != "type")


def content(state: Json) -> Any:
    """What a state value holds, without its type."""
    return next((value for key, value in state.items() if key != "type"), None)


def _thumb(element: Json, given: Any) -> Json:
    value = given.get("value") if isinstance(given, dict) else given
    for side in ("positive_button", "negative_button"):
        button = element[side]
        if value in (button["value"], side, side.removesuffix("_button")):
            return {"value": button["value"], "text": button["text"]}
    raise NoSuchChoice(f"the feedback buttons have no value {value!r}")


def _option(element: Json, wanted: Any) -> Json:
    groups = element.get("option_groups") or [{"options": element.get("options") or []}]
    options: list[Json] = [option for group in groups for option in group["options"]]
    value = wanted.get("value") if isinstance(wanted, dict) else wanted
    for option in options:
        if value in (option.get("value"), option["text"]["text"]):
            return option
    raise NoSuchChoice(f"the element {element.get('action_id')!r} has no option {value!r}")


def _rich_text(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}
