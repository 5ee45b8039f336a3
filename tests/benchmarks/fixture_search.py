"""How well the fixtures' own questions are found: the files are ingested and held-out wordings are searched for.

    python -m tests.benchmarks.fixture_search [--json] [--documents] [--misses]

Everything is real: ingest, the packaged model, the index and the search. A search is right where the first hit is the
entry of the question; for a question that nothing here answers no hit is right. With documents, a passage that answers
a question as well as its entry counts as wrong, so the figures without them are the ones to compare.
"""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import kb
from kb.ingest import ingest
from tests.benchmarks.search import at_precision, auroc

FIXTURES = Path(__file__).parents[2] / "fixtures"
_WORKSPACE = kb.WorkspaceId("T0BENCH")
#: Everything can be seen, so that the restricted entries are measured as well.
_READERS = frozenset({"channel:C0FINANCE"})


@dataclass(frozen=True)
class Asked:
    """One held-out wording and what the search made of it."""

    text: str
    #: The question of the right entry; None where nothing answers it.
    question: str | None
    #: The questions of the hits, best first.
    found: tuple[str, ...]
    confidence: float

    @property
    def right(self) -> bool:
        """Whether the first hit answers it."""
        return self.question is not None and self.found[:1] == (self.question,)


@contextmanager
def ingested(documents: bool, cache: Path) -> Iterator[kb.KnowledgeBase]:
    """A knowledge base that holds the fixtures, in a folder of its own."""
    paths = [FIXTURES / "knowledge.jsonl", *([FIXTURES / "documents"] if documents else [])]
    with TemporaryDirectory() as name:
        folder = Path(name)
        engine = kb.open_engine(f"sqlite:///{folder / 'kb.db'}")
        kb.Base.metadata.create_all(engine)
        sessions = kb.make_sessions(engine)
        index = kb.open_index(folder / "index")
        embedder = kb.open_embedder(cache=cache, threads=2)
        knowledge = kb.KnowledgeBase(
            sessions=sessions, index=index, embedder=embedder, clock=kb.utc_now, ids=kb.new_ulid
        )
        report = ingest(knowledge, sessions, _WORKSPACE, paths, by="benchmark")
        if report.failed:
            raise SystemExit(f"The fixtures cannot be read: {report.failed[0]}")
        yield knowledge
        index.close()
        engine.dispose()


def ask(knowledge: kb.KnowledgeBase) -> list[Asked]:
    """Search for every held-out wording."""
    asked = []
    for line in (FIXTURES / "paraphrases.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        evidence = knowledge.search(_WORKSPACE, row["text"], readers=_READERS)
        found = tuple(hit.entry.question for hit in evidence.hits)
        asked.append(Asked(row["text"], row["question"], found, evidence.confidence))
    return asked


def figures(asked: list[Asked]) -> dict[str, float | int]:
    """Shares of the questions inside what is known (accuracy) or of all questions (answered, wrong)."""
    inside = [each for each in asked if each.question is not None]
    right = np.array([each.right for each in asked])
    confidence = np.array([each.confidence for each in asked])
    found: dict[str, float | int] = {
        "inside": len(inside),
        "outside": len(asked) - len(inside),
        "accuracy_at_1": float(np.mean([each.right for each in inside])),
        "accuracy_at_3": float(np.mean([each.question in each.found[:3] for each in inside])),
        "auroc": auroc(confidence, right),
        "answered_at_98": at_precision(confidence, right, 0.98),
    }
    for threshold in (0.7, 0.85):
        said = confidence >= threshold
        found[f"answered_{threshold}"] = float(said.mean())
        found[f"wrong_{threshold}"] = float((said & ~right).mean())
    return {name: round(value, 3) for name, value in found.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path(".answerloop/models"), help="where exported models are kept")
    parser.add_argument("--documents", action="store_true", help="ingest the documents as well")
    parser.add_argument("--misses", action="store_true", help="list the most confident mistakes")
    parser.add_argument("--json", action="store_true", help="print one JSON line")
    given = parser.parse_args()
    with ingested(given.documents, given.cache) as knowledge:
        asked = ask(knowledge)
    result = figures(asked)
    print(json.dumps(result) if given.json else "  ".join(f"{name} {value}" for name, value in result.items()))
    if given.misses:
        wrong = sorted((each for each in asked if not each.right), key=lambda each: -each.confidence)
        for each in wrong[:40]:
            print(
                f"{each.confidence:.2f}  {each.text}  ->  {(each.found or ('nothing',))[0]}  (right: {each.question})"
            )


if __name__ == "__main__":
    main()
