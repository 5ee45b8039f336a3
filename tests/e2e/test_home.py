"""App Home: what waits, for whom it is, and what can be decided there without a card; and what is said once a day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.database import opened
from bot.sandbox.client import InvalidInput, OpenView, Shown
from bot.settings import alone
from kb.clock import utc_now
from kb.ids import new_ulid
from learning import feedback, people, recorder
from learning.conversations import Place
from learning.feedback import Rating
from learning.recorder import AnswerDecision, DecisionKind
from learning.redaction import redactor_for
from tests.e2e.acts import KNOWN, ask, decisions, quiet, rows, set_channel, stays_quiet
from tests.e2e.conftest import Bot, labels, running_bot
from tests.e2e.desk import (
    REVIEW,
    answer_of,
    audit_holds,
    becomes,
    hand_over,
    home,
    review_card,
    ticked,
)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot whose daily work is due every second, so that a test need not wait for seven o'clock."""
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("home"), daily_at="* * * * * *") as running:
        yield running


def test_one_daily_message_says_what_waits(bot: Bot) -> None:
    uma, ada = bot.person("uma"), bot.person("ada")
    assert not said_daily(bot), "nothing waits, so nothing is said"
    bot.person("uma").react(answered(bot, "daily", "Where do I find my payslip?", "Payslips"), "-1")
    told = ada.wait_for_message(REVIEW, lambda one: "Waiting in my Home tab" in one.text)
    assert "1 question that needs an answer" in told.text
    uma.react(answered(bot, "daily-again", "How do I find my cost centre?", "four digits"), "-1")
    quiet(bot)
    before = runs(bot)
    ada.wait_for(lambda: runs(bot) > before + 1, otherwise="the daily work is not done again")
    days = {one["key"] for one in rows(bot, "select key from effects where key like 'daily:%'")}
    assert len(said_daily(bot)) == len(days) <= len({f"{datetime.now(UTC):%F}"} | days)
    assert f"daily:{datetime.now(UTC):%F}" in days


def test_an_alarm_is_told_once_with_its_evidence(bot: Bot) -> None:
    ada = bot.person("ada")
    ask(bot.person("uma"), bot.channel("alarms"))  # so that there is a workspace in the records
    past(bot, answers=240, voters={"U0ANN": (Rating.UP, 22), "U0GUS": (Rating.DOWN, 12)})
    told = ada.wait_for_message(REVIEW, lambda one: "votes all go down" in one.text)
    assert "All 12 votes of <@U0GUS> go down" in str(told.blocks)
    thin = ada.wait_for_message(REVIEW, lambda one: "Hardly anybody rates my answers" in one.text)
    assert "gave 240 answers" in str(thin.blocks)
    before = runs(bot)
    ada.wait_for(lambda: runs(bot) > before + 1, otherwise="the daily work is not done again")
    alarms = [one for one in ada.messages(REVIEW) if ":warning:" in str(one.blocks)]
    assert len(alarms) == len(rows(bot, "select 1 from effects where key like 'alarm:%'")) == 2


def test_everyone_sees_their_own_requests_and_nobody_else_sees_the_teams_work(bot: Bot) -> None:
    uma, sam, gus = bot.person("uma"), bot.person("sam"), bot.person("gus")
    hand_over(bot, bot.channel("requests"), "walrus")
    mine = home(uma, lambda view: "Your open requests" in view.text)
    assert "walrus" in mine.text and "waiting" in mine.text
    for words in ("Waiting for the team", "Add an answer", "Needs an answer", "New wordings", "Channel settings"):
        assert words not in mine.text
    assert "walrus" not in home(gus, lambda view: "Ask me anything" in view.text).text
    team = home(sam, lambda view: "Waiting for the team" in view.text)
    assert "walrus" in team.text and "Add an answer" in team.text
    for words in ("Channel settings", "Waiting for your decision", "Approve ticked"):
        assert words not in team.text


def test_wordings_are_approved_together_and_undone_one_by_one(bot: Bot) -> None:
    uma, ada = bot.person("uma"), bot.person("ada")
    asked = "vpn unstable at home, reconnects constantly"
    other = "need a new password for the vpn, the old one isn't accepted"
    for number, (question, holds) in enumerate(((asked, "TCP mode"), (other, "id.lumen.example"))):
        uma.click(answered(bot, f"wordings-{number}", question, holds), "Helpful")
    view = home(ada, lambda one: asked in one.text and other in one.text)
    ada.click(view, "home_phrasing_toggle", [ticked(view, asked)])
    ada.click(view, "Approve ticked")
    ada.wait_for_message(ada.direct, lambda one: "1 wording approved." in one.text)
    view = home(ada, lambda one: "Wordings approved in the last seven days" in one.text)
    waiting = view.text.partition("New wordings")[2].partition("Wordings approved")[0]
    assert other in waiting and asked not in waiting
    quiet(bot)
    sure = confidence(bot, "sure", asked)
    ada.click(view, "Undo")
    home(ada, lambda one: "Wordings approved in the last seven days" not in one.text)
    quiet(bot)
    assert confidence(bot, "not-so-sure", asked) < sure
    assert not [one for one in ada.messages(REVIEW) if asked in one.text], "a wording has no card"


def test_only_an_admin_decides_on_wordings_however_the_press_comes(bot: Bot) -> None:
    ada, ann = bot.person("ada"), bot.person("ann")
    asked = "fresh notebook, how do I get onto the VPN?"
    bot.person("uma").click(answered(bot, "taken", asked, "Harbour VPN"), "Helpful")
    view = home(ann, lambda one: asked in one.text)
    ann.click(view, "home_phrasing_toggle", [ticked(view, asked)])
    home(ada, lambda one: asked in one.text)
    # Ada was faster: what Ann ticked is decided, and she is told that it stayed as it is.
    mine = home(ada, lambda one: asked in one.text)
    ada.click(mine, "home_phrasing_toggle", [ticked(mine, asked)])
    ada.click(mine, "Reject ticked")
    ada.wait_for_message(ada.direct, lambda one: "1 wording rejected." in one.text)
    ann.click(view, "Approve ticked")
    ann.wait_for_message(ann.direct, lambda one: "1 could not be approved" in one.text)


def test_a_question_that_needs_an_answer_gets_one_written_and_approved(bot: Bot) -> None:
    uma, sam, ada, asked = bot.person("uma"), bot.person("sam"), bot.person("ada"), "How is the hub's firmware updated?"
    answer = answered(bot, "needs", asked, "2:00 and 4:00")
    uma.react(answer, "thumbsdown")
    view = home(sam, lambda one: asked in one.text.partition("Needs an answer")[2])
    [line] = [one for one in view.blocks if asked in str(one.get("text")) and "accessory" in one]
    sam.click(OpenView(view.raw | {"blocks": [line]}), "Add an answer")
    form = sam.wait_for_view("add_entry_form")
    assert asked in str(form.values)
    with pytest.raises(InvalidInput):
        sam.submit(form, {"answer": ""})
    sam.submit(form, {"answer": "Every second Tuesday, by the night shift."})
    sam.wait_for_message(sam.direct, lambda one: "waits for an admin" in one.text)
    home(sam, lambda one: asked not in one.text.partition("Needs an answer")[2])
    card = review_card(bot, "night shift")
    assert "From an entry written by hand by <@U0SAM>" in card.text
    # It came up in an open thread, so the card stands there too.
    uma.wait_for_message(answer, lambda one: "Replace the known answer" in labels(one))
    ada.click(card, "Replace the known answer")
    ada.close_view(ada.wait_for_view("affected_threads_form"))
    becomes(ada, card, lambda one: "Approved by" in one.text)
    assert "night shift" in answer_of(bot, uma, answer.channel, asked, "night shift").text


def test_what_was_asked_in_private_is_in_the_admins_list_alone(bot: Bot) -> None:
    uma, sam, ada, asked = bot.person("uma"), bot.person("sam"), bot.person("ada"), "Can I have a locker?"
    question = uma.say(uma.direct, asked)
    answer = uma.wait_for_message(question, lambda one: "every floor" in one.text)
    quiet(bot)
    uma.react(answer, "-1")
    home(ada, lambda view: asked in view.text.partition("Needs an answer")[2])
    assert asked not in home(sam, lambda view: "Add an answer" in view.text).text


def test_staff_add_an_answer_and_an_admin_approves_it(bot: Bot) -> None:
    sam, ada = bot.person("sam"), bot.person("ada")
    sam.click(home(sam, lambda view: "Add an answer" in view.text), "home_add_entry")
    form = sam.wait_for_view("add_entry_form")
    asked = "Who feeds the office goldfish?"
    sam.submit(form, {"question": asked, "answer": "Mira, every noon.", "phrasings": "Goldfish food?\nFish feeding?"})
    card = review_card(bot, "Mira, every noon")
    assert "• Goldfish food?" in card.text
    ada.click(card, "Approve")
    becomes(ada, card, lambda one: "Approved by" in one.text)
    assert "Mira" in answer_of(bot, bot.person("uma"), bot.channel("goldfish"), "Fish feeding?", "Mira").text


def test_an_admin_sets_what_the_bot_does_in_a_channel(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("settings")
    set_channel(bot, channel, "everything")
    question, _ = ask(uma, channel, KNOWN, holds="id.lumen.example")
    set_channel(bot, channel, "off")
    silent = uma.say(channel, f"@answerloop {KNOWN}")
    assert stays_quiet(bot, uma, silent)
    assert question.ts != silent.ts


def test_the_audit_trail_holds_afterwards(bot: Bot) -> None:
    assert audit_holds(bot) >= 4


# --- helpers ---


def answered(bot: Bot, channel: str, question: str, holds: str) -> Shown:
    """An answer to Uma's question in a channel of its own, once the bot has noted where it stands."""
    _, answer = ask(bot.person("uma"), bot.channel(channel), f"@answerloop {question}", holds=holds)
    quiet(bot)
    return answer


def confidence(bot: Bot, channel: str, question: str) -> float:
    """How sure the bot is when this is asked now."""
    asked, _ = ask(bot.person("uma"), bot.channel(channel), f"@answerloop {question}")
    return float(decisions(bot, asked)[0]["confidence"])


def past(bot: Bot, *, answers: int, voters: dict[str, tuple[Rating, int]]) -> None:
    """Answers that were given in the days before, and votes on the first of them that came too late to count there.

    Args:
        voters: of each Slack user which way and how often they vote.
    """
    then, now = utc_now() - timedelta(days=3), utc_now()
    with opened(alone(data_dir=bot.data_dir)) as database, database.sessions.begin() as session:
        [workspace] = recorder.workspaces(session)
        redactor = redactor_for(session, workspace, database.vault, now=now)
        given = []
        for number in range(answers):
            place = Place("C0PAST", str(number))
            said = AnswerDecision(place, str(number), DecisionKind.VERBATIM, "confident", "What?")
            made = recorder.record(
                session, workspace, said, redactor=redactor, vault=database.vault, now=then, ids=new_ulid
            )
            given.append(made.id)
        for user, (rating, count) in voters.items():
            person = people.person_for(session, workspace, user, now=now, ids=new_ulid)
            for decision in given[:count]:
                feedback.vote(session, workspace, decision, person, rating, via="button", now=now, ids=new_ulid)


def said_daily(bot: Bot) -> list[Shown]:
    """The daily messages so far."""
    return [one for one in bot.person("ada").messages(REVIEW) if "Waiting in my Home tab" in one.text]


def runs(bot: Bot) -> int:
    """How often the daily work was done."""
    [found] = rows(bot, "select count(*) as n from workflow_status where name = 'daily' and status = 'SUCCESS'")
    return int(found["n"])
