"""Words that Slack delivers late, after later ones were carried already: they are carried too, and say when they were
written."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.client import Person, Shown
from tests.e2e.acts import quiet
from tests.e2e.conftest import Bot, by_app, labels, running_bot
from tests.e2e.desk import SUPPORT, becomes, hand_over

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot over signed HTTP, so that a message can come late: what is badly signed is refused and sent again."""
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("late"), transport="http") as running:
        running.workspace.timing(retries=[2, 2])
        yield running


def late_and_then(bot: Bot, person: Person, channel: str, thread: Shown, late: str, later: str) -> Shown:
    """Say two things, of which the first arrives two seconds after the second; the first."""
    bot.workspace.faults("bad_signature", event="message")
    first = person.say(channel, late, thread=thread)
    person.wait_for(lambda: not bot.workspace.get("/control/faults")["waiting"])
    person.say(channel, later, thread=thread)
    return first


def carried(person: Person, to: Shown, *words: str) -> list[str]:
    """What was carried to a thread and holds one of these words, as it stands there, once all of it does."""

    def look() -> list[str] | None:
        found = [one.text for one in by_app(person.thread(to)) if any(word in one.text for word in words)]
        return found if len(found) == len(words) else None

    return person.wait_for(look, otherwise=lambda: str([one.text for one in person.thread(to)]))


def test_late_words_of_the_asker_say_when_they_were_written_and_still_do_once_changed(bot: Bot) -> None:
    uma, sam = bot.person("uma"), bot.person("sam")
    given = hand_over(bot, uma.direct, "walrus")
    first = late_and_then(bot, uma, uma.direct, given.question, "It is the yellow one.", "Or the green one.")
    later, late = carried(sam, given.card, "yellow", "green")
    assert "Or the green one." in later and "late" not in later
    assert late.endswith("It is the yellow one.") and "it reached me late" in late
    assert f"<!date^{int(float(first.ts))}^" in late
    uma.edit(first, "It is the grey one.")
    changed = carried(sam, given.card, "grey", "green")[1]
    assert changed == late.replace("yellow", "grey")


def test_late_words_of_staff_say_so_too_and_words_in_order_do_not(bot: Bot) -> None:
    uma, sam = bot.person("uma"), bot.person("sam")
    given = hand_over(bot, uma.direct, "ocelot")
    sam.click(given.card, "Claim")
    becomes(sam, given.card, lambda one: "is helping" in one.text)
    late_and_then(bot, sam, SUPPORT, given.card, "First the box.", "Then the lid.")
    later, late = carried(uma, given.question, "First the box.", "Then the lid.")
    assert "Then the lid." in later and "late" not in later
    assert late.startswith("*sam from support* · _written ") and late.endswith("First the box.")
    sam.say(SUPPORT, "Close it.", thread=given.card)
    uma.say(uma.direct, "Closed.", thread=given.question)
    [told], [answered] = carried(uma, given.question, "Close it."), carried(sam, given.card, "Closed.")
    assert "late" not in told + answered
    quiet(bot)


def test_what_was_written_after_a_wish_for_a_person_that_came_late_reaches_them(bot: Bot) -> None:
    """It is decided before anybody is called, so that it is neither what came before nor what comes now."""
    uma, sam = bot.person("uma"), bot.person("sam")
    bot.workspace.faults("bad_signature", event="message")
    wish = uma.say(uma.direct, "I want to talk to a human, please.")
    uma.wait_for(lambda: not bot.workspace.get("/control/faults")["waiting"])
    uma.say(uma.direct, "It is about the margay in the cellar.", thread=wish)
    uma.wait_for_message(wish, lambda one: "Get a human" in labels(one))
    card = sam.wait_for_message(SUPPORT, lambda one: one.by_app and "talk to a human" in one.text)
    assert len(carried(sam, card, "margay")) == 1
    quiet(bot)
    assert len(carried(sam, card, "margay")) == 1
