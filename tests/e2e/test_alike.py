"""Waiting questions that look alike: shown to who resolves one, ticked by hand, and each answered once where it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.client import OpenView, Person, Shown
from tests.e2e.acts import quiet, replies, rows
from tests.e2e.conftest import TEAM, Bot, labels, running_bot
from tests.e2e.desk import Handed, becomes, card_of, review_card, ticked

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot of its own: other tests leave questions waiting that look like these."""
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("alike")) as running:
        yield running


def test_one_answer_settles_what_staff_tick_and_each_asker_has_their_own_say(bot: Bot) -> None:
    sam, uma, ben = bot.person("sam"), bot.person("uma"), bot.workspace.add_person("ben")
    first = waits(bot, uma, bot.channel("alike-one"), "Who waters the gondola in the lobby aquarium?")
    second = waits(bot, ben, joined(bot, "alike-two", ben), "Who is to water the aquarium's gondola in our lobby?")
    waits(bot, ben, joined(bot, "alike-else", ben), "When does the sledge race on the roof begin?")

    form = resolve_form(sam, first)
    assert "gondola in our lobby?" in form.text and "ben, waiting for" in form.text
    assert "sledge race" not in form.text
    assert form.values["alike"]["alike"]["selected_options"] == [], "nothing is ticked for them"
    answer = "The night porter waters it, in odd weeks."
    sam.submit(form, {"answer": answer, "alike": [ticked(form, "gondola in our lobby")]})

    for person, given in ((uma, first), (ben, second)):
        person.wait_for_message(given.question, lambda one: one.by_app and "Did that solve it?" in one.text)
        [shown] = [one for one in replies(person, given.question) if answer in one.text]
        assert ("answered your question" in shown.text) is (person is ben)
        assert ("gondola in our lobby?" in shown.text) is (person is ben)
        becomes(sam, given.card, lambda one: "Resolved by <@U0SAM>" in one.text)
    card = review_card(bot, "gondola in the lobby")
    assert "Also asked as" in card.text and "gondola in our lobby?" in card.text
    assert "Asked in 2 conversations" in card.text

    asked = next(one for one in replies(ben, second.question) if "Did that solve it?" in one.text)
    ben.click(asked, "No, not yet")
    becomes(sam, second.card, lambda one: labels(one) == "Claim")
    assert "Resolved by" in sam.again(first.card).text
    assert labels(card_of(bot, "sledge race")) == "Claim"


def test_what_was_asked_in_private_is_shown_to_the_staff_room_alone_and_answered_where_it_was_asked(bot: Bot) -> None:
    sam, ann, uma, ben = bot.person("sam"), bot.person("ann"), bot.person("uma"), bot.workspace.add_person("bob")
    channel = bot.channel("alike-open")
    first = waits(bot, uma, channel, "Which anthem is sung when a kayak is launched?")
    second = waits(bot, ben, ben.direct, "What anthem do they sing at the launch of a kayak?")
    third = waits(bot, uma, bot.channel("alike-open-too"), "Which anthem do we sing when kayaks are launched?")
    sam.say(channel, "The one of the harbour.", thread=first.question)
    becomes(sam, first.card, lambda one: "<@U0SAM> is helping" in one.text)
    uma.react(first.question, "white_check_mark")
    offer = uma.wait_for_message(first.question, lambda one: "Is this settled?" in one.text)

    ann.click(offer, "Resolve")  # an admin who is not in the staff room
    form = with_alike(ann)
    assert "kayaks are launched?" in form.text
    assert "launch of a kayak?" not in form.text
    ann.close_view(form)

    form = resolve_form(sam, first)
    assert "asked in private" in form.text
    sam.submit(form, {"alike": [ticked(form, "launch of a kayak"), ticked(form, "kayaks are launched")]})
    for person, given in ((ben, second), (uma, third)):
        person.wait_for_message(given.question, lambda one: one.by_app and "The one of the harbour." in one.text)
    card = review_card(bot, "kayak is launched")
    assert "launch of a kayak?" in card.text and "Asked in 3 conversations" in card.text
    quiet(bot)
    for given in (first, third):
        assert not [one for one in replies(uma, given.question) if "Approve" in labels(one)], (
            "it would show private words"
        )


def test_what_a_colleague_took_meanwhile_is_left_to_them(bot: Bot) -> None:
    sam, ada, uma = bot.person("sam"), bot.person("ada"), bot.person("uma")
    first = waits(bot, uma, bot.channel("alike-taken"), "Whose desk does the stuffed mongoose guard?")
    second = waits(bot, uma, bot.channel("alike-taken-too"), "Which desk is guarded by the stuffed mongoose?")
    form = resolve_form(sam, first)
    ada.click(second.card, "Claim")
    becomes(ada, second.card, lambda one: "<@U0ADA> is helping" in one.text)
    sam.submit(form, {"answer": "Nobody's.", "alike": [ticked(form, "guarded by")], "propose": []})
    sam.wait_for(lambda: [one for one in sam.messages(sam.direct) if "I did not answer it" in one.text])
    becomes(sam, first.card, lambda one: "Resolved by" in one.text)
    assert "<@U0ADA> is helping" in sam.again(second.card).text
    assert not [one for one in replies(uma, second.question) if "Nobody's." in one.text]


def test_a_bot_that_is_killed_after_the_form_was_sent_tells_each_asker_once(bot: Bot) -> None:
    sam, uma = bot.person("sam"), bot.person("uma")
    wordings = [f"How heavy is the founder's raft {made} of corks?" for made in ("made", "built", "put together")]
    given = [waits(bot, uma, bot.channel(f"alike-kill-{at}"), asked) for at, asked in enumerate(wordings)]
    form = resolve_form(sam, given[0])
    alike = [ticked(form, made) for made in ("built", "put together")]
    sam.submit(form, {"answer": "Four tons.", "alike": alike, "propose": []})
    bot.kill()
    bot.start()
    for one in given:
        uma.wait_for_message(one.question, lambda it: it.by_app and "Did that solve it?" in it.text)
    quiet(bot)
    for one in given:
        said = [it for it in replies(uma, one.question) if "Four tons." in it.text]
        assert len(said) == 1
    marks = ", ".join("?" for _ in given)
    kept = rows(
        bot,
        f"select count(*) as n from resolutions where handoff in "
        f"(select id from handoffs where question_ts in ({marks}))",
        *(one.question.ts for one in given),
    )
    assert kept == [{"n": 3}]


def test_wordings_join_a_proposal_that_waits_but_private_ones_never_an_open_card(bot: Bot) -> None:
    sam, uma, ben = bot.person("sam"), bot.person("uma"), bot.workspace.add_person("bert")
    answer = "They get their new paint in the boat house behind the mill."
    wordings = [f"Where do {which} canoe paddles get their new paint?" for which in ("retired", "the retired", "old")]
    first, second, third = (waits(bot, uma, bot.channel(f"alike-join-{at}"), one) for at, one in enumerate(wordings))
    fourth = waits(bot, ben, ben.direct, "Where do my retired canoe paddles get their new paint?")
    form = resolve_form(sam, first)
    sam.submit(form, {"answer": answer})
    card = review_card(bot, wordings[0])
    assert "Also asked as" not in card.text

    form = resolve_form(sam, second)
    sam.submit(form, {"answer": answer, "alike": [ticked(form, wordings[2])]})
    joined_by = becomes(bot.person("ada"), card, lambda one: "Asked in 3 conversations" in one.text)
    assert all(one in joined_by.text for one in wordings)

    fifth = waits(bot, uma, bot.channel("alike-join-5"), "Where do our retired canoe paddles get their new paint?")
    form = resolve_form(sam, fifth)
    sam.submit(form, {"answer": answer, "alike": [ticked(form, "my retired canoe")]})
    ben.wait_for_message(fourth.question, lambda one: answer in one.text)
    joined_by = becomes(bot.person("ada"), card, lambda one: "Asked in 5 conversations" in one.text)
    assert "my retired canoe" not in joined_by.text
    assert len(rows(bot, "select 1 from proposals where answer = ?", answer)) == 1
    uma.wait_for_message(third.question, lambda one: answer in one.text)


# --- helpers ---


def joined(bot: Bot, name: str, person: Person) -> str:
    """A channel that somebody new is in too."""
    return bot.channel(name, (*TEAM, person.id))


def waits(bot: Bot, asker: Person, channel: str, question: str) -> Handed:
    """Ask what nobody knows and have a person called."""
    asked = asker.say(channel, question if channel.startswith("D") else f"@answerloop {question}")
    offered = asker.wait_for_message(asked, lambda one: one.by_app and "Get a human" in labels(one))
    asker.click(offered, "Get a human")
    told_asker = asker.wait_for_message(asked, lambda one: "I've asked a colleague" in one.text)
    return Handed(asked, told_asker, card_of(bot, question))


def resolve_form(staff: Person, given: Handed) -> OpenView:
    """Claim where nobody has it, press Resolve, and wait for what looks alike."""
    card: Shown = staff.again(given.card)
    if "Claim" in labels(card):
        staff.click(card, "Claim")
    staff.click(becomes(staff, given.card, lambda one: "Resolve" in labels(one)), "Resolve")
    return with_alike(staff)


def with_alike(staff: Person) -> OpenView:
    """The open form, once it shows what looks alike."""
    return staff.wait_for(
        lambda: next((one for one in staff.views() if "alike" in one.action_ids), None),
        otherwise=lambda: f"the form shows nothing alike: {[one.text for one in staff.views()]}",
    )
