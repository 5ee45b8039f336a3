"""Checks of block elements and composition objects, by the element's type.

https://docs.slack.dev/reference/block-kit/block-elements
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.sandbox.block_kit.check import ANY_TEXT, PLAIN, Check
from bot.sandbox.rules import Rule
from bot.sandbox.wire import Json

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

_SELECTS: Final = frozenset(
    f"{many}{what}_select"
    for many in ("", "multi_")
    for what in ("static", "external", "users", "conversations", "channels")
)
_PICKERS: Final = frozenset({"datepicker", "timepicker", "datetimepicker"})
_CHOICES: Final = frozenset({"checkboxes", "radio_buttons"})

IN_SECTION: Final = _SELECTS | _PICKERS | _CHOICES | {"button", "image", "overflow", "workflow_button"}
IN_ACTIONS: Final = _SELECTS | _PICKERS | _CHOICES | {"button", "overflow", "workflow_button"}
IN_CONTEXT_ACTIONS: Final = frozenset({"feedback_buttons", "icon_button"})
IN_INPUT: Final = (
    _SELECTS
    | _PICKERS
    | _CHOICES
    | {
        "plain_text_input",
        "rich_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "file_input",
    }
)
#: Elements that keep a state of their own, for `state.values`.
STATEFUL: Final = IN_INPUT


def check_element(check: Check, element: Any, at: str, allowed: frozenset[str], rule: Rule) -> None:
    """Check one element that stands where only `allowed` types may.

    Args:
        rule: the rule of the block that says which elements it holds.
    """
    if not isinstance(element, dict):
        check.wrong(rule, at)
        return
    kind = str(element.get("type"))
    if kind not in _CHECKS:
        check.wrong(Rule.ELEMENT_TYPE, f"{at}/type")
    elif kind not in allowed:
        check.wrong(rule, f"{at}/type")
    else:
        check.length(element.get("action_id"), f"{at}/action_id", Rule.ACTION_ID, 255)
        if element.get("confirm") is not None:
            _confirm(check, element["confirm"], f"{at}/confirm")
        if element.get("placeholder") is not None:
            check.text(element["placeholder"], f"{at}/placeholder", Rule.PLACEHOLDER, 150)
        _CHECKS[kind](check, element, at)


def check_image(check: Check, image: Json, at: str) -> None:
    """An image, as a block or as an element."""
    url = image.get("image_url")
    if (url is None) == (image.get("slack_file") is None):
        check.wrong(Rule.IMAGE_SOURCE, at)
    check.length(url, f"{at}/image_url", Rule.IMAGE_SOURCE, 3000)
    check.length(image.get("alt_text"), f"{at}/alt_text", Rule.IMAGE_ALT, 2000, required=True)


def _button(check: Check, element: Json, at: str) -> None:
    check.text(element.get("text"), f"{at}/text", Rule.BUTTON_TEXT, 75)
    check.length(element.get("value"), f"{at}/value", Rule.BUTTON_VALUE, 2000)
    check.length(element.get("url"), f"{at}/url", Rule.BUTTON_URL, 3000)
    check.length(element.get("accessibility_label"), f"{at}/accessibility_label", Rule.BUTTON_LABEL, 75)
    if element.get("style") not in (None, "primary", "danger"):
        check.wrong(Rule.BUTTON_STYLE, f"{at}/style")


def _feedback(check: Check, element: Json, at: str) -> None:
    for side in ("positive_button", "negative_button"):
        button = element.get(side)
        if not isinstance(button, dict):
            check.wrong(Rule.FEEDBACK_BUTTON, f"{at}/{side}")
            continue
        check.text(button.get("text"), f"{at}/{side}/text", Rule.FEEDBACK_BUTTON, 75)
        check.length(button.get("value"), f"{at}/{side}/value", Rule.FEEDBACK_BUTTON, 2000, required=True)
        label = button.get("accessibility_label")
        check.length(label, f"{at}/{side}/accessibility_label", Rule.FEEDBACK_BUTTON, 75)


def _icon_button(check: Check, element: Json, at: str) -> None:
    if element.get("icon") != "trash":
        check.wrong(Rule.ICON_BUTTON, f"{at}/icon")
    check.text(element.get("text"), f"{at}/text", Rule.ICON_BUTTON, 75)
    check.length(element.get("value"), f"{at}/value", Rule.BUTTON_VALUE, 2000)


def _overflow(check: Check, element: Json, at: str) -> None:
    _options(check, element.get("options"), f"{at}/options", Rule.OVERFLOW_OPTIONS, 5, PLAIN)


def _select(check: Check, element: Json, at: str) -> None:
    kind = str(element["type"])
    if kind.startswith("multi_") and element.get("max_selected_items") is not None:
        most = element["max_selected_items"]
        if not isinstance(most, int) or most < 1:
            check.wrong(Rule.MAX_SELECTED, f"{at}/max_selected_items")
    if not kind.endswith("static_select"):
        return
    options = _listed(element)
    if element.get("option_groups") is not None:
        groups = check.objects(element["option_groups"], f"{at}/option_groups", Rule.SELECT_OPTIONS, 100)
        for group, place in groups:
            check.text(group.get("label"), f"{place}/label", Rule.OPTION_TEXT, 75)
            _options(check, group.get("options"), f"{place}/options", Rule.SELECT_OPTIONS, 100, PLAIN)
    else:
        _options(check, element.get("options"), f"{at}/options", Rule.SELECT_OPTIONS, 100, PLAIN)
    _initial(check, element, at, options)


def _checkboxes(check: Check, element: Json, at: str) -> None:
    _options(check, element.get("options"), f"{at}/options", Rule.CHECKBOX_OPTIONS, 10, ANY_TEXT)
    _initial(check, element, at, _listed(element))


def _radio(check: Check, element: Json, at: str) -> None:
    _options(check, element.get("options"), f"{at}/options", Rule.RADIO_OPTIONS, 10, ANY_TEXT)
    _initial(check, element, at, _listed(element))


def _datepicker(check: Check, element: Json, at: str) -> None:
    initial = element.get("initial_date")
    if initial is not None and not _DATE.fullmatch(str(initial)):
        check.wrong(Rule.DATE_FORMAT, f"{at}/initial_date")


def _text_input(check: Check, element: Json, at: str) -> None:
    shortest, longest = element.get("min_length"), element.get("max_length")
    if shortest is not None and not (isinstance(shortest, int) and 0 <= shortest <= 3000):
        check.wrong(Rule.INPUT_LENGTH, f"{at}/min_length")
    if longest is not None and not (isinstance(longest, int) and 1 <= longest <= 3000):
        check.wrong(Rule.INPUT_LENGTH, f"{at}/max_length")
    limit = longest if isinstance(longest, int) else 3000
    check.length(element.get("initial_value"), f"{at}/initial_value", Rule.INITIAL_VALUE, limit)


def _nothing(check: Check, element: Json, at: str) -> None:
    """An element without rules of its own."""


def _options(check: Check, options: Any, at: str, rule: Rule, most: int, kinds: tuple[str, ...]) -> None:
    for option, place in check.objects(options, at, rule, most):
        check.text(option.get("text"), f"{place}/text", Rule.OPTION_TEXT, 75, kinds)
        check.length(option.get("value"), f"{place}/value", Rule.OPTION_VALUE, 150, required=True)
        check.text(
            option.get("description"), f"{place}/description", Rule.OPTION_DESCRIPTION, 75, kinds, required=False
        )


def _listed(element: Json) -> list[Any]:
    """All options of an element, those in groups too."""
    groups = element.get("option_groups")
    if isinstance(groups, list):
        return [option for group in groups if isinstance(group, dict) for option in group.get("options") or []]
    options = element.get("options")
    return options if isinstance(options, list) else []


def _initial(check: Check, element: Json, at: str, options: list[Any]) -> None:
    known = [(_text_of(option), option.get("value")) for option in options if isinstance(option, dict)]
    single, several = element.get("initial_option"), element.get("initial_options")
    chosen = [] if single is None else [single]
    chosen += several if isinstance(several, list) else [] if several is None else [several]
    for one in chosen:
        if not isinstance(one, dict) or (_text_of(one), one.get("value")) not in known:
            check.wrong(Rule.INITIAL_OPTION, at)


def _text_of(option: Json) -> Any:
    text = option.get("text")
    return text.get("text") if isinstance(text, dict) else None


def _confirm(check: Check, confirm: Any, at: str) -> None:
    if not isinstance(confirm, dict):
        check.wrong(Rule.CONFIRM, at)
        return
    for part, longest, kinds in (
        ("title", 100, PLAIN),
        ("text", 300, ANY_TEXT),
        ("confirm", 30, PLAIN),
        ("deny", 30, PLAIN),
    ):
        check.text(confirm.get(part), f"{at}/{part}", Rule.CONFIRM, longest, kinds)


_CHECKS: Final[Mapping[str, Callable[[Check, Json, str], None]]] = {
    "button": _button,
    "checkboxes": _checkboxes,
    "datepicker": _datepicker,
    "datetimepicker": _nothing,
    "email_text_input": _nothing,
    "feedback_buttons": _feedback,
    "file_input": _nothing,
    "icon_button": _icon_button,
    "image": check_image,
    "number_input": _nothing,
    "overflow": _overflow,
    "plain_text_input": _text_input,
    "radio_buttons": _radio,
    "rich_text_input": _nothing,
    "timepicker": _nothing,
    "url_text_input": _nothing,
    "workflow_button": _button,
    **dict.fromkeys(_SELECTS, _select),
}
