"""What is meant for some people stands nowhere where others read: not in an answer, and not on a card either."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demo import FIXTURES
from tests.e2e.acts import quiet
from tests.e2e.conftest import Bot, by_app, labels, running_bot

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("leaks")) as running:
        yield running


def test_a_restricted_answer_never_stands_on_a_card_in_a_wider_thread(bot: Bot) -> None:
    rows = [json.loads(line) for line in (FIXTURES / "knowledge.jsonl").read_text().splitlines()]
    secret = next(row for row in rows if row.get("audience") and "refund" in row["question"].lower())
    gist = max(secret["answer"].split(". "), key=len)[:40]
    ada, sam, channel = bot.person("ada"), bot.person("sam"), bot.channel("leak-card")
    question = ada.say(channel, f"@answerloop {secret['question']}")
    card = ada.wait_for_message(question, lambda one: one.by_app and "Get a human" in labels(one))
    assert gist not in card.text
    ada.click(card, "Get a human")
    room = sam.wait_for_message("C0SUPPORT", lambda one: one.by_app and secret["question"] in one.text)
    sam.click(room, "Claim")
    sam.say(channel, "Nobody here may tell you that, please ask the finance team.", thread=question)
    quiet(bot)
    claimed = sam.wait_for_message("C0SUPPORT", lambda one: one.ts == room.ts and "Resolve" in labels(one))
    sam.click(claimed, "Resolve")
    sam.submit(sam.wait_for_view("resolve_form"))
    review = ada.wait_for_message(
        "C0REVIEW", lambda one: one.by_app and "finance team" in one.text and "Reject" in labels(one)
    )
    assert gist[:20] in review.text, "the reviewers are to see what it conflicts with"
    quiet(bot)
    for message in by_app(ada.thread(question)):
        assert gist[:20] not in message.text
