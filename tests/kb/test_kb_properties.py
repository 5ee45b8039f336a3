"""What holds of ranking and confidence for every question: likeness is never punished, and history leaves no trace."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

import kb
from tests.kb.test_kb_search import FAQ, WORKSPACE, Desk

WORDS = (
    "how",
    "do",
    "i",
    "get",
    "my",
    "money",
    "back",
    "for",
    "a",
    "lamp",
    "that",
    "broke",
    "post",
    "abroad",
    "invoice",
)
#: Questions nobody has seen: words of the shop in any order.
QUESTIONS = some.lists(some.sampled_from(WORDS), min_size=2, max_size=9).map(" ".join)
FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[Desk]:
    made = _desk(tmp_path_factory.mktemp("desk"), model_cache, list(FAQ))
    yield made
    made.index.close()
    made.engine.dispose()


def _desk(folder: Path, cache: Path, questions: list[str]) -> Desk:
    made = Desk(folder, cache)
    with made.sessions.begin() as session:
        for question in questions:
            draft = kb.Draft(question, FAQ[question], kb.Provenance("ingest"))
            made.knowledge.publish(session, WORKSPACE, draft, by="ada")
    made.knowledge.apply_pending(WORKSPACE)
    return made


def _measured(desk: Desk, question: str) -> tuple[float, float, dict[str, tuple[float, dict[str, float]]]]:
    found = desk.knowledge.search(WORKSPACE, question)
    hits = {hit.entry.question: (hit.score, dict(hit.features)) for hit in found.hits}
    return found.confidence, found.among_three, hits


@FEW
@given(question=QUESTIONS, entry=some.sampled_from(list(FAQ)))
def test_an_added_phrasing_never_lowers_its_own_entry_for_that_very_question_and_an_undo_restores_every_score(
    desk: Desk, question: str, entry: str
) -> None:
    with desk.sessions() as session:
        [before] = [one for one in desk.knowledge.entries(session, WORKSPACE) if one.question == entry]
    scores = _measured(desk, question)
    with desk.sessions.begin() as session:
        desk.knowledge.revise(session, WORKSPACE, before.id, before.with_phrasing(question), by="ada")
    desk.knowledge.apply_pending(WORKSPACE)
    with_it = _measured(desk, question)
    assert with_it[2][entry][0] >= scores[2][entry][0]
    assert max(with_it[2], key=lambda name: with_it[2][name][0]) == entry
    with desk.sessions.begin() as session:
        desk.knowledge.restore(session, WORKSPACE, before.id, to_version=before.version, by="ada")
    desk.knowledge.apply_pending(WORKSPACE)
    assert _measured(desk, question) == scores


def test_the_order_of_inserts_changes_nothing(desk: Desk, tmp_path: Path, model_cache: Path) -> None:
    other = _desk(tmp_path, model_cache, list(reversed(FAQ)))
    for question in ("where is my invoice", "change the address please", "refund?", "how long until it is here"):
        assert _measured(other, question) == _measured(desk, question), question
    other.index.close()
    other.engine.dispose()
