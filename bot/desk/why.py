"""Why the bot said something: what the record of a decision says, made ready to be shown."""

from datetime import timedelta

from sqlalchemy.orm import Session

from bot.services import Services
from bot.slack.views.records import Seen, WhyCard
from kb.errors import KnowledgeError
from kb.ids import WorkspaceId
from learning import feedback, recorder
from learning.ids import DecisionId
from learning.recorder import AnswerDecision, EvidenceItem

#: Characters of a hash that tell it from others.
_SHORT = 12


def card(services: Services, workspace: WorkspaceId, decision: DecisionId) -> WhyCard:
    """What is known of a decision.

    Raises:
        Unknown: there is no such decision.
    """
    with services.sessions() as session:
        found = recorder.one(session, workspace, decision, vault=services.vault)
        tally = feedback.tally(session, workspace, decision)
        seen = tuple(_seen(services, session, workspace, item) for item in found.decision.evidence)
    return WhyCard(
        decision=found.id,
        question=found.decision.question,
        rule=found.decision.rule,
        confidence=found.decision.confidence,
        evidence=seen,
        versions=_versions(found.decision),
        effort=_effort(found.decision),
        up=tally.up,
        down=tally.down,
    )


def _seen(services: Services, session: Session, workspace: WorkspaceId, item: EvidenceItem) -> Seen:
    try:
        title = services.knowledge.get(session, workspace, item.entry, item.version).question
    except KnowledgeError:
        title = f"(no longer kept) {item.entry}"
    return Seen(title, item.version, item.score, item.used)


def _versions(decision: AnswerDecision) -> tuple[tuple[str, str], ...]:
    told = decision.versions
    return (
        ("model", told.model),
        ("prompt", told.prompt_hash[:_SHORT]),
        ("instructions", str(told.instructions or "")),
        ("knowledge base", str(told.kb_version)),
        ("embedding", told.embedding),
        ("ranking", told.ranking),
        ("confidence", told.calibration),
        ("program", told.code),
        *((f"experiment {name}:", arm) for name, arm in told.tags.items()),
    )


def _effort(decision: AnswerDecision) -> tuple[str, ...]:
    """What it took: time, by stage too, tokens and cost."""
    stages = ", ".join(f"{name} {_seconds(took)}" for name, took in decision.stages.items())
    lines = [_seconds(decision.latency) + (f" ({stages})" if stages else "")]
    use = decision.model
    if use.tokens_in is not None and use.tokens_out is not None:
        cost = "" if use.cost is None else f", cost {use.cost:.6f}"
        lines.append(f"{use.tokens_in} tokens read, {use.tokens_out} written{cost}")
    return tuple(lines)


def _seconds(took: timedelta) -> str:
    return f"{took.total_seconds():.2f} s"
