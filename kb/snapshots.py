"""An entry's content as JSON and back: what a version row holds. Pure; the two functions are each other's inverse."""

from datetime import date
from typing import Any

from kb.entries import EVERYONE, Audience, Draft, EntryKind, Provenance


def to_json(content: Draft) -> dict[str, Any]:
    """The content of a version as JSON values."""
    origin = content.provenance
    return {
        "question": content.question,
        "phrasings": list(content.phrasings),
        "answer": content.answer,
        "kind": content.kind.value,
        "audience": sorted(content.audience.refs),
        "review_by": content.review_by.isoformat() if content.review_by else None,
        "provenance": {
            "origin": origin.origin,
            "source": origin.source,
            "position": origin.position,
            "content_hash": origin.content_hash,
            "proposal": origin.proposal,
            "conversations": list(origin.conversations),
            "people": list(origin.people),
        },
    }


def from_json(value: dict[str, Any]) -> Draft:
    """The content that `to_json` wrote."""
    origin = value["provenance"]
    return Draft(
        question=value["question"],
        phrasings=tuple(value["phrasings"]),
        answer=value["answer"],
        kind=EntryKind(value["kind"]),
        audience=Audience(frozenset(value["audience"])) if value["audience"] else EVERYONE,
        review_by=date.fromisoformat(value["review_by"]) if value["review_by"] else None,
        provenance=Provenance(
            origin=origin["origin"],
            source=origin["source"],
            position=origin["position"],
            content_hash=origin["content_hash"],
            proposal=origin["proposal"],
            conversations=tuple(origin["conversations"]),
            people=tuple(origin["people"]),
        ),
    )
