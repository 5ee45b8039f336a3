"""A case's outcome as JSON values and back: what a row holds in the clear. Pure; the two are each other's inverse."""

from datetime import timedelta
from typing import Any

from kb.ids import EntryId
from learning.replay.safety import Hazard
from learning.replay.values import Answered, Difference, Used

_MILLISECOND = timedelta(milliseconds=1)


def to_json(difference: Difference, used: Used) -> dict[str, Any]:
    """How a case differs and what it took, as JSON values."""
    return {
        "answered": difference.answered.value,
        "same_words": difference.same_words,
        "same_text": difference.same_text,
        "agreement": difference.agreement,
        "agrees": difference.agrees,
        "kinds": list(difference.kinds),
        "rules": list(difference.rules),
        "intents": list(difference.intents),
        "said": [list(side) for side in difference.said],
        "tools": difference.tools,
        "hazards": [sorted(side) for side in difference.hazards],
        "confidence": [round(float(side), 6) for side in difference.confidence],
        "took_ms": round(used.took / _MILLISECOND),
        "tokens_in": used.tokens_in,
        "tokens_out": used.tokens_out,
        "cost": used.cost,
    }


def from_json(value: dict[str, Any]) -> tuple[Difference, Used]:
    """What `to_json` wrote."""
    difference = Difference(
        answered=Answered(value["answered"]),
        same_words=value["same_words"],
        same_text=value["same_text"],
        agreement=value["agreement"],
        agrees=value["agrees"],
        kinds=_two(value["kinds"]),
        rules=_two(value["rules"]),
        intents=_two(value["intents"]),
        said=_two([tuple(map(EntryId, side)) for side in value["said"]]),
        tools=value["tools"],
        hazards=_two([frozenset(map(Hazard, side)) for side in value["hazards"]]),
        confidence=_two(value["confidence"]),
    )
    took = _MILLISECOND * value["took_ms"]
    return difference, Used(took, value["tokens_in"], value["tokens_out"], value["cost"])


def _two(sides: list[Any]) -> tuple[Any, Any]:
    first, second = sides
    return first, second
