"""What the bot says depends on where it is asked: other organisations, restricted answers, and a channel's settings."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import world
from bot.sandbox.client import InvalidInput, Shown
from tests.e2e.acts import (
    KNOWN,
    KNOWN_ANSWER,
    UNKNOWN,
    ask,
    at_once,
    decisions,
    forged,
    home_of,
    press,
    quiet,
    replies,
    rows,
    set_channel,
    stays_quiet,
)
from tests.e2e.conftest import Bot, labels, running_bot
from tests.e2e.desk import home

pytestmark = pytest.mark.e2e

#: For #finance only, and words that only its answer holds.
RESTRICTED, RESTRICTED_ANSWER = "When does the month-end close take place?", "month-end close"
#: For a user group only.
GROUPS_QUESTION, GROUPS_ANSWER = "Where is the spare key of the robot cupboard?", "under the third gnome"


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """One bot over signed HTTP; what it says where does not depend on the transport."""
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("places"), transport="http") as running:
        file = running.data_dir / "restricted.jsonl"
        entry = {"question": GROUPS_QUESTION, "answer": f"It lies {GROUPS_ANSWER}.", "audience": "group:S0SUPPORT"}
        file.write_text(json.dumps(entry))
        done = running.command("ingest", str(file))
        assert done.returncode == 0, done.stderr
        yield running


# --- guests and other organisations ---


def test_a_guest_is_declined_politely_until_an_admin_allows_the_channel(bot: Bot) -> None:
    channel = bot.channel("with-guests", (*world.CHANNELS[0].members[:5],))
    gus = bot.person("gus")
    question, reply = ask(gus, channel)
    assert "only answer members" in reply.text
    assert "admin" in reply.text, "nothing says what to do"
    [decision] = decisions(bot, question)
    assert (decision["kind"], decision["rule"]) == ("declined", "outsider")
    set_channel(bot, channel, "mentions", allow_shared=True)
    ask(gus, channel, holds=KNOWN_ANSWER)


def test_a_guest_is_declined_in_a_direct_message_too(bot: Bot) -> None:
    gus = bot.person("gus")
    _, reply = ask(gus, gus.direct, KNOWN)
    assert "only answer members" in reply.text


def test_in_a_shared_channel_nobody_is_answered_until_an_admin_allows_it(bot: Bot) -> None:
    channel = bot.channel("partners-too", ("U0UMA", "U0EVE"), is_ext_shared=True)
    uma, eve = bot.person("uma"), bot.person("eve")
    for person in (uma, eve):
        question, reply = ask(person, channel)
        assert "other organisations" in reply.text
        assert KNOWN_ANSWER not in reply.text
        [decision] = decisions(bot, question)
        assert (decision["kind"], decision["rule"]) == ("declined", "shared_channel")
    set_channel(bot, channel, "mentions", allow_shared=True)
    for person in (uma, eve):
        ask(person, channel, holds=KNOWN_ANSWER)


def test_a_channel_of_which_slack_says_nothing_counts_as_shared(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("unknown")
    _install(bot, without="channels:read")
    try:
        question, reply = ask(uma, channel)
    finally:
        _install(bot)
    assert "other organisations" in reply.text
    [decision] = decisions(bot, question)
    assert decision["rule"] == "shared_channel"


def test_a_member_is_not_taken_for_a_stranger_while_slack_is_busy(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("busy")
    # More often than one call is repeated by itself.
    bot.workspace.faults("rate_limit", count=5, method="users.info", retry_after=1)
    question = uma.say(channel, f"@answerloop {KNOWN}")
    uma.wait_for_message(question, lambda one: one.by_app and KNOWN_ANSWER in one.text, seconds=25)
    assert len(replies(uma, question)) == 1


# --- audience ---


def test_a_restricted_answer_is_given_where_only_its_readers_are(bot: Bot) -> None:
    ask(bot.person("uma"), "C0FINANCE", f"@answerloop {RESTRICTED}", holds=RESTRICTED_ANSWER)


def test_outsiders_do_not_find_a_restricted_answer(bot: Bot) -> None:
    sam, channel = bot.person("sam"), bot.channel("not-finance")
    question, reply = ask(sam, channel, f"@answerloop {RESTRICTED}")
    assert "Get a human" in labels(reply)
    assert "month-end" not in reply.text, "not even as one of the nearest questions"
    [decision] = decisions(bot, question)
    evidence = rows(
        bot,
        "select v.entry_id from decision_evidence d"
        " join entry_versions v on v.entry_id = d.entry and v.version = d.version"
        " where d.decision = ? and v.content like '%C0FINANCE%'",
        decision["id"],
    )
    assert not evidence


def test_a_reader_who_asks_in_a_wider_channel_gets_it_by_direct_message(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("wider")
    question, notice = ask(uma, channel, f"@answerloop {RESTRICTED}")
    assert "sent it to you directly" in notice.text
    assert "month-end close" not in notice.text.lower()
    answer = uma.wait_for_message(
        uma.direct, lambda one: one.by_app and "Helpful" in labels(one) and RESTRICTED_ANSWER in one.text
    )
    lead = [one for one in uma.messages(uma.direct) if one.by_app and one.ts < answer.ts][-1]
    assert RESTRICTED in lead.text
    [decision] = decisions(bot, question)
    assert decision["kind"] == "verbatim"
    assert len(replies(uma, question)) == 1


def test_a_groups_answer_is_for_its_members_alone(bot: Bot) -> None:
    sam, uma = bot.person("sam"), bot.person("uma")
    ask(sam, sam.direct, GROUPS_QUESTION, holds=GROUPS_ANSWER)
    ask(sam, "C0SUPPORT", f"@answerloop {GROUPS_QUESTION}", holds=GROUPS_ANSWER)
    _, reply = ask(uma, uma.direct, GROUPS_QUESTION)
    assert GROUPS_ANSWER not in reply.text


# --- a channel's settings ---


def test_in_mode_everything_every_new_message_is_a_question_and_small_talk_is_not(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("mode-everything")
    set_channel(bot, channel, "everything")
    ask(uma, channel, KNOWN, holds=KNOWN_ANSWER)
    for said in ("Thanks everybody!", "Good morning!", ":tada:"):
        message = uma.say(channel, said)
        assert stays_quiet(bot, uma, message), said


def test_in_mode_everything_a_shared_channel_is_not_told_again_and_again(bot: Bot) -> None:
    channel = bot.channel("everything-shared", ("U0UMA", "U0EVE"), is_ext_shared=True)
    set_channel(bot, channel, "everything")
    uma = bot.person("uma")
    message = uma.say(channel, KNOWN)
    assert stays_quiet(bot, uma, message)
    _, reply = ask(uma, channel)
    assert "other organisations" in reply.text


def test_in_mode_off_nothing_is_said(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("mode-off")
    set_channel(bot, channel, "off")
    message = uma.say(channel, f"@answerloop {KNOWN}")
    assert stays_quiet(bot, uma, message)


def test_a_draft_is_seen_by_staff_alone_until_they_send_it(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("mode-drafts")
    set_channel(bot, channel, "drafts")
    question = uma.say(channel, KNOWN)
    card = _draft(bot, question)
    assert KNOWN_ANSWER in card.text
    assert stays_quiet(bot, uma, question)
    [decision] = decisions(bot, question)
    assert decision["kind"] == "drafted"
    sam.click(card, "Send")
    answer = uma.wait_for_message(question, lambda one: one.by_app and KNOWN_ANSWER in one.text)
    assert "Helpful" in labels(answer)
    sam.wait_for(lambda: "Sent by" in sam.again(card).text)
    assert len(decisions(bot, question)) == 1


def test_a_draft_without_an_answer_says_so_to_staff_and_then_to_the_asker(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("drafts-unsure")
    set_channel(bot, channel, "drafts")
    question = uma.say(channel, UNKNOWN)
    card = _draft(bot, question)
    assert "found no answer" in card.text and "approved" not in card.text
    sam.click(card, "Send")
    uma.wait_for_message(question, lambda one: one.by_app and "Get a human" in labels(one))


def test_a_thumbs_up_on_a_draft_that_staff_sent_teaches_like_any_other(bot: Bot) -> None:
    uma, sam, ada, channel = bot.person("uma"), bot.person("sam"), bot.person("ada"), bot.channel("drafts-liked")
    set_channel(bot, channel, "drafts")
    wording = "vpn unstable at home, reconnects constantly"
    question = uma.say(channel, wording)
    sam.click(_draft(bot, question), "Send")
    answer = uma.wait_for_message(question, lambda one: one.by_app and "TCP mode" in one.text)
    uma.click(answer, "Helpful")
    home(ada, lambda view: wording in view.text)
    assert [one["rating"] for one in rows(bot, "select rating from votes")] == ["up"]
    # One voice against it, and nobody has to decide any more.
    uma.react(answer, "-1")
    home(ada, lambda view: wording not in view.text.partition("New wordings")[2].partition("Needs an answer")[0])


def test_a_thumbs_up_on_a_draft_without_an_answer_teaches_nothing(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("drafts-liked-unsure")
    set_channel(bot, channel, "drafts")
    question = uma.say(channel, UNKNOWN)
    sam.click(_draft(bot, question), "Send")
    told = uma.wait_for_message(question, lambda one: one.by_app and "Get a human" in labels(one))
    before = rows(bot, "select count(*) as n from proposals")
    uma.react(told, "+1")
    quiet(bot)
    assert rows(bot, "select count(*) as n from proposals") == before


def test_two_who_send_a_draft_at_once_send_one_answer(bot: Bot) -> None:
    uma, sam, ada, channel = bot.person("uma"), bot.person("sam"), bot.person("ada"), bot.channel("drafts-twice")
    set_channel(bot, channel, "drafts")
    question = uma.say(channel, KNOWN)
    card = _draft(bot, question)
    at_once(lambda: sam.click(card, "Send"), lambda: ada.click(card, "Send"))
    uma.wait_for_message(question, lambda one: one.by_app and KNOWN_ANSWER in one.text)
    told = sam.wait_for(lambda: [*sam.whispers("C0SUPPORT"), *ada.whispers("C0SUPPORT")])
    assert "decided on this draft already" in told[-1].text
    assert stays_quiet(bot, uma, question, after=1)


def test_only_staff_decide_on_drafts(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("drafts-forged")
    set_channel(bot, channel, "drafts")
    question = uma.say(channel, KNOWN)
    card = _draft(bot, question)
    [decision] = decisions(bot, question)
    forged(bot, uma.id, press("draft_send", f'{{"id":"{decision["id"]}"}}', card))
    assert stays_quiet(bot, uma, question)
    assert "Send" in labels(bot.person("sam").again(card))


def test_a_discarded_draft_is_never_said_and_the_asker_is_offered_a_person(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("drafts-discarded")
    set_channel(bot, channel, "drafts")
    question = uma.say(channel, f"@answerloop {KNOWN}")
    card = _draft(bot, question)
    sam.click(card, "Discard")
    sam.wait_for(lambda: "Discarded by" in sam.again(card).text)
    told = uma.wait_for_message(question, lambda one: one.by_app and "no answer that I could give" in one.text)
    [decision] = decisions(bot, question)
    forged(bot, sam.id, press("draft_send", f'{{"id":"{decision["id"]}"}}', card))
    assert stays_quiet(bot, uma, question, after=1)
    assert KNOWN_ANSWER not in uma.again(told).text
    assert "Discarded by" in sam.again(card).text
    uma.click(told, "Get a human")
    uma.wait_for_message(question, lambda one: one.by_app and "asked a colleague" in one.text)


def test_who_wants_a_person_gets_one_where_drafts_are_made(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("drafts-person")
    set_channel(bot, channel, "drafts")
    question = uma.say(channel, "@answerloop I want to talk to a human")
    uma.wait_for_message(question, lambda one: one.by_app and "asked a colleague" in one.text)


def test_a_draft_of_a_question_that_was_deleted_is_not_sent(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("drafts-deleted")
    set_channel(bot, channel, "drafts")
    question = uma.say(channel, KNOWN)
    card = _draft(bot, question)
    uma.delete(question)
    quiet(bot)
    sam.click(card, "Send")
    sam.wait_for(lambda: [one for one in sam.whispers("C0SUPPORT") if "deleted" in one.text])
    sam.wait_for(lambda: "Discarded by" in sam.again(card).text)
    assert not [one for one in uma.messages(channel) if one.by_app]


def test_drafts_are_refused_where_staff_cannot_read_the_channel(bot: Bot) -> None:
    with pytest.raises(InvalidInput) as refused:
        set_channel(bot, "C0FINANCE", "drafts", by="ann")
    assert "support channel" in refused.value.errors["mode"]
    ask(bot.person("uma"), "C0FINANCE", f"@answerloop {RESTRICTED}", holds=RESTRICTED_ANSWER)


def test_only_admins_set_channels(bot: Bot) -> None:
    sam, uma, channel = bot.person("sam"), bot.person("uma"), bot.channel("not-admins")
    for person in (sam, uma):
        assert "Channel settings" not in str(home_of(person).raw)
    chosen = {
        "channel": {"channel": {"type": "conversations_select", "selected_conversation": channel}},
        "mode": {"mode": {"type": "radio_buttons", "selected_option": {"value": "off"}}},
        "allow_shared": {"allow_shared": {"type": "checkboxes", "selected_options": []}},
    }
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": "channel_settings_form",
        "private_metadata": '{"id":"any"}',
        "state": {"values": chosen},
    }
    answer = forged(bot, sam.id, {"type": "view_submission", "view": view})
    assert answer.is_success
    sam.wait_for_message(sam.direct, lambda one: one.by_app and "Only an admin" in one.text)
    ask(uma, channel, holds=KNOWN_ANSWER)
    assert forged(bot, "U0ADA", {"type": "view_submission", "view": view}).is_success
    message = uma.say(channel, f"@answerloop {KNOWN}")
    assert stays_quiet(bot, uma, message), "what an admin sends in the same form counts"


def _draft(bot: Bot, question: Shown) -> Shown:
    sam = bot.person("sam")
    return sam.wait_for_message("C0SUPPORT", lambda one: one.by_app and question.ts.replace(".", "") in str(one.raw))


def _install(bot: Bot, *, without: str = "") -> None:
    scopes: list[Any] = sorted(world.BOT_SCOPES - {without})
    bot.workspace.post("/control/install", {"scopes": scopes, "events": sorted(world.BOT_EVENTS)})
