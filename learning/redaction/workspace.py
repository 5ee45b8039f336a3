"""The redactor of a workspace: its own key, its own people, and what its operator chose."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from learning.redaction.allowed import Allowed
from learning.redaction.details import Recogniser
from learning.redaction.names import KnownPerson, Names
from learning.redaction.numbering_plans import REGIONS
from learning.redaction.redactor import Redactor

if TYPE_CHECKING:  # the redactor itself needs no database, and is to be quick to load
    from datetime import datetime

    from sqlalchemy.orm import Session

    from kb.ids import WorkspaceId
    from learning.encryption import Vault


@dataclass(frozen=True)
class Redaction:
    """How an operator wants texts redacted."""

    #: What may stand as it is.
    allowed: Allowed = field(default_factory=Allowed)
    #: Countries whose national phone numbers are understood, likely ones first.
    regions: tuple[str, ...] = REGIONS
    #: Further recognisers, such as one with a model.
    more: tuple[Recogniser, ...] = ()


def redactor_for(
    session: "Session",
    workspace: "WorkspaceId",
    vault: "Vault",
    *,
    now: "datetime",
    redaction: Redaction | None = None,
) -> Redactor:
    """The redactor of a workspace; its key is made at the first call and kept wrapped.

    Args:
        redaction: what the operator chose; None for the usual.

    Raises:
        MasterKeyWrong: the vault's master key does not open the stored key.
    """
    from learning import people

    chosen = redaction or Redaction()
    names = _names(people.roll(session, workspace))
    return Redactor(
        vault.workspace_key(session, workspace, "redaction", now=now),
        regions=chosen.regions,
        allowed=chosen.allowed,
        more=(names, *chosen.more),
    )


@lru_cache(maxsize=8)
def _names(rolled: str) -> Names:
    """The recogniser of the people in a roll, kept for as long as they stay the same."""
    from learning import people

    return Names(KnownPerson(external, name) for external, name in people.named(rolled))
