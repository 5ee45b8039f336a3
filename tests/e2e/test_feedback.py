"""What people say of answers: one live vote for each person and answer, taken back as easily, with reasons."""

import pytest

from bot.sandbox.client import InvalidInput, Shown
from tests.e2e.acts import ask, quiet, rows
from tests.e2e.conftest import TEAM, Bot
from tests.e2e.desk import REVIEW, audit_holds, correct, home, press, review_card, told

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(one_bot: Bot) -> Bot:
    return one_bot


# --- votes ---


def test_the_last_word_of_a_person_counts_whichever_way_it_came(bot: Bot) -> None:
    uma, answer = bot.person("uma"), answered(bot, "last-word", "How do I book a desk?", "Perch")
    uma.click(answer, "Helpful")
    uma.click(answer, "Helpful")
    assert votes(bot, answer) == {"U0UMA": "up"}
    uma.react(answer, "thumbsdown")
    assert votes(bot, answer) == {"U0UMA": "down"}
    uma.click(answer, "Helpful")
    assert votes(bot, answer) == {"U0UMA": "up"}
    assert changes(bot, answer) == ["up", "down", "up"]


@pytest.mark.parametrize(
    ("emoji", "rating"),
    [
        ("+1", "up"),
        ("thumbsup", "up"),
        ("+1::skin-tone-4", "up"),
        ("thumbsup::skin-tone-2", "up"),
        ("-1", "down"),
        ("thumbsdown::skin-tone-6", "down"),
        ("tada", None),
    ],
)
def test_a_reaction_is_a_vote_under_each_of_its_names_and_goes_with_it(
    bot: Bot, emoji: str, rating: str | None
) -> None:
    uma = bot.person("uma")
    channel = "emoji-" + emoji.replace("+", "plus").replace("::", "-").strip("-")
    answer = answered(bot, channel, "Can I have a locker?", "every floor")
    uma.react(answer, emoji)
    assert votes(bot, answer) == ({} if rating is None else {"U0UMA": rating})
    uma.unreact(answer, emoji)
    assert votes(bot, answer) == {}


def test_taking_an_old_thumb_off_leaves_the_newer_vote(bot: Bot) -> None:
    uma, answer = bot.person("uma"), answered(bot, "old-thumb", "Can I have a locker?", "every floor")
    uma.react(answer, "+1")
    uma.react(answer, "-1")
    assert votes(bot, answer) == {"U0UMA": "down"}
    uma.unreact(answer, "+1")
    assert votes(bot, answer) == {"U0UMA": "down"}


def test_everyone_who_can_read_an_answer_has_a_vote(bot: Bot) -> None:
    answer = answered(bot, "voters", "Can I have a locker?", "every floor")
    bot.person("uma").click(answer, "Helpful")
    bot.person("sam").click(answer, "Helpful")
    press(bot.person("ann"), answer, "Not helpful", "feedback_form")
    assert votes(bot, answer) == {"U0UMA": "up", "U0SAM": "up", "U0ANN": "down"}


def test_a_reaction_on_anything_but_an_answer_is_no_vote(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("no-answer")
    question, _ = ask(uma, channel, "@answerloop Can I have a locker?", holds="every floor")
    before = rows(bot, "select count(*) as n from vote_changes")
    uma.react(question, "+1")
    quiet(bot)
    assert rows(bot, "select count(*) as n from vote_changes") == before


# --- why ---


def test_a_thumbs_down_asks_why_and_keeps_it_without_contact_details(bot: Bot) -> None:
    uma = bot.person("uma")
    answer = answered(bot, "why", "Where do I find my payslip?", "Payslips")
    form = press(uma, answer, "Not helpful", "feedback_form")
    with pytest.raises(InvalidInput):
        uma.submit(form, {"comment": "No reason chosen."})
    uma.submit(form, {"reason": "unhelpful", "comment": "Write to uma@lumen.example instead."})
    told(uma, answer.channel, "Thank you")
    [kept] = explanations(bot, answer)
    assert kept["reason"] == "unhelpful"
    assert "instead" in kept["comment"]
    assert "uma@lumen.example" not in kept["comment"]


def test_the_same_form_sent_twice_counts_once(bot: Bot) -> None:
    uma = bot.person("uma")
    answer = answered(bot, "twice", "How do I find my cost centre?", "four digits")
    for _ in range(2):
        form = press(uma, answer, "Not helpful", "feedback_form")
        uma.submit(form, {"reason": "other", "comment": "Too short."})
    quiet(bot)
    assert len(explanations(bot, answer)) == 1


def test_a_thumbs_down_by_reaction_hints_at_the_form(bot: Bot) -> None:
    ann = bot.person("ann")
    answer = answered(bot, "hint", "How do I add a new supplier?", "Suppliers")
    ann.react(answer, "-1")
    hint = told(ann, answer.channel, "Would you tell me why?")
    assert hint.thread == answer.thread, "it stands where the answer does"
    assert not bot.person("uma").whispers(answer.channel), "only who voted sees it"
    ann.click(hint, "Tell me why")
    form = ann.wait_for_view("feedback_form")
    ann.submit(form, {"reason": "inappropriate"})
    quiet(bot)
    assert [one["reason"] for one in explanations(bot, answer)] == ["inappropriate"]
    ann.unreact(answer, "-1")
    assert votes(bot, answer) == {}


# --- what follows ---


def test_a_thumbs_down_without_a_correction_needs_an_answer_until_it_is_taken_back(bot: Bot) -> None:
    uma, ada, asked = bot.person("uma"), bot.person("ada"), "Can I have private parcels delivered to the office?"
    answer = answered(bot, "needs", asked, "10 kg")
    uma.react(answer, "-1")
    home(ada, lambda view: needs(view.text, asked))
    uma.unreact(answer, "-1")
    home(ada, lambda view: not needs(view.text, asked))
    uma.react(answer, "-1")
    home(ada, lambda view: needs(view.text, asked))
    correct(bot, answer, "Yes, up to 20 kg, at your own risk.")
    review_card(bot, "up to")
    home(ada, lambda view: not needs(view.text, asked))


def test_thumbs_up_in_new_words_wait_in_app_home_without_a_card_until_the_vote_turns(bot: Bot) -> None:
    uma, ada, asked = bot.person("uma"), bot.person("ada"), "vpn unstable at home, reconnects constantly"
    answer = answered(bot, "wording", asked, "TCP mode")
    before = len(ada.messages(REVIEW))
    uma.click(answer, "Helpful")
    home(ada, lambda view: asked in view.text)
    quiet(bot)
    assert len(ada.messages(REVIEW)) == before, "a wording has no card"
    assert len([one for one in uma.thread(answer) if one.by_app]) == 1
    press(bot.person("sam"), answer, "Not helpful", "feedback_form")
    home(ada, lambda view: asked not in view.text.partition("New wordings")[2].partition("Needs an answer")[0])


def test_thumbs_up_in_known_words_propose_nothing(bot: Bot) -> None:
    answer = answered(bot, "known-words", "How many holiday days do I get?", "30 days")
    before = rows(bot, "select count(*) as n from proposals")
    bot.person("uma").click(answer, "Helpful")
    quiet(bot)
    assert rows(bot, "select count(*) as n from proposals") == before


def test_the_audit_trail_holds_afterwards(bot: Bot) -> None:
    audit_holds(bot)


# --- helpers ---


def answered(bot: Bot, channel: str, question: str, holds: str) -> Shown:
    """An answer to Uma's question in a channel of its own, once the bot has noted where it stands."""
    _, answer = ask(bot.person("uma"), bot.channel(channel, (*TEAM, "U0GUS")), f"@answerloop {question}", holds=holds)
    quiet(bot)
    return answer


def votes(bot: Bot, answer: Shown) -> dict[str, str]:
    """The live votes on an answer by Slack user id, once everything is counted."""
    quiet(bot)
    found = rows(
        bot,
        "select people.external, votes.rating from votes join people on people.id = votes.person"
        " join decision_posts posts on posts.decision = votes.decision"
        " where posts.channel = ? and posts.ts = ? and votes.rating is not null",
        answer.channel,
        answer.ts,
    )
    return {one["external"]: one["rating"] for one in found}


def changes(bot: Bot, answer: Shown) -> list[str | None]:
    """Every vote on an answer, in order."""
    found = rows(
        bot,
        "select changes.after from vote_changes changes join decision_posts posts on posts.decision = changes.decision"
        " where posts.channel = ? and posts.ts = ? order by changes.at",
        answer.channel,
        answer.ts,
    )
    return [one["after"] for one in found]


def explanations(bot: Bot, answer: Shown) -> list[dict[str, str]]:
    """Every reason given for an answer."""
    return rows(
        bot,
        "select told.* from explanations told join decision_posts posts on posts.decision = told.decision"
        " where posts.channel = ? and posts.ts = ?",
        answer.channel,
        answer.ts,
    )


def needs(text: str, question: str) -> bool:
    """Whether App Home lists a question among those that need an answer."""
    return question in text.partition("Needs an answer")[2]
