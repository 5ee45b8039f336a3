"""How well details are found, and how fast; run as `python -m tests.benchmarks.redaction --data FOLDER`.

The set is public (`pii_presidio_synth_v2`: sentences made from templates, with every detail marked). The recognisers
were tuned while looking at the templates with even ids; the figures to quote are those of the templates with odd ids.
A detail counts as found where spans of its kind cover all of it, and a span counts as right where it touches a detail
of its kind. What the set marks besides (names, streets, companies, dates) needs a model and is not counted here.
Questions and passages of other public sets, in which nobody's details stand, show what is taken for one and is none.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from learning.redaction import DetailKind, Redactor, Span
from tests.benchmarks.public_data import rows

SET = "pii_presidio_synth_v2"
#: The set's words for what we recognise.
KINDS = {
    "EMAIL_ADDRESS": DetailKind.EMAIL,
    "CREDIT_CARD": DetailKind.CARD,
    "IBAN_CODE": DetailKind.IBAN,
    "IP_ADDRESS": DetailKind.IP,
    "US_SSN": DetailKind.SSN,
    "PHONE_NUMBER": DetailKind.PHONE,
}
#: Sets of ordinary texts, and where in a row they stand.
ORDINARY = {
    "banking77_train": ("text",),
    "banking77_test": ("text",),
    "bitext_intents": ("text",),
    "covid_question_pairs": ("q1", "q2"),
    "medquad_half": ("question",),
    "squad2_dev_questions": ("question",),
    "squad2_dev_passages": ("text",),
}
#: Times that the texts are read over to measure the speed; the best time counts, because others work on the machine.
_ROUNDS = 5


@dataclass(frozen=True)
class Found:
    """What became of the details of one kind; counts."""

    details: int
    found: int
    spans: int
    right: int

    def shown(self) -> dict[str, float | int | None]:
        """For printing; None where there is nothing to divide by."""
        return {
            "details": self.details,
            "recall": round(self.found / self.details, 4) if self.details else None,
            "precision": round(self.right / self.spans, 4) if self.spans else None,
        }


def measure(redactor: Redactor, some: Iterable[dict[str, Any]]) -> dict[str, Found]:
    """Count, for each kind, what was found of the details and how many spans were right."""
    counts: Counter[tuple[DetailKind, str]] = Counter()
    for row in some:
        spans = redactor.redaction(row["text"]).spans
        marked = [(KINDS[one["type"]], one["start"], one["end"]) for one in row["spans"] if one["type"] in KINDS]
        for kind, start, end in marked:
            counts[kind, "details"] += 1
            counts[kind, "found"] += _covered(spans, kind, start, end)
        for span in spans:
            counts[span.kind, "spans"] += 1
            counts[span.kind, "right"] += any(
                kind is span.kind and start < span.end and span.start < end for kind, start, end in marked
            )
    names = ("details", "found", "spans", "right")
    return {str(kind): Found(**{name: counts[kind, name] for name in names}) for kind in KINDS.values()}


def _covered(spans: Sequence[Span], kind: DetailKind, start: int, end: int) -> bool:
    covered = {place for span in spans if span.kind is kind for place in range(span.start, span.end)}
    return covered.issuperset(range(start, end))


def taken(redactor: Redactor, folder: Path) -> dict[str, int]:
    """How many different ordinary texts there are, and how many details were seen in them that are none."""
    texts = {row[field] for name, fields in ORDINARY.items() for row in rows(folder, name) for field in fields}
    return {"texts": len(texts), "taken": sum(len(redactor.redaction(text).spans) for text in texts)}


def messages_a_second(redactor: Redactor, texts: Sequence[str]) -> float:
    """Texts that one core redacts in a second, by the time that the process itself was at work."""
    best = float("inf")
    for _ in range(_ROUNDS):
        began = time.process_time()
        for text in texts:
            redactor.redact(text)
        best = min(best, time.process_time() - began)
    return len(texts) / best


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the public sets")
    parser.add_argument("--json", action="store_true", help="print machine-readable results")
    given = parser.parse_args()
    redactor = Redactor(b"for measuring only")
    every = rows(given.data, SET)
    results: dict[str, Any] = {"set": SET, "tuned_on": "even template ids", "reported_on": "odd template ids"}
    for name, odd in (("tuned", 0), ("held_out", 1)):
        half = [row for row in every if row["template_id"] % 2 == odd]
        results[name] = {kind: found.shown() for kind, found in measure(redactor, half).items()}
        results[name]["rows"] = len(half)
    results["ordinary"] = taken(redactor, given.data)
    results["messages_a_second"] = round(messages_a_second(redactor, [row["text"] for row in every]))
    print(json.dumps(results) if given.json else "\n".join(f"{name}: {value}" for name, value in results.items()))


if __name__ == "__main__":
    main()
