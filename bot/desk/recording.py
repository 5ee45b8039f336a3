"""Recording: from a reply to the record of its decision, with what it took.

What fails here is reported with a reference and keeps nobody from being answered.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event
from sqlalchemy.orm import Session

from bot import kept
from bot.agent import Reply, ReplyKind, Rule
from bot.desk.asked import Asked, Refusal, Way
from bot.desk.redacting import redactor
from bot.logs import cause
from bot.services import Services
from kb.entries import Evidence
from kb.ids import WorkspaceId
from learning import recorder
from learning.conversations import Conversation
from learning.ids import DecisionId
from learning.recorder import AnswerDecision, DecisionKind, RecordedDecision, Versions

log = logging.getLogger(__name__)

#: How much of a message is kept in the record; what is longer is no question.
LONGEST_KEPT = 2_000


class Stopwatch:
    """How long each stage of a decision took, from its making on."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._stages: dict[str, timedelta] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block as a stage; the same stage again is added up."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.add(name, timedelta(seconds=time.monotonic() - began))

    def add(self, name: str, took: timedelta) -> None:
        """Add what was timed elsewhere."""
        self._stages[name] = self._stages.get(name, timedelta()) + took

    @property
    def total(self) -> timedelta:
        """From the making of this watch until now."""
        return timedelta(seconds=time.monotonic() - self._began)

    @property
    def stages(self) -> dict[str, timedelta]:
        """What was timed, by stage."""
        return dict(self._stages)


def record(
    services: Services,
    session: Session,
    workspace: WorkspaceId,
    asked: Asked,
    reply: Reply | Refusal,
    *,
    way: Way,
    kind: DecisionKind | None,
    watch: Stopwatch | None,
) -> RecordedDecision | None:
    """Record what was decided on a question; None where the recorder failed, which is in the log.

    Args:
        reply: what the agent said, or why it was not asked.
        kind: where it differs from what the reply's own kind means.
        watch: timed the decision.
    """
    now = services.clock()

    def report(what: str, error: Exception) -> None:
        log.error("reference %s: %s: %s", services.ids(), what, cause(error))

    try:
        decision = _decision(services, session, workspace, asked, reply, way, kind, watch or Stopwatch())
    except Exception as error:  # the rim: nothing that describes an answer may cost the answer
        report("a decision is not recorded", error)
        return None
    recorded = recorder.record_safely(
        session,
        workspace,
        decision,
        redactor=lambda: redactor(services, session, workspace),
        vault=services.vault,
        now=now,
        ids=services.ids,
        on_failure=report,
    )
    if recorded is not None:
        # Not before it is certain that it stands.
        event.listen(session, "after_commit", lambda _: _show(services, recorded), once=True)
    return recorded


def _show(services: Services, recorded: RecordedDecision) -> None:
    try:
        services.observe(recorded)
    except Exception as error:  # the rim: the decision stands, whoever looks on
        log.error("a decision was not shown: %s", cause(error))


def unrecorded(
    services: Services, decision: DecisionId, conversation: Conversation, ts: str, rule: Rule
) -> RecordedDecision:
    """What stands for a decision that the recorder lost, so that people can be called all the same.

    Args:
        ts: of the message that it was made on.
    """
    found = AnswerDecision(
        place=conversation.place,
        ts=ts,
        kind=DecisionKind.ABSTAINED,
        rule=rule,
        question="",
        asker=conversation.asker,
        conversation=conversation.id,
    )
    return RecordedDecision(conversation.workspace, decision, services.clock(), recorder.SCHEMA_VERSION, found)


def _decision(
    services: Services,
    session: Session,
    workspace: WorkspaceId,
    asked: Asked,
    reply: Reply | Refusal,
    way: Way,
    kind: DecisionKind | None,
    watch: Stopwatch,
) -> AnswerDecision:
    said = Reply(ReplyKind.ABSTAINED, "", Rule.NOT_SURE) if isinstance(reply, Refusal) else reply
    if said.writing is not None:
        watch.add("model", said.writing.took)
    return AnswerDecision(
        place=asked.conversation.place,
        ts=asked.ts,
        kind=kind or kept.kind_of(said),
        rule=str(reply) if isinstance(reply, Refusal) else str(reply.rule),
        question=said.understood or asked.text[:LONGEST_KEPT],
        turns=tuple(recorder.Turn(str(turn.who), turn.text[:LONGEST_KEPT]) for turn in asked.turns),
        evidence=kept.evidence_of(said),
        confidence=said.confidence,
        signals=kept.signals_of(said),
        answer=said.text,
        action=str(way),
        model=kept.model_use_of(said, kept.price(services.settings)),
        facts=kept.facts_of(said),
        versions=_versions(services, session, workspace, asked, said),
        latency=watch.total,
        stages=watch.stages,
        asker=asked.person,
        conversation=asked.conversation.id,
        parent=asked.parent,
    )


def _versions(services: Services, session: Session, workspace: WorkspaceId, asked: Asked, reply: Reply) -> Versions:
    found, writing = reply.evidence, reply.writing
    return Versions(
        model=writing.model if writing else "",
        prompt_hash=writing.prompt_hash if writing else "",
        kb_version=_knowledge(services, session, workspace, found),
        embedding=found.model if found else "",
        ranking=found.ranking if found else "",
        calibration=found.calibration if found else "",
        code=kept.program(),
        tags=services.arms.tags_of(asked.conversation.id),
    )


def _knowledge(services: Services, session: Session, workspace: WorkspaceId, found: Evidence | None) -> int:
    """The version of the knowledge base that was searched; where nothing was, the one that there is."""
    if found is not None and found.knowledge:
        return found.knowledge
    with session.begin_nested():  # what fails here must not cost the transaction
        return services.knowledge.version(session, workspace)
