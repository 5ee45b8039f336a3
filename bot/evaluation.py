"""Evaluation: how well a knowledge base finds the answers to questions whose right answer is known, and whether it is
as sure as it should be.

Always: nothing of the live workspace is read or changed; what is evaluated lives in a folder that is removed at the
end. A question whose topic the knowledge does not hold has no right answer, and any answer to it is wrong.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.errors import Unusable
from bot.past import Fields, PastQuestion, Table, read_past, read_table, text_of
from bot.settings import Settings
from kb.clock import utc_now
from kb.confidence import COMPARED
from kb.database import Base, Sessions, make_sessions, open_engine
from kb.embedding import Embedder, open_embedder
from kb.entries import Draft, Provenance
from kb.errors import EmptyQuestion
from kb.ids import WorkspaceId, new_ulid
from kb.ingest import ingest
from kb.knowledge import KnowledgeBase
from kb.text import has_words
from kb.vector_index import open_index
from learning.statistics import (
    Interval,
    accuracy,
    answered_at,
    auroc,
    brier_score,
    expected_calibration_error,
    mean_reciprocal_rank,
    recall_at,
    reliability,
    spiegelhalter,
    wilson,
)

#: Told how many questions have been asked and how many there are.
Report = Callable[[int, int], None]

_WORKSPACE = WorkspaceId("T0EVALUATE")
#: Thresholds that are reported beside what was chosen on the data.
_THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_PRECISIONS = (0.95, 0.98)
_ROWS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
_BINS = 5


@dataclass(frozen=True)
class Judged:
    """What was found for one question."""

    #: Counts from 1; 0 where the right entry was not found or there is none.
    rank: int
    #: Whether the knowledge holds an answer.
    answerable: bool
    confidence: float

    @property
    def right(self) -> bool:
        """Whether the first answer is the right one."""
        return self.rank == 1


def evaluate(settings: Settings, knowledge: Path, questions: Path, fields: Fields, report: Report) -> dict[str, Any]:
    """Ask the questions of the knowledge, and say how that went.

    Args:
        settings: which embedding model, and where its export is kept.
        knowledge: anything that `ingest` reads, or rows with a question and a topic; rows of one topic are wordings of
            one entry.
        questions: rows with a question and its topic, or the question of the entry that answers it.

    Raises:
        Unusable: a file cannot be used; the message says what is missing.
        ModelMissing: the embedding model is not there.
    """
    asked = read_past(questions, fields)
    embedder = open_embedder(
        settings.embedding_model,
        cache=settings.data_dir / "models",
        threads=settings.embedding_threads,
        weights=settings.embedding_weights,
    )
    with tempfile.TemporaryDirectory(prefix="answerloop-evaluate-") as name:
        judged = _ask(Path(name), embedder, knowledge, fields, asked.questions, report)
    known = sum(one.answerable for one in judged)
    if not known:
        raise Unusable(
            f"{asked.name}: none of its {len(judged)} topics is in {knowledge.name}, so nothing could be right. Both "
            "files must call a topic the same (--topic names the field)."
        )
    return {
        "questions": len(judged),
        "answerable": known,
        "left_out": len(asked.left_out),
        **figures(judged),
    }


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """The figures, with 95 % intervals. Pure.

    Rank figures are over the questions that have an answer; what concerns confidence is over all of them.
    """
    ranks = np.array([one.rank for one in judged if one.answerable])
    sure = np.array([one.confidence for one in judged])
    right = np.array([float(one.right) for one in judged])
    found: dict[str, Any] = {
        "accuracy": _interval(accuracy(ranks)),
        "mrr": _interval(mean_reciprocal_rank(ranks)),
        **{f"recall_at_{k}": _interval(recall_at(k, ranks)) for k in (3, 5)},
    }
    if 0 < right.sum() < len(right):
        found["auroc"] = _interval(auroc(sure, right))
        found["overconfident_p"] = round(spiegelhalter(sure, right).p_value, 4)
    for precision in _PRECISIONS:
        found[f"answered_at_{precision * 100:.0f}"] = _interval(answered_at(sure, right, precision))
    found["brier"] = round(brier_score(sure, right), 4)
    error = expected_calibration_error(sure, right)
    found["calibration_error"] = {"error": round(error.error, 4), "by_chance": round(error.by_chance, 4)}
    found["thresholds"] = [_at(threshold, sure, right) for threshold in _THRESHOLDS]
    found["bins"] = [
        {"questions": each.cases, "promised": round(each.promised, 4), "kept": _interval(each.kept)}
        for each in reliability(sure, right, bins=_BINS)
    ]
    return found


def _at(threshold: float, sure: np.ndarray, right: np.ndarray) -> dict[str, Any]:
    """What would happen if everything at least that sure were answered alone."""
    said = sure >= threshold
    count, good = int(said.sum()), float(right[said].sum())
    return {
        "threshold": threshold,
        "answered": _interval(wilson(count, len(sure))),
        "wrong": _interval(wilson(count - good, len(sure))),
        "promised": round(float(sure[said].mean()), 4) if count else None,
        "precision": _interval(wilson(good, count)) if count else None,
    }


def _interval(found: Interval) -> dict[str, float]:
    return {"value": round(found.estimate, 4), "low": round(found.low, 4), "high": round(found.high, 4)}


def _ask(
    folder: Path,
    embedder: Embedder,
    knowledge: Path,
    fields: Fields,
    asked: Sequence[PastQuestion],
    report: Report,
) -> list[Judged]:
    engine = open_engine(f"sqlite:///{folder / 'evaluate.db'}")
    Base.metadata.create_all(engine)
    sessions = make_sessions(engine)
    index = open_index(folder / "index")
    base = KnowledgeBase(sessions=sessions, index=index, embedder=embedder, clock=utc_now, ids=new_ulid)
    try:
        topics = _fill(base, sessions, knowledge, fields)
        judged = []
        for number, one in enumerate(asked, start=1):
            judged.append(_judge(base, topics, one))
            report(number, len(asked))
        return judged
    finally:
        index.close()
        engine.dispose()


def _judge(base: KnowledgeBase, topics: Mapping[str, str], one: PastQuestion) -> Judged:
    answerable = not one.outside and one.key in topics.values()
    try:
        evidence = base.search(_WORKSPACE, one.text)
    except EmptyQuestion:
        return Judged(0, answerable, 0.0)
    found = [topics.get(hit.entry.id) for hit in evidence.hits[: 2 * COMPARED]]
    rank = found.index(one.key) + 1 if answerable and one.key in found else 0
    return Judged(rank, answerable, evidence.confidence)


def _fill(base: KnowledgeBase, sessions: Sessions, knowledge: Path, fields: Fields) -> dict[str, str]:
    """Make the knowledge known; the topic of each entry by its id."""
    rows = knowledge.name.lower().removesuffix(".gz").endswith(_ROWS)
    drafts = _by_topic(knowledge, fields) if rows else None
    if drafts is None:
        found = ingest(base, sessions, _WORKSPACE, [knowledge], by="evaluate")
        if found.failed:
            raise Unusable(f"{found.failed[0].source}: {found.failed[0].reason}")
        with sessions() as session:
            return {str(one.id): one.question for one in base.entries(session, _WORKSPACE)}
    with sessions.begin() as session:
        topics = {
            str(base.publish(session, _WORKSPACE, draft, by="evaluate").id): topic for topic, draft in drafts.items()
        }
    base.apply_pending(_WORKSPACE)
    return topics


def _by_topic(knowledge: Path, fields: Fields) -> dict[str, Draft]:
    """The entries of rows: rows of one topic are wordings of one entry; without topics each question is its own.

    Raises:
        Unusable: there is no field with questions, or no row can be used.
    """
    table = read_table(knowledge, [fields.question])
    question = fields.question if table.has(fields.question) else "question"
    question = table.check(question, "--question")
    topic = _topic_field(table, fields, question)
    gathered: dict[str, tuple[list[str], str]] = {}
    for _, values in table.rows:
        text, key = text_of(values, question), text_of(values, topic)
        if not has_words(text) or not key or key == fields.outside:
            continue
        wordings, answer = gathered.setdefault(key, ([], ""))
        wordings += [text, *_phrasings(values)]
        if not answer and table.has("answer"):
            gathered[key] = (wordings, text_of(values, "answer"))
    if not gathered:
        raise Unusable(f"{table.name}: none of its rows has both a question and a topic that could be known.")
    return {
        key: Draft(
            wordings[0],
            # Where nothing is said, nothing of the topic's name may leak into search.
            answer if has_words(answer) else f"This question is answered under topic number {number}.",
            Provenance("ingest", source=table.name),
            phrasings=tuple(dict.fromkeys(one for one in wordings[1:] if one != wordings[0])),
        )
        for number, (key, (wordings, answer)) in enumerate(gathered.items(), start=1)
    }


def _topic_field(table: Table, fields: Fields, question: str) -> str:
    for name in (fields.topic, "topic"):
        if name and table.has(name):
            return table.check(name, "--topic")
    return question


def _phrasings(values: Mapping[str, Any]) -> list[str]:
    found = values.get("phrasings")
    return [str(one) for one in found] if isinstance(found, list) else []
