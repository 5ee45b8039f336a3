"""A conversation given to people: every way there, who holds it, quiet meanwhile, and settled with the asker's word."""

import re
from datetime import UTC, datetime

import pytest

from bot.sandbox.client import InvalidInput, Person, Shown
from bot.slack.views.times import spoken
from tests.e2e.acts import KNOWN, KNOWN_ANSWER, ask, quiet, replies, stays_quiet
from tests.e2e.conftest import TEAM, Bot, by_app, labels
from tests.e2e.desk import (
    SUPPORT,
    Handed,
    abstained,
    at_once,
    becomes,
    hand_over,
    handed,
    press,
    resolve,
    told,
    unknown,
)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(one_bot: Bot) -> Bot:
    return one_bot


# --- ways to a person ---


def test_the_button_brings_a_card_that_says_what_was_asked_tried_and_why_it_stopped(bot: Bot) -> None:
    channel = bot.channel("way-button")
    given = hand_over(bot, channel, "walrus")
    assert unknown("walrus") in given.card.text
    assert "I looked it up" in given.card.text
    assert "'Get a human'" in given.card.text
    assert "Open the thread" in given.card.text
    assert labels(given.card) == "Claim"


def test_asking_for_a_person_hands_over_the_question_before(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("way-asking")
    question, _ = ask(uma, channel, f"@answerloop {KNOWN}", holds=KNOWN_ANSWER)
    uma.say(channel, "@answerloop Can I talk to a human please?", thread=question)
    given = handed(bot, question, KNOWN)
    assert "asked for a person" in given.card.text
    assert "talk to a human" not in given.card.text


def test_the_form_after_a_thumbs_down_hands_over_where_wished(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("way-thumbs-down")
    asked = "How do I print in the office?"
    question, answer = ask(uma, channel, f"@answerloop {asked}", holds="Follow-Me")
    form = press(uma, answer, "Not helpful", "feedback_form")
    uma.submit(form, {"reason": "unhelpful", "wants_person": ["on"]})
    given = handed(bot, question, asked)
    assert "did not help" in given.card.text


def test_two_questions_in_a_row_without_an_answer_hand_over(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("way-twice")
    question, _ = abstained(bot, uma, channel, "narwhal")
    assert not [one for one in by_app(bot.person("sam").messages(SUPPORT)) if "narwhal" in one.text]
    uma.say(channel, f"@answerloop {unknown('lobster')}", thread=question)
    given = handed(bot, question, "lobster")
    assert "not sure twice" in given.card.text


def test_a_second_wish_for_a_person_makes_no_second_card(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("way-again")
    question, offered = abstained(bot, uma, channel, "pelican")
    uma.click(offered, "Get a human")
    uma.click(offered, "Get a human")
    handed(bot, question, "pelican")
    quiet(bot)
    assert len(cards(bot, "pelican")) == 1
    assert len([one for one in replies(uma, question) if "asked a colleague" in one.text]) == 1


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Tokyo"])
def test_the_asker_is_told_in_their_own_time_when_to_expect_someone(bot: Bot, zone: str) -> None:
    name = f"asker-{zone.partition('/')[2].lower()}"
    asker = bot.workspace.add_person(name, tz=zone)
    channel = bot.channel(f"hours-{name}", (*TEAM, asker.id))
    given = hand_over(bot, channel, f"heron {name}", name)
    # The card shows the same moment to each reader in their own time.
    moment = re.search(r"<!date\^(\d+)\^", str(given.card.raw))
    assert moment, given.card.text
    expected = spoken(datetime.fromtimestamp(int(moment[1]), UTC), zone, datetime.now(UTC))
    assert f"Expect a reply by {expected}, your time" in given.told.text


# --- who has it ---


def test_the_card_always_shows_the_present_state(bot: Bot) -> None:
    channel, sam, ada, uma = bot.channel("states"), bot.person("sam"), bot.person("ada"), bot.person("uma")
    given = hand_over(bot, channel, "ibex")
    card = given.card

    sam.click(card, "Claim")
    shows(sam, card, "<@U0SAM> is helping <@U0UMA>", "Resolve | Release | Reassign")
    says(uma, given, "<@U0SAM> is looking into this")

    sam.click(sam.again(card), "Release")
    shows(sam, card, "<@U0UMA> needs a person", "Claim")
    says(uma, given, "Somebody else will take this over")

    ada.click(ada.again(card), "Claim")
    shows(sam, card, "<@U0ADA> is helping <@U0UMA>", "Resolve | Release | Reassign")
    form = press(ada, card, "Reassign", "reassign_form")
    ada.submit(form, {"assignee": "U0SAM"})
    shows(sam, card, "<@U0SAM> is helping <@U0UMA>", "Resolve | Release | Reassign")
    says(uma, given, "<@U0SAM> takes over from here")

    resolve(bot, given, "The ibex may not be towed.", learn=False)
    shows(sam, card, "Resolved by <@U0SAM> for <@U0UMA>", "Reopen")
    sam.click(sam.again(card), "Reopen")
    shows(sam, card, "<@U0UMA> needs a person", "Claim")
    says(uma, given, "asked the team to have another look")
    assert len(cards(bot, "ibex")) == 1


def test_only_staff_can_be_given_a_conversation(bot: Bot) -> None:
    channel, sam = bot.channel("reassign"), bot.person("sam")
    given = hand_over(bot, channel, "okapi")
    sam.click(given.card, "Claim")
    shows(sam, given.card, "<@U0SAM> is helping", "Resolve | Release | Reassign")
    form = press(sam, given.card, "Reassign", "reassign_form")
    with pytest.raises(InvalidInput, match="not support staff"):
        sam.submit(form, {"assignee": "U0UMA"})
    assert "<@U0SAM> is helping" in sam.again(given.card).text


@pytest.mark.parametrize("where", ["thread", "room"])
def test_the_first_staff_reply_claims(bot: Bot, where: str) -> None:
    channel, sam = bot.channel(f"reply-{where}"), bot.person("sam")
    given = hand_over(bot, channel, f"tapir {where}")
    if where == "thread":
        sam.say(channel, "Let me look.", thread=given.question)
    else:
        sam.say(SUPPORT, "I take this one.", thread=given.card)
    shows(sam, given.card, "<@U0SAM> is helping", "Resolve | Release | Reassign")


def test_a_colleague_who_is_no_staff_claims_nothing_by_replying(bot: Bot) -> None:
    bob = bot.workspace.add_person("bob")
    channel = bot.channel("bystander", (*TEAM, bob.id))
    given = hand_over(bot, channel, "gecko")
    bob.say(channel, "I wonder too.", thread=given.question)
    quiet(bot)
    assert labels(bot.person("sam").again(given.card)) == "Claim"


def test_of_two_who_claim_at_once_one_wins_and_the_other_is_told_who(bot: Bot) -> None:
    channel, sam, ada = bot.channel("at-once"), bot.person("sam"), bot.person("ada")
    given = hand_over(bot, channel, "lemur")
    at_once(lambda: sam.click(given.card, "Claim"), lambda: ada.click(given.card, "Claim"))
    card = becomes(sam, given.card, lambda one: "is helping" in one.text)
    winner, loser = (sam, ada) if "<@U0SAM> is helping" in card.text else (ada, sam)
    assert f"<@{winner.id}>" in told(loser, SUPPORT, "Somebody else was first").text
    quiet(bot)
    assert len([one for one in replies(bot.person("uma"), given.question) if "looking into" in one.text]) == 1


def test_the_asker_may_cancel_and_a_bystander_may_not(bot: Bot) -> None:
    uma, bea = bot.person("uma"), bot.workspace.add_person("bea")
    channel = bot.channel("cancel", (*TEAM, bea.id))
    given = hand_over(bot, channel, "quokka")
    bea.click(given.told, "I no longer need help")
    told(bea, channel, "Only the asker or support staff can cancel this")
    assert labels(bot.person("sam").again(given.card)) == "Claim"
    uma.click(given.told, "I no longer need help")
    becomes(bot.person("sam"), given.card, lambda one: "no longer needs help" in one.text and not labels(one))
    says(uma, given, "you no longer need help")
    uma.say(channel, KNOWN, thread=given.question)
    says(uma, given, KNOWN_ANSWER)


# --- quiet meanwhile, and afterwards ---


def test_the_bot_is_quiet_until_it_is_resolved_and_answers_again_afterwards(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("quiet")
    given = hand_over(bot, channel, "stoat")
    before = len(replies(uma, given.question))
    uma.say(channel, f"@answerloop {KNOWN}", thread=given.question)
    sam.say(channel, "The stoat is out of service.", thread=given.question)
    uma.say(channel, KNOWN, thread=given.question)
    assert stays_quiet(bot, uma, given.question, after=before)
    resolve(bot, given, learn=False)
    says(uma, given, "Did that solve it?")
    before = len(replies(uma, given.question))
    sam.say(channel, "Have a good weekend!", thread=given.question)
    assert stays_quiet(bot, uma, given.question, after=before), "it answered what a colleague said"
    uma.say(channel, KNOWN, thread=given.question)
    says(uma, given, KNOWN_ANSWER)


# --- settled ---


def test_resolve_is_offered_once_however_it_shows_that_it_is_settled(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("offer")
    bea = bot.workspace.add_person("bo")
    bot.workspace.members(channel, add=[bea.id])
    given = hand_over(bot, channel, "civet")
    answer = sam.say(channel, "Only with a permit.", thread=given.question)
    quiet(bot)
    bea.react(answer, "white_check_mark")
    quiet(bot)
    assert not offers(uma, given), "a bystander's mark counts for nothing"
    uma.react(answer, "white_check_mark")
    says(uma, given, "Is this settled?")
    sam.react(given.question, "heavy_check_mark")
    uma.say(channel, "Thanks a lot!", thread=given.question)
    quiet(bot)
    assert len(offers(uma, given)) == 1


@pytest.mark.parametrize("sign", ["staff", "thanks"])
def test_a_mark_by_staff_and_the_askers_thanks_each_offer_resolve(bot: Bot, sign: str) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel(f"sign-{sign}")
    given = hand_over(bot, channel, f"bison {sign}")
    sam.say(channel, "Only with a permit.", thread=given.question)
    becomes(sam, given.card, lambda one: "is helping" in one.text)
    if sign == "staff":
        sam.react(given.question, "white_check_mark")
    else:
        uma.say(channel, "thanks, that works!", thread=given.question)
    says(uma, given, "Is this settled?")


def test_resolve_shows_what_staff_wrote_to_edit_and_asks_the_asker(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("resolve")
    given = hand_over(bot, channel, "marten")
    sam.say(channel, "Hi Uma! Let me check.", thread=given.question)
    sam.say(SUPPORT, "Does anybody know? This is tedious.", thread=given.card)
    sam.say(channel, "The marten needs a *yellow* permit, see https://lumen.example/permits.", thread=given.question)
    sam.say(channel, "Anything else?", thread=given.question)
    quiet(bot)
    uma.say(channel, "thanks!", thread=given.question)
    offer = says(uma, given, "Is this settled?")
    uma.click(offer, "Resolve")
    told(uma, channel, "Only support staff can resolve")
    assert not uma.views()

    form = press(sam, offer, "Resolve", "resolve_form")
    assert unknown("marten") in form.text
    drafted = form.values["answer"]["answer"]["value"]
    assert drafted == "The marten needs a **yellow** permit, see https://lumen.example/permits."
    with pytest.raises(InvalidInput):
        sam.submit(form, {"answer": ""})
    sam.submit(form, {"answer": "The marten needs a yellow permit.", "propose": []})

    asked = says(uma, given, "Did that solve it?")
    shown = says(uma, given, "The marten needs a yellow permit.")
    assert "<@U0SAM> marked this as resolved" in shown.text
    sam.click(asked, "Yes, solved")
    told(sam, channel, "Only the person who asked")
    uma.click(asked, "Yes, solved")
    becomes(uma, asked, lambda one: "Glad that solved it" in one.text and not labels(one))
    assert "yellow permit" in uma.again(shown).text, "the answer went with the question"
    assert "Resolved by" in sam.again(given.card).text


def test_not_solved_opens_it_again(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("not-solved")
    given = hand_over(bot, channel, "dingo")
    sam.click(given.card, "Claim")
    shows(sam, given.card, "<@U0SAM> is helping", "Resolve | Release | Reassign")
    resolve(bot, given, "Ask the garage.", learn=False)
    uma.click(says(uma, given, "Did that solve it?"), "No, not yet")
    says(uma, given, "asked the team to have another look")
    shows(sam, given.card, "<@U0UMA> needs a person", "Claim")
    assert "Ask the garage." in says(uma, given, "Ask the garage.").text
    before = len(replies(uma, given.question))
    uma.say(channel, f"@answerloop {KNOWN}", thread=given.question)
    assert stays_quiet(bot, uma, given.question, after=before)


def test_staff_open_it_again_from_the_card_and_resolve_it_anew(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("reopened")
    given = hand_over(bot, channel, "lynx")
    sam.click(given.card, "Claim")
    resolve(bot, given, "Ask the zoo.", learn=False)
    becomes(sam, given.card, lambda one: "Resolved by <@U0SAM>" in one.text and labels(one) == "Reopen")
    sam.click(sam.again(given.card), "Reopen")
    says(uma, given, "asked the team to have another look")
    becomes(sam, given.card, lambda one: "Claim" in labels(one) or "Resolve" in labels(one))
    before = len(replies(uma, given.question))
    uma.say(channel, f"@answerloop {KNOWN}", thread=given.question)
    assert stays_quiet(bot, uma, given.question, after=before)
    if "Claim" in labels(sam.again(given.card)):
        sam.click(sam.again(given.card), "Claim")
    resolve(bot, given, "Ask the circus.", learn=False)
    says(uma, given, "Ask the circus.")


# --- helpers ---


def cards(bot: Bot, what: str) -> list[Shown]:
    """Every message in the staff room that names what was asked about."""
    return [one for one in by_app(bot.person("sam").messages(SUPPORT)) if what in one.text]


def shows(person: Person, card: Shown, heading: str, buttons: str) -> None:
    """Wait until the card shows a state."""
    becomes(person, card, lambda one: heading in one.text and labels(one) == buttons)


def says(person: Person, given: Handed, words: str) -> Shown:
    """Wait until the bot has said something to the asker."""
    return person.wait_for_message(given.question, lambda one: one.by_app and words in one.text)


def offers(person: Person, given: Handed) -> list[Shown]:
    return [one for one in replies(person, given.question) if "Is this settled?" in one.text]
