"""The recognisers that need nothing but the text, surest first; of two that claim the same place the first has it."""

from learning.redaction.accounts import Ibans
from learning.redaction.allowed import Allowed
from learning.redaction.cards import Cards
from learning.redaction.details import Detail, DetailKind, Recogniser, apart
from learning.redaction.emails import Emails
from learning.redaction.machines import MachineAddresses
from learning.redaction.national_ids import NationalIds
from learning.redaction.numbering_plans import REGIONS
from learning.redaction.passwords import Passwords
from learning.redaction.phones import Phones
from learning.redaction.tokens import Tokens
from learning.redaction.urls import urls


def recognisers(regions: tuple[str, ...] = REGIONS) -> tuple[Recogniser, ...]:
    """Everything that is recognised by patterns, check digits and numbering plans.

    Args:
        regions: countries (ISO 3166, two letters) whose national phone numbers are understood, likely ones first.
    """
    return (Tokens(), Passwords(), Emails(), Ibans(), Cards(), MachineAddresses(), NationalIds(), Phones(regions))


def contact_details(
    text: str, regions: tuple[str, ...] = REGIONS, allowed: Allowed | None = None
) -> tuple[Detail, ...]:
    """Every contact detail and secret in a text, in order, never overlapping: what a reviewer should look at twice.

    Args:
        text: plain text; mark-up, names and the queries of addresses are no contact details.
        regions: countries (ISO 3166, two letters) whose national phone numbers are understood.
        allowed: what may stand as it is, and is not mentioned.
    """
    in_addresses = (part for url in urls(text) for part in url.parts if part.kind is not DetailKind.QUERY)
    found = apart((*in_addresses, *(detail for one in recognisers(regions) for detail in one.find(text))))
    return found if allowed is None else tuple(detail for detail in found if not allowed.allows(detail))
