"""Recording that never stands in the way: what cannot be recorded whole is recorded bare, and what cannot be recorded
at all is reported, and the agent goes on.

Always: the caller's transaction stays usable; an error's own words are kept nowhere, because they may be somebody's.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from kb.ids import IdSource, WorkspaceId
from learning.encryption import Vault
from learning.recorder.store import record
from learning.recorder.values import AnswerDecision, ModelUse, RecordedDecision, Versions
from learning.redaction import Redactor

#: Told that a decision was not recorded, or not whole.
OnFailure = Callable[[str, Exception], None]


def record_safely(
    session: Session,
    workspace: WorkspaceId,
    decision: AnswerDecision,
    *,
    redactor: Callable[[], Redactor],
    vault: Vault,
    now: datetime,
    ids: IdSource,
    on_failure: OnFailure,
) -> RecordedDecision | None:
    """Record a decision as `record` does; None where that cannot be done.

    Args:
        redactor: gives the workspace's redactor; may itself fail.
        on_failure: told in a few words what was lost, and why.
    """
    try:
        with session.begin_nested():
            given = redactor()
            return record(session, workspace, decision, redactor=given, vault=vault, now=now, ids=ids)
    except Exception as error:  # the rim between the recorder and whoever has an answer to give
        on_failure("a decision is recorded without its texts and evidence", error)
        failed = type(error).__name__
    try:
        with session.begin_nested():
            bare = _bare(decision, failed)
            return record(session, workspace, bare, redactor=_Nothing(), vault=vault, now=now, ids=ids)
    except Exception as error:
        on_failure("a decision is not recorded", error)
        return None


def _bare(decision: AnswerDecision, failed: str) -> AnswerDecision:
    """What can hardly fail to be kept: ids, the kind and the rule, and what became of the rest."""
    return replace(
        decision,
        question="",
        turns=(),
        evidence=(),
        signals={},
        answer="",
        calls=(),
        model=ModelUse(),
        facts={"recorder_failed": failed},
        versions=Versions(),
        stages={},
    )


class _Nothing(Redactor):
    """For records that hold no text; whatever may be wrong with the real one cannot be wrong here."""

    def __init__(self) -> None:
        pass

    def redact(self, text: str) -> str:
        return text
