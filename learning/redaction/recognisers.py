"""The recognisers that need nothing but the text, and what several recognisers together find in one."""

import re
from collections.abc import Iterable
from dataclasses import replace

from learning.redaction.accounts import Ibans
from learning.redaction.allowed import Allowed
from learning.redaction.cards import Cards
from learning.redaction.details import Detail, DetailKind, Recogniser, apart
from learning.redaction.emails import Emails
from learning.redaction.layout import Layout
from learning.redaction.machines import MachineAddresses
from learning.redaction.national_ids import NationalIds
from learning.redaction.numbering_plans import REGIONS
from learning.redaction.passwords import Passwords
from learning.redaction.phones import Phones
from learning.redaction.tokens import Tokens

#: What a reviewer need not be asked about: mentions are drawn as what they are, and a query belongs to its page.
_NO_CONTACTS = frozenset({DetailKind.PERSON, DetailKind.CHANNEL, DetailKind.GROUP, DetailKind.QUERY})
#: The address inside of `<mailto:…|…>` and its likes.
_INSIDE = re.compile(r"<(?:mailto|tel|sms|callto|facetime):([^|>?]*)[^>]*>", re.IGNORECASE)


def recognisers(regions: tuple[str, ...] = REGIONS) -> tuple[Recogniser, ...]:
    """Everything that is recognised by patterns, check digits and numbering plans, surest first.

    Args:
        regions: countries (ISO 3166, two letters) whose national phone numbers are understood, likely ones first.
    """
    return (Tokens(), Passwords(), Emails(), Ibans(), Cards(), MachineAddresses(), NationalIds(), Phones(regions))


def look(layout: Layout, by: Iterable[Recogniser], allowed: Allowed) -> tuple[Detail, ...]:
    """Everything that is found in a text, in order, never overlapping; mark-up and addresses tell first.

    Args:
        by: the recognisers; of two that claim the same place the first has it.
        allowed: what may stand as it is.
    """
    found = (part for one in by for detail in one.find(layout.view) for part in layout.open_parts(detail))
    return apart(detail for detail in (*layout.details, *found) if not allowed.allows(detail))


def contact_details(
    text: str, regions: tuple[str, ...] = REGIONS, allowed: Allowed | None = None
) -> tuple[Detail, ...]:
    """Every contact detail and secret in a text, in order, never overlapping: what a reviewer should look at twice.

    Args:
        text: mentions, names and the queries of addresses in it are no contact details.
        regions: countries (ISO 3166, two letters) whose national phone numbers are understood.
        allowed: what may stand as it is, and is not mentioned.
    """
    allowed = allowed or Allowed()
    found = look(Layout(text, regions, allowed), recognisers(regions), allowed)
    return tuple(_as_written(detail) for detail in found if detail.kind not in _NO_CONTACTS)


def _as_written(detail: Detail) -> Detail:
    """A detail without the mark-up around it."""
    inside = _INSIDE.match(detail.text)
    if inside is None:
        return detail
    start, end = (detail.start + place for place in inside.span(1))
    return replace(detail, start=start, end=end, text=inside[1])
