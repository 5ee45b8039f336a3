"""Many at once: everybody is answered, nobody waits for ever, and words keep their order."""

import base64
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.client import Person, Shown
from tests.e2e.acts import KNOWN, KNOWN_ANSWER, UNKNOWN, ask, quiet, replies, rows
from tests.e2e.conftest import Bot, by_app, labels, running_bot
from tests.e2e.desk import hand_over, press

pytestmark = pytest.mark.e2e

#: Questions asked at the same moment, and how long the slowest of them may take.
AT_ONCE, PATIENCE = 30, 60.0


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot of its own: what is in its tables and its log at the end is what these tests made."""
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("at-once")) as running:
        yield running


def test_thirty_questions_at_once_are_all_answered_once(bot: Bot) -> None:
    channel = bot.channel("rush")
    people = [bot.person(name) for name in ("uma", "sam", "ada", "ann")]
    took: list[float] = []
    asked: list[tuple[Person, Shown]] = []
    begin = threading.Barrier(AT_ONCE)

    def one(number: int) -> None:
        person = people[number % len(people)]
        begin.wait(10)
        started = time.monotonic()
        question = person.say(channel, f"@answerloop {KNOWN}")
        asked.append((person, question))
        person.wait_for_message(question, lambda one: one.by_app and KNOWN_ANSWER in one.text, seconds=PATIENCE)
        took.append(time.monotonic() - started)

    askers = [threading.Thread(target=one, args=(number,)) for number in range(AT_ONCE)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    took.sort()
    half, most = took[len(took) // 2], took[int(len(took) * 0.95)]
    print(f"\n{AT_ONCE} at once: half within {half:.1f} s, 95 % within {most:.1f} s")
    assert len(took) == AT_ONCE, "somebody was not answered"
    quiet(bot)
    assert [len(by_app(person.thread(question))) for person, question in asked] == [1] * AT_ONCE
    log = bot.log.read_text()
    assert "QueuePool" not in log and " ERROR " not in log, log[-3000:]


def test_words_keep_their_order_on_their_way(bot: Bot) -> None:
    uma, sam = bot.person("uma"), bot.person("sam")
    question, card = ask(uma, uma.direct, UNKNOWN)
    uma.click(card, "Get a human")
    room = sam.wait_for_message("C0SUPPORT", lambda one: one.by_app and UNKNOWN in one.text)
    sam.click(room, "Claim")
    uma.wait_for_message(question, lambda one: "is looking into this" in one.text)
    words = [f"Word number {number}." for number in range(8)]
    for word in words:
        sam.say("C0SUPPORT", word, thread=room)
    uma.wait_for_message(question, lambda one: words[-1] in one.text)
    quiet(bot)
    uma.wait_for(lambda: len([one for one in replies(uma, question) if "Word number" in one.text]) == 8 or None)
    arrived = [one.text.split("\n")[-1].partition("Word")[2] for one in replies(uma, question) if "Word" in one.text]
    assert arrived == [word.partition("Word")[2] for word in words]


def test_what_is_written_while_people_are_called_reaches_them(bot: Bot) -> None:
    """The second message finds no handoff yet when it arrives, and the first one's when its turn comes."""
    uma, sam = bot.person("uma"), bot.person("sam")
    first = uma.say(uma.direct, "I want to talk to a human, please.")
    uma.say(uma.direct, "It is about the ocelot in the attic.", thread=first)
    uma.wait_for_message(first, lambda one: "I've asked a colleague" in one.text)
    room = sam.wait_for_message("C0SUPPORT", lambda one: one.by_app and "talk to a human" in one.text)
    sam.wait_for_message(room, lambda one: one.by_app and "ocelot" in one.text)
    quiet(bot)
    assert not [one for one in replies(uma, first) if "Get a human" in labels(one) and "ocelot" in one.text]


def test_what_is_written_while_it_is_closed_is_answered(bot: Bot) -> None:
    """The question is carried to nobody any more when its turn comes, so that it is the bot's again."""
    uma, sam = bot.person("uma"), bot.person("sam")
    given = hand_over(bot, uma.direct, "puma")
    sam.click(given.card, "Claim")
    uma.wait_for_message(given.question, lambda one: "is looking into this" in one.text)
    form = press(sam, given.card, "Resolve", "resolve_form")
    quiet(bot)
    before = len(bot.workspace.calls("chat.postMessage"))
    bot.workspace.faults("rate_limit", method="chat.postMessage", retry_after=3)
    uma.say(uma.direct, "Hold on.", thread=given.question)
    # While Slack is asked again to carry this, the next one waits.
    uma.wait_for(lambda: len(bot.workspace.calls("chat.postMessage")) > before)
    uma.say(uma.direct, KNOWN, thread=given.question)
    sam.submit(form, {"answer": "With two ropes.", "propose": []})
    uma.wait_for_message(given.question, lambda one: one.by_app and KNOWN_ANSWER in one.text)
    sam.wait_for_message(given.card, lambda one: one.by_app and "Hold on." in one.text)
    quiet(bot)
    assert not [one for one in by_app(sam.thread(given.card)) if "VPN" in one.text]


def test_the_tables_of_dbos_hold_no_word_that_anybody_said(bot: Bot) -> None:
    """Arguments, results and errors of workflows are ids: what is stored there is found by no purge."""
    kept = "\n".join(_kept(bot))
    assert "answerloop-t0answer" in kept
    assert "U0UMA" not in kept.replace("D0UMA", ""), "user ids are personal too"
    said = ("VPN", "id.lumen.example", "tractor", "ocelot", "attic", "Word number", "human, please", "puma", "ropes")
    assert [word for word in said if word in kept] == []
    held = rows(bot, "select count(*) as n from operation_outputs")
    assert held[0]["n"] > AT_ONCE


def _kept(bot: Bot) -> Iterator[str]:
    for table in ("workflow_status", "operation_outputs", "workflow_events", "notifications", "streams"):
        for row in rows(bot, f"select * from {table}"):
            for value in row.values():
                yield str(value)
                try:
                    yield base64.b64decode(str(value), validate=True).decode(errors="replace")
                except ValueError:
                    continue
