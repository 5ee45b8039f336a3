"""What is approved is live while another embedding model takes over, however long that takes."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from kb_world import FAQ, CountingEmbedder, World, chroma_server, draft
from numpy.typing import NDArray

import kb
from kb.vector_index import VectorIndex, open_index

PARKING = "Where can I park my car?"
#: Seconds within which a change has to be found: what one slice of the slow model takes, and room for a busy machine.
SOON = 3.0


class SlowEmbedder(CountingEmbedder):
    """Another model that needs a while for every text, as on a small machine."""

    #: Seconds for each text.
    PACE = 0.04

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        time.sleep(self.PACE * len(texts))
        return super().embed(texts)


class GatedEmbedder(CountingEmbedder):
    """Another model that embeds nothing until the gate is opened."""

    def __init__(self, inner: kb.Embedder) -> None:
        super().__init__(inner, turned=True)
        self.begun = threading.Event()
        self.gate = threading.Event()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.begun.set()
        assert self.gate.wait(60), "the gate was never opened"
        return super().embed(texts)


@pytest.fixture(scope="session")
def embedder(model_cache: Path) -> kb.Embedder:
    return kb.open_embedder(cache=model_cache)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorIndex]:
    opened = open_index(tmp_path_factory.mktemp("index"))
    yield opened
    opened.close()


@pytest.fixture
def world(sessions: kb.Sessions, index: VectorIndex, embedder: kb.Embedder) -> Iterator[World]:
    made = World(sessions, index, embedder)
    made.learn_faq()
    yield made
    made.forget()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as threads:
        yield threads


def test_what_is_published_while_another_model_takes_over_is_found_at_once(
    world: World, pool: ThreadPoolExecutor
) -> None:
    # Two texts each, so the slow model needs five seconds and more; all of it is one batch of changes.
    world.publish(*(draft(f"What does lamp number {number} cost?", f"{number} euro.") for number in range(60)))
    slow = SlowEmbedder(world.embedder, turned=True)
    switching = world.another(embedder=slow, previous=world.embedder)
    moving = pool.submit(switching.apply_pending, world.workspace)
    wait_until(lambda: bool(slow.texts))

    # Nobody calls `apply_pending` for it: whoever embeds for the new model carries it to the one that serves.
    with world.sessions.begin() as session:
        switching.publish(session, world.workspace, draft(PARKING, "Behind the house."), by="ada")
    wait_until(lambda: confidence(switching, world) > 0.9)
    assert not moving.done()
    assert switching.search(world.workspace, PARKING).model == world.embedder.model

    assert moving.result(60) == len(FAQ) + 60 + 1
    assert len(slow.texts) == len(set(slow.texts))  # nothing was embedded twice
    found = switching.search(world.workspace, PARKING)
    assert (found.model, found.confidence > 0.9) == (slow.model, True)
    assert switching.verify(world.workspace).ok


def test_whoever_carries_a_change_does_not_wait_for_the_other_model(world: World, pool: ThreadPoolExecutor) -> None:
    gated = GatedEmbedder(world.embedder)
    switching = world.another(embedder=gated, previous=world.embedder)
    moving = pool.submit(switching.apply_pending, world.workspace)
    assert gated.begun.wait(30)
    with world.sessions.begin() as session:
        switching.publish(session, world.workspace, draft(PARKING, "Behind the house."), by="ada")
    beside: Future[int] = pool.submit(switching.apply_pending, world.workspace)
    # Not for all workspaces: other tests' are in this database too, and theirs would wait for the new model.
    again: Future[int] = pool.submit(switching.apply_pending, world.workspace)
    try:
        assert beside.result(30) + again.result(30) == 1
        assert confidence(switching, world) > 0.9
        assert switching.search(world.workspace, PARKING).model == world.embedder.model
        assert not moving.done()
    finally:
        gated.gate.set()
    assert moving.result(60) == len(FAQ) + 1
    assert switching.search(world.workspace, PARKING).model == gated.model
    assert confidence(switching, world) > 0.9
    assert switching.verify(world.workspace).ok


def test_another_process_does_not_wait_for_the_other_model_nor_embed_for_it(
    sessions: kb.Sessions, embedder: kb.Embedder, pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    with chroma_server(tmp_path) as url:
        world = World(sessions, open_index(url), embedder)
        world.learn_faq()
        gated, elsewhere = GatedEmbedder(world.embedder), CountingEmbedder(world.embedder, turned=True)
        one = world.another(embedder=gated, previous=world.embedder)
        other = world.another(index=open_index(url), embedder=elsewhere, previous=world.embedder)
        moving = pool.submit(one.apply_pending, world.workspace)
        assert gated.begun.wait(30)
        with world.sessions.begin() as session:
            other.publish(session, world.workspace, draft(PARKING, "Behind the house."), by="ada")
        try:
            assert pool.submit(other.apply_pending, world.workspace).result(30) == 1
            assert elsewhere.texts == []
            assert confidence(one, world) > 0.9
        finally:
            gated.gate.set()
        assert moving.result(60) == len(FAQ) + 1
        assert other.search(world.workspace, PARKING).model == elsewhere.model
        assert other.verify(world.workspace).ok


def test_changes_from_many_sides_during_a_change_of_model_are_all_found_and_none_is_left(
    world: World, pool: ThreadPoolExecutor
) -> None:
    switching = world.another(embedder=CountingEmbedder(world.embedder, turned=True), previous=world.embedder)

    def publish(number: int) -> tuple[str, ...]:
        question = f"Which bulb fits lamp {number * 13}?"
        with world.sessions.begin() as session:
            switching.publish(session, world.workspace, draft(question, f"Bulb {number}."), by="ada")
        switching.apply_pending(world.workspace)
        return tuple(hit.entry.question for hit in switching.search(world.workspace, question).hits)[:1]

    found = list(pool.map(publish, range(12)))
    assert found == [(f"Which bulb fits lamp {number * 13}?",) for number in range(12)]
    assert switching.apply_pending(world.workspace) == 0
    report = switching.verify(world.workspace)
    assert report.ok
    assert report.points == 2 * (len(FAQ) + 12)


def test_a_change_can_be_carried_without_embedding_for_a_model_that_does_not_serve(world: World) -> None:
    new = CountingEmbedder(world.embedder, turned=True)
    switching = world.another(embedder=new, previous=world.embedder)
    with world.sessions.begin() as session:
        switching.publish(session, world.workspace, draft(PARKING, "Behind the house."), by="ada")
    assert switching.apply_to_serving(world.workspace) == 1
    assert confidence(switching, world) > 0.9
    assert new.texts == []
    assert switching.apply_pending(world.workspace) == len(FAQ) + 1
    assert switching.search(world.workspace, PARKING).model == new.model


def confidence(knowledge: kb.KnowledgeBase, world: World) -> float:
    """How sure the knowledge base is of what was published last."""
    return knowledge.search(world.workspace, PARKING).confidence


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, `SOON` at most."""
    deadline = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)
