"""What is recorded of an answer is what it was decided by, not what holds when it is written down."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.desk import replies
from kb.database import reading
from kb.entries import Draft, Provenance
from learning import recorder
from tests.bot.desk_world import WORKSPACE, DeskWorld, desk_world
from tests.e2e.acts import KNOWN


@pytest.fixture
def world(knowledge_folder: Path, tmp_path: Path) -> Iterator[DeskWorld]:
    with desk_world(knowledge_folder, tmp_path / "data") as made:
        yield made


def test_the_version_of_the_knowledge_base_is_that_which_was_searched(world: DeskWorld) -> None:
    services = world.services
    asked = world.asked("C0HELP", "1.000001", KNOWN)
    reply = replies.choose(services, WORKSPACE, asked, frozenset())
    assert reply.evidence is not None
    with services.sessions.begin() as session:
        searched = services.knowledge.version(session, WORKSPACE)
        new = Draft("What is new?", "This entry is.", Provenance("ingest"))
        services.knowledge.publish(session, WORKSPACE, new, by="test")
    decision = replies.keep(services, WORKSPACE, asked, reply)
    with reading(services.sessions) as session:
        found = recorder.plain(session, WORKSPACE, decision).decision.versions
        assert services.knowledge.version(session, WORKSPACE) == searched + 1
    assert found.kb_version == searched


def test_where_nothing_was_searched_it_is_the_version_that_there_is(world: DeskWorld) -> None:
    services = world.services
    decision = world.decided(world.asked("C0HELP", "2.000001", KNOWN))
    with reading(services.sessions) as session:
        found = recorder.plain(session, WORKSPACE, decision).decision.versions
        assert found.kb_version == services.knowledge.version(session, WORKSPACE)
