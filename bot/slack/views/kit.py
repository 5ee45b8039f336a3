"""The few Block Kit pieces that our views are made of, each within Slack's limits whatever text comes in.

Text given to `mrkdwn`, `section` and `context` is mrkdwn already: escape what others wrote before it gets here.
Limits: docs.slack.dev/reference/block-kit.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bot.slack.actions import ENTRY_AFFECTED, FIELD_CHARACTERS, OPEN_LINK, ButtonValue
from bot.slack.text import SECTION_LIMIT, clip, escape, split

#: A block or an element, a message with `text` and `blocks`, and a modal or home view; all plain JSON.
Block = dict[str, Any]
Message = dict[str, Any]
View = dict[str, Any]

MESSAGE_BLOCKS: Final = 50
VIEW_BLOCKS: Final = 100
OPTIONS: Final = 10
LABEL: Final = 75
#: Characters of one piece of small print.
CONTEXT: Final = 2000
#: What notifications and clients without blocks show; Slack cuts beyond 4,000.
FALLBACK: Final = 3900
#: How much of a long text goes into one message. Slack refuses more than about 13,200 characters in all blocks; this
#: leaves room for a question above, sources below, and buttons.
MESSAGE_PART: Final = 6000
NOTHING: Final = "–"

_USER: Final = re.compile(r"[UW](?=[A-Z0-9]*[0-9])[A-Z0-9]{3,}")


def who(person: str) -> str:
    """A person by Slack user id (shown as a mention) or by name (escaped)."""
    return f"<@{person}>" if _USER.fullmatch(person) else words(person, 80) if person.strip() else "someone"


def link(url: str, label: str) -> str:
    """A link that we write ourselves, on a Slack permalink or a source; only its label where the URL is none."""
    shown = re.sub(r"\s+", " ", label).replace("|", "¦").strip() or NOTHING
    if not re.fullmatch(r"https?://[^\s<>|]+", url):
        return escape(shown)
    return f"<{url.replace('&', '&amp;')}|{escape(shown)}>"


def fit(text: str, limit: int) -> str:
    """The mrkdwn if it fits, else its beginning with an ellipsis; never cut inside a link or an entity."""
    if len(text) <= limit:
        return text
    return split(text, limit - 1)[0] + "…"


def quote(text: str, limit: int = 600) -> str:
    """Others' words, escaped, cut short and marked as a quotation."""
    lines = escape(clip(text.strip(), limit)).splitlines() or [NOTHING]
    return fit("\n".join(f"> {line}" for line in lines), limit)


def words(text: str, limit: int = 300) -> str:
    """Others' words, escaped, cut short and on one line."""
    return fit(escape(clip(" ".join(text.split()), limit)), limit) or NOTHING


def plain_text(text: str, limit: int = LABEL) -> Block:
    """A plain text object; nothing in it is interpreted."""
    return {"type": "plain_text", "text": clip(" ".join(text.split()), limit) or NOTHING, "emoji": True}


def mrkdwn(text: str, limit: int = SECTION_LIMIT) -> Block:
    """A mrkdwn text object; `verbatim`, so that Slack adds no mention that we did not write."""
    return {"type": "mrkdwn", "text": fit(text, limit) or NOTHING, "verbatim": True}


def section(text: str, accessory: Block | None = None) -> Block:
    """One paragraph, with a button or menu beside it where wanted."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return block | {"accessory": accessory} if accessory else block


def sections(text: str) -> list[Block]:
    """As many sections as the text needs; nothing is cut off."""
    return [section(part) for part in split(text)] or [section(NOTHING)]


def context(*texts: str) -> Block:
    """Small print; at most ten pieces."""
    return {"type": "context", "elements": [mrkdwn(text, CONTEXT) for text in texts[:10]]}


def header(text: str) -> Block:
    """A heading, plain text."""
    return {"type": "header", "text": plain_text(text, 150)}


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def button(label: str, action_id: str, value: ButtonValue, *, style: str = "", confirm: Block | None = None) -> Block:
    """A button; `style` is `primary`, `danger` or empty."""
    block: Block = {
        "type": "button",
        "action_id": action_id,
        "text": plain_text(label),
        "value": value.encode(),
    }
    return block | ({"style": style} if style else {}) | ({"confirm": confirm} if confirm else {})


def who_got_it(entry: str) -> Block:
    """The button that shows the threads which were given an answer that no longer holds.

    Args:
        entry: id of the entry.
    """
    return button("Who got this answer?", ENTRY_AFFECTED, ButtonValue(entry))


def link_button(label: str, url: str) -> Block:
    """A button that opens a page; Slack reports the press as well."""
    return {"type": "button", "action_id": OPEN_LINK, "text": plain_text(label), "url": url}


def confirm(title: str, text: str, yes: str, no: str = "Cancel", *, danger: bool = False) -> Block:
    """The question asked before a press counts."""
    return {
        "title": plain_text(title, 100),
        "text": {"type": "plain_text", "text": clip(text, 300)},
        "confirm": plain_text(yes, 30),
        "deny": plain_text(no, 30),
        "style": "danger" if danger else "primary",
    }


def actions(*elements: Block, block_id: str = "") -> Block:
    """A row of buttons and menus; their action ids differ from one another."""
    block: Block = {"type": "actions", "elements": list(elements)}
    return block | {"block_id": block_id} if block_id else block


def option(label: str, value: str, description: str = "") -> Block:
    """One option of a menu, of checkboxes or of radio buttons."""
    block: Block = {"text": plain_text(label), "value": value}
    return block | {"description": plain_text(description)} if description else block


def message(fallback: str, blocks: Iterable[Block]) -> Message:
    """A message; `fallback` is mrkdwn, and what a notification shows."""
    kept = list(blocks)[:MESSAGE_BLOCKS]
    return {"text": fit(fallback, FALLBACK), "blocks": kept}


def modal(callback_id: str, title: str, blocks: Sequence[Block], *, submit: str = "", about: ButtonValue) -> View:
    """A modal; without `submit` it can only be closed."""
    view: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain_text(title, 24),
        "close": plain_text("Cancel" if submit else "Close", 24),
        "private_metadata": about.encode(),
        "blocks": list(blocks)[:VIEW_BLOCKS],
    }
    return view | {"submit": plain_text(submit, 24)} if submit else view


def field(name: str, label: str, element: Block, *, optional: bool = False, hint: str = "") -> Block:
    """A field of a form: its name is both the block id and the element's action id."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain_text(label, 200),
        "element": {**element, "action_id": name},
        "optional": optional,
    }
    return block | {"hint": plain_text(hint, 400)} if hint else block


def text_input(initial: str = "", *, lines: bool = True, placeholder: str = "", required: bool = False) -> Block:
    """A field to type in, for at most 3,000 characters."""
    element: Block = {"type": "plain_text_input", "multiline": lines, "max_length": FIELD_CHARACTERS}
    if required:
        element["min_length"] = 1
    if initial:
        element["initial_value"] = initial[:FIELD_CHARACTERS]
    return element | {"placeholder": plain_text(placeholder, 150)} if placeholder else element


def checkboxes(options: Sequence[Block], ticked: Sequence[str] = ()) -> Block:
    """Up to ten boxes, some ticked from the start."""
    element: Block = {"type": "checkboxes", "options": list(options)[:OPTIONS]}
    initial = [one for one in element["options"] if one["value"] in ticked]
    return element | {"initial_options": initial} if initial else element


def radios(choices: Mapping[str, str], chosen: str = "") -> Block:
    """One choice of several: value to label."""
    element: Block = {"type": "radio_buttons", "options": [option(label, value) for value, label in choices.items()]}
    initial = [one for one in element["options"] if one["value"] == chosen]
    return element | {"initial_option": initial[0]} if initial else element
