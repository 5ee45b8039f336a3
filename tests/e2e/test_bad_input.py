"""Bad input gets one clear line and changes nothing: odd messages, stale or forged buttons, requests nobody signed."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox import world
from bot.sandbox.client import Person, Shown
from bot.slack.app import CLICKS, FORMS, SHORTCUTS
from tests.e2e.acts import KNOWN, KNOWN_ANSWER, UNKNOWN, ask, decisions, forged, press, quiet, rows, stays_quiet
from tests.e2e.conftest import Bot, labels, running_bot

pytestmark = pytest.mark.e2e

#: Looks like an id of ours and names nothing.
NOTHING = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
#: What a button or a form may carry that nobody could press today.
ODD_VALUES = [
    pytest.param("", id="empty"),
    pytest.param("not json", id="garbage"),
    pytest.param(json.dumps({"id": NOTHING, "h": "0" * 12, "v": "up"}), id="nothing"),
]
#: Everything that people's clicks could change.
STATE = ("entries", "entry_versions", "proposals", "handoffs", "votes", "explanations", "channel_preferences", "audit")


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """One bot over signed HTTP, so that anything can be sent to it."""
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("bad-input"), transport="http") as running:
        yield running


# --- messages ---


@pytest.mark.parametrize(
    ("name", "said", "answered", "rule"),
    [
        ("empty", "@answerloop", "no question in your message", "empty_question"),
        ("punctuation", "@answerloop ...?!", "no question in your message", "empty_question"),
        ("emoji", "@answerloop :tada: :wave::skin-tone-3: 🎉", "from emoji alone", "emoji_only"),
        ("long", "@answerloop " + "How long is a string? " * 1817, "too long for me", "too_long"),
        ("french", "@answerloop Quel fromage accompagne le mieux ce vin blanc ?", "in English", "other_language"),
        ("japanese", "@answerloop 会社の駐車場はどこにありますか", "in English", "other_language"),
    ],
)  # fmt: skip
def test_a_message_that_is_no_question_gets_one_clear_line(
    bot: Bot, name: str, said: str, answered: str, rule: str
) -> None:
    uma, channel = bot.person("uma"), bot.channel(f"bad-{name}")
    before = _state(bot)
    question, reply = ask(uma, channel, said[:40_000])
    assert answered in reply.text
    assert stays_quiet(bot, uma, question, after=1)
    [decision] = decisions(bot, question)
    assert decision["rule"] == rule
    assert len(decision["question"]) <= 2_000
    assert _state(bot) == before


def test_the_longest_message_that_slack_takes_is_told_its_length(bot: Bot) -> None:
    uma = bot.person("uma")
    _, reply = ask(uma, uma.direct, "x" * 40_000)
    assert "40,000 characters" in reply.text


def test_control_characters_and_markup_are_read_as_words(bot: Bot) -> None:
    uma = bot.person("uma")
    odd = f"\u202e\x07 <b>{KNOWN}</b> {{{{ '7'*7 }}}} %s \u0000 '; drop table entries; --"
    _, reply = ask(uma, uma.direct, odd)
    assert labels(reply)
    assert rows(bot, "select count(*) as n from entries")[0]["n"] > 80


# --- buttons and forms ---


@pytest.mark.parametrize("action", sorted([*CLICKS, "answer_feedback"]))
@pytest.mark.parametrize("value", ODD_VALUES)
def test_a_button_that_names_nothing_is_answered_and_changes_nothing(bot: Bot, action: str, value: str) -> None:
    ada, message = _somewhere(bot, "buttons")
    before = _state(bot)
    answer = forged(bot, ada.id, press(action, value, message))
    assert answer.is_success, answer.text
    assert _state(bot) == before
    _is_told_plainly(ada)


def test_an_unknown_button_is_stale(bot: Bot) -> None:
    ada, message = _somewhere(bot, "unknown-button")
    assert forged(bot, ada.id, press("button_of_last_year", "{}", message)).is_success
    ada.wait_for(lambda: any("no longer does anything" in one.text for one in ada.whispers(message.channel)))


@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize("about", ODD_VALUES)
def test_a_form_that_names_nothing_is_answered_and_changes_nothing(bot: Bot, form: str, about: str) -> None:
    ada = bot.person("ada")
    before = _state(bot)
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": form,
        "private_metadata": about,
        "state": {"values": {"question": {"question": {"type": "plain_text_input", "value": None}}}},
    }
    answer = forged(bot, ada.id, {"type": "view_submission", "view": view})
    assert answer.is_success, answer.text
    assert _state(bot) == before
    _is_told_plainly(ada)


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "view_submission", "view": {"id": "V1", "type": "modal", "callback_id": "form_of_last_year"}},
        {"type": "shortcut", "callback_id": "shortcut_of_last_year", "trigger_id": "1.2.forged"},
    ],
    ids=["form", "shortcut"],
)
def test_a_form_or_shortcut_of_another_version_is_answered(bot: Bot, payload: dict[str, Any]) -> None:
    ann = bot.person("ann")
    told = len(ann.messages(ann.direct))
    assert forged(bot, ann.id, payload).is_success
    ann.wait_for(lambda: len(ann.messages(ann.direct)) == told + 1)
    assert "no longer know" in ann.messages(ann.direct)[-1].text


@pytest.mark.parametrize("shortcut", sorted(SHORTCUTS))
def test_a_shortcut_on_a_message_of_people_is_answered(bot: Bot, shortcut: str) -> None:
    ada, message = _somewhere(bot, "shortcuts")
    before = _state(bot)
    payload = {
        "type": "message_action",
        "callback_id": shortcut,
        "trigger_id": "1.2.forged",
        "channel": {"id": message.channel, "name": "somewhere"},
        "message": {"ts": message.ts, "text": "hello", "user": "U0UMA"},
        "message_ts": message.ts,
        "response_url": f"{bot.workspace.url}/response/none",
    }
    assert forged(bot, ada.id, payload).is_success
    ada.wait_for(lambda: any("answers of mine" in one.text for one in ada.whispers(message.channel)))
    assert _state(bot) == before


def test_an_approval_of_something_else_than_was_shown_is_refused(bot: Bot) -> None:
    ada, ann = bot.person("ada"), bot.person("ann")
    ada.command("C0HELP", "/kb", "add How do I feed the office parrot?")
    form = ada.wait_for_view("add_entry_form")
    ada.submit(form, {"answer": "With sunflower seeds, twice a day."})
    card = ann.wait_for_message("C0REVIEW", lambda one: one.by_app and "parrot" in one.text)
    [proposal] = rows(bot, "select id, state from proposals where state = 'pending'")
    before = rows(bot, "select count(*) as n from entry_versions")
    forged(bot, ann.id, press("proposal_approve", json.dumps({"id": proposal["id"], "h": "0" * 12}), card))
    ann.wait_for(lambda: any("changed" in one.text for one in ann.whispers("C0REVIEW")))
    assert rows(bot, "select count(*) as n from entry_versions") == before
    assert "Approve" in labels(ann.again(card))


def test_a_form_whose_time_is_over_is_asked_for_again(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("expired")
    _, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    bot.workspace.faults("expired_trigger")
    uma.click(answer, "Not helpful")
    uma.wait_for(lambda: any("press it again" in one.text for one in uma.whispers(channel)))
    uma.click(answer, "Not helpful")
    uma.close_view(uma.wait_for_view("feedback_form"))


# --- messages that are gone ---


def test_an_answer_whose_question_was_deleted_can_still_be_judged(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("gone")
    question, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    [decision] = decisions(bot, question)
    uma.delete(question)
    quiet(bot)
    uma.click(answer, "Helpful")
    uma.wait_for(lambda: rows(bot, "select 1 from votes where decision = ?", decision["id"]))


def test_a_person_is_fetched_for_a_question_that_was_deleted(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("gone-handoff")
    question, card = ask(uma, channel, f"@answerloop {UNKNOWN}")
    uma.delete(question)
    quiet(bot)
    uma.click(card, "Get a human")
    room = sam.wait_for_message("C0SUPPORT", lambda one: one.by_app and "(deleted)" in one.text)
    assert "trailer" not in room.text


def test_reactions_on_what_is_not_an_answer_are_let_be(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("reactions")
    message = uma.say(channel, "hello all")
    before = _state(bot)
    for name in ("+1", "-1", "white_check_mark", "thumbsup::skin-tone-3", "made_up_by_us"):
        uma.react(message, name)
        uma.unreact(message, name)
    assert stays_quiet(bot, uma, message)
    assert _state(bot) == before


# --- the wire ---


def test_what_slack_did_not_sign_is_refused_and_does_nothing(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("unsigned")
    _, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    [element] = [one for block in answer.blocks for one in block.get("elements", []) if "positive_button" in one]
    pressed = press("answer_feedback", element["positive_button"]["value"], answer)
    before = _state(bot)
    assert forged(bot, uma.id, pressed, secret="somebody-elses").status_code == 401
    for content in (b'{"type": "event_callback"}', b"{", b"[]"):
        unsigned = httpx.post(_url(bot), content=content, headers={"Content-Type": "application/json"}, trust_env=False)
        assert unsigned.status_code in (400, 401)
    assert _state(bot) == before


def test_an_event_with_a_bad_signature_is_answered_when_it_comes_with_a_good_one(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("bad-signature")
    bot.workspace.faults("bad_signature", count=2)
    question, _ = ask(uma, channel, holds=KNOWN_ANSWER)
    assert stays_quiet(bot, uma, question, after=1)
    refused = [one for one in bot.workspace.deliveries() if one["channel"] == channel and not one["ok"]]
    assert refused, "nothing was refused, so this shows nothing"


def test_a_busy_slack_is_waited_for(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("rate-limited")
    bot.workspace.faults("rate_limit", count=2, method="chat.postMessage", retry_after=1)
    began = time.monotonic()
    question, _ = ask(uma, channel, holds=KNOWN_ANSWER)
    assert time.monotonic() - began >= 2
    assert stays_quiet(bot, uma, question, after=1)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"type": 5}', b"payload=%7B"])
def test_a_signed_body_that_makes_no_sense_is_survived(bot: Bot, body: bytes) -> None:
    from bot.sandbox.http_delivery import signature

    now = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": now,
        "X-Slack-Signature": signature(world.SIGNING_SECRET, now, body),
    }
    answer = httpx.post(_url(bot), content=body, headers=headers, trust_env=False)
    assert answer.status_code < 500, answer.text


def test_after_all_this_the_log_names_no_unexpected_error(bot: Bot) -> None:
    log = bot.log.read_text()
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:3000]
    assert "reference" not in log, log[log.index("reference") - 500 :][:3000]


def _somewhere(bot: Bot, name: str) -> tuple[Person, Shown]:
    """An admin, and a message of somebody to press on."""
    channel = bot.channel(name)
    return bot.person("ada"), bot.person("uma").say(channel, "hello")


def _is_told_plainly(person: Person) -> None:
    """Nothing that this person was told is an apology for an error of ours."""
    said = [one.text for one in [*person.whispers("C0BUTTONS"), *person.messages(person.direct)]]
    wrong = [one for one in said if "went wrong" in one]
    assert not wrong, wrong[-1]


def _state(bot: Bot) -> dict[str, Any]:
    return {name: rows(bot, f"select count(*) as n from {name}") for name in STATE}


def _url(bot: Bot) -> str:
    return f"http://127.0.0.1:{bot.environment['ANSWERLOOP_HTTP_PORT']}/slack/events"
