"""Redaction: text without contact details, secrets and people, in which equal details stay recognisable.

`Redactor` is the way in; `redactor_for` makes a workspace's own. Importing this package is quick: numbering plans,
check digits and the database are loaded when they are needed.
"""

from learning.redaction.allowed import Allowed
from learning.redaction.details import HIDDEN, Detail, DetailKind, Recogniser
from learning.redaction.lines import redacted_lines
from learning.redaction.names import KnownPerson, Names
from learning.redaction.numbering_plans import REGIONS
from learning.redaction.placeholders import PLACEHOLDER, renumbered
from learning.redaction.recognisers import contact_details
from learning.redaction.redactor import Redacted, Redactor, Span
from learning.redaction.workspace import Redaction, redactor_for

__all__ = [
    "HIDDEN",
    "PLACEHOLDER",
    "REGIONS",
    "Allowed",
    "Detail",
    "DetailKind",
    "KnownPerson",
    "Names",
    "Recogniser",
    "Redacted",
    "Redaction",
    "Redactor",
    "Span",
    "contact_details",
    "redacted_lines",
    "redactor_for",
    "renumbered",
]
