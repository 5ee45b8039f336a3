"""The knowledge base as it stood: searched as it would have been searched then, with nothing of today written."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from kb_world import FAQ, CountingEmbedder, World, draft, what_it_says
from sqlalchemy import text

import kb
from kb.database import Base, make_sessions, read_only
from kb.errors import NotRebuilt, ReadOnly, UnknownCalibration
from kb.memory_index import MemoryIndex
from kb.past import copy_at

PASSWORD = "How do I reset my password?"
ASKED = (PASSWORD, "forgot my password", "shipping time", "money back please", "what is the weather like?")


@pytest.fixture(scope="session")
def embedder(model_cache: Path) -> kb.Embedder:
    return kb.open_embedder(cache=model_cache)


@pytest.fixture
def world(sessions: kb.Sessions, embedder: kb.Embedder) -> World:
    return World(sessions, MemoryIndex(), embedder)


@contextmanager
def past(world: World, version: int, folder: Path, *, calibration: int | None = None) -> Iterator[kb.KnowledgeBase]:
    """The knowledge of a world at a version, searched on connections that only read."""
    live = read_only(world.sessions.kw["bind"])
    copy = kb.open_engine(f"sqlite:///{folder / f'past-{version}.db'}")
    Base.metadata.create_all(copy)
    copied, parts = make_sessions(copy), {"index": MemoryIndex(), "embedder": world.embedder}
    parts |= {"clock": kb.utc_now, "ids": kb.new_ulid}
    copy_at(make_sessions(live), copied, world.workspace, version, world.embedder, calibration=calibration)
    kb.KnowledgeBase(sessions=copied, **parts).apply_pending(world.workspace)  # type: ignore[arg-type]
    reading = read_only(copy)
    yield kb.KnowledgeBase(sessions=make_sessions(reading), **parts)  # type: ignore[arg-type]
    for engine in (live, copy, reading):
        engine.dispose()


def everything(world: World) -> list[tuple[object, ...]]:
    with world.sessions() as session:
        tables = [table.name for table in Base.metadata.sorted_tables if table.name != "preferences"]
        return [
            (table, *row)
            for table in tables
            for row in session.execute(text(f"select * from {table} where workspace = :w"), {"w": world.workspace})
        ]


def told(knowledge: kb.KnowledgeBase, world: World) -> list[object]:
    return [what_it_says(knowledge.search(world.workspace, question, limit=5)) for question in ASKED]


def version(world: World) -> int:
    with world.sessions() as session:
        return world.knowledge.version(session, world.workspace)


def test_every_earlier_version_is_searched_as_it_was_then(world: World, tmp_path: Path) -> None:
    entries = world.learn_faq()
    then = [(version(world), told(world.knowledge, world))]
    first = entries[PASSWORD]
    with world.sessions.begin() as session:
        content = replace(first.content, answer="Ask the IT desk.", phrasings=("new password needed",))
        world.knowledge.revise(session, world.workspace, first.id, content, by="sam")
    world.knowledge.apply_pending()
    then.append((version(world), told(world.knowledge, world)))
    with world.sessions.begin() as session:
        world.knowledge.stop(session, world.workspace, entries["Can I get a refund?"].id, by="ada")
        world.knowledge.retire(session, world.workspace, first.id, by="ada")
    world.publish(draft("What is the weather like?", "Fine."))
    then.append((version(world), told(world.knowledge, world)))
    before, embedded = everything(world), len(world.embedder.texts)
    for number, found in then:
        with past(world, number, tmp_path) as knowledge:
            assert told(knowledge, world) == found, f"at version {number}"
            with knowledge._sessions() as session:
                assert knowledge.version(session, world.workspace) == number
    assert everything(world) == before, "something of today was written"
    assert set(world.embedder.texts[embedded:]) <= set(ASKED), "what was known by its vector was embedded again"


def test_before_the_first_change_nothing_is_known(world: World, tmp_path: Path) -> None:
    world.learn_faq()
    with past(world, 0, tmp_path) as knowledge:
        assert knowledge.search(world.workspace, PASSWORD).hits == ()


def test_what_was_never_embedded_with_this_model_is_embedded_in_the_copy(world: World, tmp_path: Path) -> None:
    world.learn_faq()
    world.embedder = CountingEmbedder(world.embedder, turned=True)
    before = everything(world)
    with past(world, len(FAQ), tmp_path) as knowledge:
        best = knowledge.search(world.workspace, "forgot my password").best
        assert best is not None and best.entry.question == PASSWORD
    assert everything(world) == before


def test_a_version_that_cannot_be_given_is_said_in_one_sentence(world: World, tmp_path: Path) -> None:
    world.learn_faq()
    wanted = len(FAQ) + 1
    with (
        pytest.raises(NotRebuilt, match=f"at version {len(FAQ)}; there is no version {wanted}"),
        past(world, wanted, tmp_path),
    ):
        pass
    with pytest.raises(UnknownCalibration, match="no calibration 7"), past(world, 1, tmp_path, calibration=7):
        pass
    with world.sessions.begin() as session:
        session.execute(text("delete from index_ops where workspace = :w and seq = 2"), {"w": world.workspace})
    with pytest.raises(NotRebuilt, match="1 of its changes are not there"), past(world, 3, tmp_path):
        pass


def test_two_workspaces_never_meet(world: World, tmp_path: Path) -> None:
    world.learn_faq()
    other = World(world.sessions, world.index, world.embedder)
    other.publish(draft("What is the weather like?", "Fine."))
    with past(other, 1, tmp_path) as knowledge:
        assert knowledge.search(other.workspace, PASSWORD).hits[0].entry.question == "What is the weather like?"
        assert knowledge.search(world.workspace, PASSWORD).hits == ()


def test_nothing_can_be_written_on_a_connection_that_only_reads(world: World) -> None:
    [entry] = world.publish(draft(PASSWORD))
    engine = read_only(world.sessions.kw["bind"])
    sessions = make_sessions(engine)
    with sessions() as session:
        assert world.knowledge.get(session, world.workspace, entry.id) == entry
    for write in (
        lambda session: world.knowledge.publish(session, world.workspace, draft("And now?"), by="ada"),
        lambda session: world.knowledge.stop(session, world.workspace, entry.id, by="ada"),
        lambda session: session.execute(text("delete from entry_versions")),
        lambda session: session.execute(text("create table other (name text)")),
    ):
        with pytest.raises(ReadOnly, match="only reads"), sessions.begin() as session:
            write(session)
    # Somebody else writes meanwhile, and neither waits for the other.
    with sessions() as session:
        assert world.knowledge.version(session, world.workspace) == 1
        world.publish(draft("And now?"), apply=False)
    assert version(world) == 2
    engine.dispose()
