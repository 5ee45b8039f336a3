"""Listening stands in nobody's way: what fails is reported, without anybody's words, and can be done again."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.desk import listening
from kb.knowledge import KnowledgeBase
from learning import conversations, signals
from learning.conversations import MessageKind
from learning.ids import DecisionId
from tests.bot.desk_world import WORKSPACE, DeskWorld, desk_world

QUESTION = "How do I reset my VPN password?"
SECRET = "the parrot sleeps at noon"


@pytest.fixture(scope="module")
def desk(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskWorld]:
    with desk_world(knowledge_folder, tmp_path_factory.mktemp("listening") / "data") as made:
        yield made


def answered(desk: DeskWorld, channel: str, says: str) -> DecisionId:
    """A question that was answered, and what its asker wrote then."""
    asked = desk.asked(channel, "1.1", QUESTION)
    decision = desk.decided(asked)
    desk.said(asked, "1.2")
    services = desk.services
    with services.sessions.begin() as session:
        conversations.record_message(
            session,
            WORKSPACE,
            asked.conversation.id,
            place=asked.conversation.place,
            ts="1.3",
            author=asked.person,
            kind=MessageKind.USER,
            text=says,
            vault=services.vault,
            now=services.clock(),
            ids=services.ids,
        )
    return decision


def heard(desk: DeskWorld, decision: DecisionId) -> dict[str, str]:
    with desk.services.sessions() as session:
        return {one.kind: one.found_by for one in signals.of(session, WORKSPACE, decision)}


def test_listening_twice_keeps_what_was_said_once(desk: DeskWorld) -> None:
    decision = answered(desk, "C1", "<@U0BOT> great, that worked. And how long is it valid?")
    for _ in range(2):
        listening.listen(desk.services, WORKSPACE, "C1", "1.3")
    assert heard(desk, decision) == {"completion": "words-1", "follow_up": "meaning-1", "length": "count-1"}


def test_what_fails_is_reported_without_words_and_nothing_is_half_kept(
    desk: DeskWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    decision = answered(desk, "C2", f"great, that worked. And where? {SECRET}")

    def fails(*_: object) -> None:
        raise ValueError(SECRET)

    with monkeypatch.context() as broken, caplog.at_level(logging.DEBUG):
        broken.setattr(KnowledgeBase, "similarities", fails)
        listening.listen(desk.services, WORKSPACE, "C2", "1.3")
    assert "reference" in caplog.text and "ValueError" in caplog.text and SECRET not in caplog.text
    assert heard(desk, decision) == {}
    listening.listen(desk.services, WORKSPACE, "C2", "1.3")
    assert "completion" in heard(desk, decision)


def test_a_message_that_is_not_kept_is_not_listened_to(desk: DeskWorld, caplog: pytest.LogCaptureFixture) -> None:
    listening.listen(desk.services, WORKSPACE, "C3", "9.9")
    listening.ticked(desk.services, WORKSPACE, "C3", "9.9", desk.person("U0UMA"), at=None)
    assert caplog.text == ""
