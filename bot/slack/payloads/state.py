"""What the fields of a form held: Slack's nested state, flattened to one entry per field.

In our forms a field's block id and its element's action id are the same name (`bot.slack.actions`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from bot.slack.actions import FIELD_CHARACTERS
from bot.slack.payloads.untrusted import dig, items, text

_SINGLE = ("value", "selected_user", "selected_channel", "selected_conversation", "selected_date", "selected_time")
_MULTIPLE = ("selected_users", "selected_channels", "selected_conversations")


@dataclass(frozen=True)
class FormState:
    """The values of a form's fields by name; a field that is missing or was left empty is simply empty."""

    #: Block id to the values chosen or typed there, in the form's order.
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def holds(self, name: str) -> bool:
        """Whether the form had this field (or its groups), filled in or not."""
        return any(key == name or _is_group(key, name) for key in self.fields)

    def text(self, name: str) -> str:
        """What was typed or chosen in a field, without blanks around it."""
        return next(iter(self.fields.get(name, ())), "").strip()

    def ticked(self, name: str) -> bool:
        """Whether any box of a checkbox field is on."""
        return bool(self.fields.get(name))

    def chosen(self, name: str) -> tuple[str, ...]:
        """The values ticked in a field, or in its groups `name_1`, `name_2`, … taken together."""
        groups = (key for key in self.fields if key == name or _is_group(key, name))
        return tuple(value for key in groups for value in self.fields[key])

    def long_text(self, name: str) -> str:
        """A text that was too long for one field and came in the groups `name_1`, `name_2`, …; put together again."""
        parts = self.chosen(name)
        whole = parts[0] if parts else ""
        for before, part in pairwise(parts):
            # A full field was cut inside a word. Others ended in a blank, which clients may trim: words would grow
            # together.
            apart = len(before) >= FIELD_CHARACTERS or before[-1].isspace() or part[0].isspace()
            whole += part if apart else "\n" + part
        return whole.strip()

    def lines(self, name: str) -> tuple[str, ...]:
        """The lines of a field that are not blank, each once."""
        stripped = (line.strip() for line in self.long_text(name).splitlines())
        return tuple(dict.fromkeys(line for line in stripped if line))


NO_STATE = FormState()


def read_state(state: object) -> FormState:
    """The flattened fields of a `state` object; empty for anything else."""
    blocks = dig(state, "values")
    if not isinstance(blocks, Mapping):
        return NO_STATE
    fields: dict[str, tuple[str, ...]] = {}
    for block_id, elements in blocks.items():
        if isinstance(elements, Mapping):
            values = tuple(value for element in elements.values() for value in _values(element))
            fields[text({"": block_id}, "")] = values
    return FormState(fields)


def _values(element: object) -> tuple[str, ...]:
    single = [text(element, key) for key in _SINGLE] + [text(element, "selected_option", "value")]
    options = [text(option, "value") for option in items(element, "selected_options")]
    several = [text({"": one}, "") for key in _MULTIPLE for one in items(element, key)]
    return tuple(value for value in (*single, *options, *several) if value)


def _is_group(key: str, name: str) -> bool:
    head, _, number = key.rpartition("_")
    return head == name and number.isdecimal()
