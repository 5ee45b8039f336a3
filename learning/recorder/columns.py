"""The plain columns of a record: what is counted and compared without a key, and back. Pure."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from kb.ids import EntryId, WorkspaceId
from learning.conversations import Place
from learning.ids import ConversationId, DecisionId, PersonId
from learning.recorder.values import (
    SCHEMA_VERSION,
    AnswerDecision,
    DecisionKind,
    EvidenceItem,
    ModelUse,
    Versions,
)

#: Longest name that a plain column holds; an agent's own may be longer.
_NAME = 255


def columns_of(workspace: WorkspaceId, made: DecisionId, decision: AnswerDecision, now: datetime) -> dict[str, Any]:
    """What stands in the plain columns of a decision."""
    versions, model = decision.versions, decision.model
    return {
        "workspace": workspace,
        "id": made,
        "schema_version": SCHEMA_VERSION,
        "at": now,
        "channel": decision.place.channel,
        "thread": decision.place.thread,
        "ts": decision.ts,
        "conversation": decision.conversation,
        "asker": decision.asker,
        "parent": decision.parent,
        "kind": str(decision.kind),
        "action": decision.action,
        "rule": decision.rule[:_NAME],
        "confidence": float(decision.confidence),
        "model": versions.model[:_NAME],
        "prompt_hash": versions.prompt_hash,
        "instructions": versions.instructions,
        "kb_version": versions.kb_version,
        "embedding": versions.embedding,
        "ranking": versions.ranking,
        "calibration": versions.calibration,
        "code": versions.code[:_NAME],
        "tags": dict(versions.tags),
        "finish_reason": None if model.finish_reason is None else model.finish_reason[:_NAME],
        "tokens_in": model.tokens_in,
        "tokens_out": model.tokens_out,
        "cost": model.cost,
        "latency_ms": _milliseconds(decision.latency),
        "stages": {name: _milliseconds(took) for name, took in decision.stages.items()},
        "signals": _numbers(decision.signals),
    }


def evidence_columns(workspace: WorkspaceId, decision: DecisionId, rank: int, item: EvidenceItem) -> dict[str, Any]:
    """What stands in the columns of one piece of evidence; ranks count from 0, best first."""
    return {
        "workspace": workspace,
        "decision": decision,
        "rank": rank,
        "entry": item.entry,
        "version": item.version,
        "score": float(item.score),
        "features": _numbers(item.features),
        "used": item.used,
    }


def items_from(evidence: Sequence[Mapping[str, Any]]) -> tuple[EvidenceItem, ...]:
    """The evidence that its columns say."""
    return tuple(
        EvidenceItem(EntryId(one["entry"]), one["version"], one["score"], dict(one["features"]), one["used"])
        for one in evidence
    )


def decision_from(row: Mapping[str, Any], evidence: tuple[EvidenceItem, ...]) -> AnswerDecision:
    """A decision without what was written, as its plain columns say."""
    versions = Versions(
        model=row["model"],
        prompt_hash=row["prompt_hash"],
        kb_version=row["kb_version"],
        embedding=row["embedding"],
        ranking=row["ranking"],
        calibration=row["calibration"],
        code=row["code"],
        instructions=row["instructions"],
        tags=dict(row["tags"]),
    )
    return AnswerDecision(
        place=Place(row["channel"], row["thread"]),
        ts=row["ts"],
        kind=DecisionKind(row["kind"]),
        rule=row["rule"],
        question="",
        evidence=evidence,
        confidence=row["confidence"],
        signals=dict(row["signals"]),
        action=row["action"],
        model=ModelUse(
            finish_reason=row["finish_reason"],
            tokens_in=row["tokens_in"],
            tokens_out=row["tokens_out"],
            cost=row["cost"],
        ),
        versions=versions,
        latency=timedelta(milliseconds=row["latency_ms"]),
        stages={name: timedelta(milliseconds=took) for name, took in row["stages"].items()},
        asker=None if row["asker"] is None else PersonId(row["asker"]),
        conversation=None if row["conversation"] is None else ConversationId(row["conversation"]),
        parent=row["parent"],
    )


def _numbers(named: Mapping[str, float]) -> dict[str, float]:
    """Without what is no number: JSON has no word for it."""
    return {name: float(value) for name, value in named.items() if math.isfinite(value)}


def _milliseconds(took: timedelta) -> int:
    return round(took / timedelta(milliseconds=1))
