"""What the fixtures promise: enough of each kind, no empty field, and held-out wordings that are really held out."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FIXTURES / name).read_text(encoding="utf-8").splitlines()]


def plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


@pytest.fixture(scope="module")
def questions() -> set[str]:
    return {row["question"] for row in rows("knowledge.jsonl")}


def test_the_knowledge_base_has_enough_distinct_questions_each_with_wordings_and_an_answer() -> None:
    knowledge = rows("knowledge.jsonl")
    wordings = [plain(w) for row in knowledge for w in (row["question"], *row["phrasings"])]
    assert len(knowledge) >= 90
    assert len(set(wordings)) == len(wordings)
    for row in knowledge:
        assert 1 <= len(row["phrasings"]) <= 4
        assert len(row["answer"].split()) >= 10, row["question"]
        assert set(row) <= {"question", "phrasings", "answer", "audience", "review_by"}
        date.fromisoformat(row.get("review_by", "2027-01-01"))


def test_a_few_answers_are_for_the_finance_channel_only() -> None:
    audiences = [row["audience"] for row in rows("knowledge.jsonl") if "audience" in row]
    assert len(audiences) >= 3
    assert set(audiences) == {"channel:C0FINANCE"}


def test_documents_come_in_every_format_that_ingest_reads() -> None:
    documents = sorted((FIXTURES / "documents").iterdir())
    markdown = [path for path in documents if path.suffix == ".md"]
    assert len(markdown) >= 10
    assert {path.suffix for path in documents} == {".md", ".html", ".docx", ".pdf"}
    for path in markdown:
        text = path.read_text(encoding="utf-8")
        assert 300 <= len(text.split()) <= 800, path.name
        assert text.startswith("# ") and "\n## " in text, path.name


def test_conversations_are_whole_and_most_are_about_what_is_not_known(questions: set[str]) -> None:
    conversations = rows("conversations.jsonl")
    assert len(conversations) >= 30
    assert len({row["id"] for row in conversations}) == len(conversations)
    assert 18 <= sum(row["outside_knowledge"] for row in conversations) < len(conversations) - 5
    for row in conversations:
        assert row["turns"][0] == {"who": "asker", "text": row["question"]}
        assert {turn["who"] for turn in row["turns"]} == {"asker", "staff"}
        assert row["resolution"]
        assert row["question"] not in questions


def test_paraphrases_are_held_out_and_name_a_known_question_or_none(questions: set[str]) -> None:
    known = {plain(w) for row in rows("knowledge.jsonl") for w in (row["question"], *row["phrasings"])}
    paraphrases = rows("paraphrases.jsonl")
    inside = [row for row in paraphrases if row["question"] is not None]
    assert len(inside) >= 150
    assert len(paraphrases) - len(inside) >= 60
    assert {row["question"] for row in inside} <= questions
    assert not {plain(row["text"]) for row in paraphrases} & known
    assert len({plain(row["text"]) for row in paraphrases}) == len(paraphrases)


def test_follow_ups_stand_on_known_questions_and_hold_complete_questions_too(questions: set[str]) -> None:
    follow_ups = rows("follow_ups.jsonl")
    assert len(follow_ups) >= 60
    assert sum(not row["is_follow_up"] for row in follow_ups) >= 15
    for row in follow_ups:
        assert row["before"] and set(row["before"]) <= questions
        assert row["question"] is None or row["question"] in questions


def test_labelled_conversations_are_whole_and_enough_of_each_kind_is_on_either_half() -> None:
    every = rows("outcomes.jsonl")
    assert len(every) >= 120
    assert len({row["id"] for row in every}) == len(every)
    for row in every:
        first, second, *_ = row["turns"]
        assert (first["who"], second["who"]) == ("asker", "bot"), row["id"]
        minutes = [turn["minute"] for turn in row["turns"]]
        assert minutes == sorted(minutes), row["id"]
        assert not any("signals" in turn for turn in row["turns"] if turn["who"] in ("bot", "staff")), row["id"]
        moves = [one["move"] for one in row.get("moves", ())]
        assert not moves or moves[0] == "open", row["id"]
        assert bool({"reopened", "stayed_resolved"} & set(row["outcomes"])) == ("resolve" in moves), row["id"]
    for half in (every[::2], every[1::2]):
        told = [turn for row in half for turn in row["turns"][2:] if turn["who"] in ("asker", "colleague")]
        signals = Counter(kind for turn in told for kind in turn.get("signals", ()))
        assert set(signals) == {"follow_up", "rephrasing", "regeneration", "correction", "completion"}
        assert min(signals.values()) >= 12, signals
        assert sum(not turn.get("signals") for turn in told) >= 50, "too few that say nothing"
        outcomes = Counter(kind for row in half for kind in row["outcomes"])
        assert len(outcomes) == 5 and min(outcomes.values()) >= 5, outcomes
