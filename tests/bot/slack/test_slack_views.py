"""What views promise beyond their looks: nothing cut off, nothing approved unread, ids and hashes only in buttons."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import actions
from bot.slack.actions import ButtonValue, decode
from bot.slack.manifest import BOT_EVENTS, manifest
from bot.slack.payloads import FormState, parse_submission
from bot.slack.views import answers, forms, handoffs, home, notices, proposals, times
from bot.slack.views.answers import AbstainedCard, AnswerCard, Nearest, Source
from bot.slack.views.diff import changed_words
from bot.slack.views.forms import AffectedThread
from bot.slack.views.handoffs import CardState, HandoffCard
from bot.slack.views.home import HomeCard, WaitingPhrasing
from bot.slack.views.proposals import CardKind, ProposalCard, Target
from tests.bot.slack.payload_samples import submission_body
from tests.bot.slack.slack_limits import buttons, objects, shown
from tests.bot.slack.view_samples import every_view

LONG = "\n\n".join(f"Paragraph {n} says one thing. Then it says another, with a word{n}." for n in range(600))


def test_a_long_answer_is_given_in_full_over_several_messages() -> None:
    messages = answers.answer(AnswerCard("01D", LONG, (Source("the source"),)))
    assert len(messages) > 3
    everything = "\n".join(shown(message) for message in messages)
    assert [word for word in LONG.split() if word not in everything] == []
    assert everything.count("Paragraph") == 600
    for message in messages[:-1]:
        assert not buttons(message), "only the last message is rated"
    assert "the source" in shown(messages[-1])


def test_every_answer_and_every_not_sure_ends_in_a_way_to_a_person() -> None:
    for card in (AnswerCard("01D", "Yes."), AnswerCard("01D", "Maybe.", generated=True)):
        assert actions.GET_PERSON in buttons(answers.answer(card)[-1])
    assert actions.GET_PERSON in buttons(answers.abstained(AbstainedCard("01D")))
    assert actions.GET_PERSON not in buttons(answers.abstained(AbstainedCard("01D", person_available=False)))


def test_three_nearest_questions_are_offered_each_in_full() -> None:
    long = "Why is the export of my project with all its attachments and comments not in my mailbox after a day?"
    nearest = tuple(Nearest(f"01E{n}", f"{long} ({n})") for n in range(5))
    message = answers.abstained(AbstainedCard("01D", nearest))
    values = [one["value"] for one in objects(message) if one.get("action_id") == actions.NEAREST_QUESTION]
    assert [decode(value) for value in values] == [ButtonValue("01D", choice=f"01E{n}") for n in range(3)]
    for number in range(3):
        assert f"{long} ({number})" in shown(message)


def test_feedback_buttons_name_the_decision_and_the_rating() -> None:
    [thumbs] = [one for one in objects(answers.tail(AnswerCard("01D", "x"))) if one.get("type") == "feedback_buttons"]
    assert decode(thumbs["positive_button"]["value"]) == ButtonValue("01D", choice="up")
    assert decode(thumbs["negative_button"]["value"]) == ButtonValue("01D", choice="down")


MARK = "Zebra<!channel>"


def test_buttons_and_forms_carry_ids_and_hashes_and_never_text() -> None:
    for name, view in every_view(lambda text: MARK).items():
        for part in objects(list(view) if isinstance(view, tuple) else view):
            for key in ("value", "private_metadata", "block_id", "action_id", "callback_id"):
                assert "Zebra" not in str(part.get(key, "")), f"{name} carries text in {key}"
            carried = part.get("value") if part.get("type") == "button" else part.get("private_metadata")
            if carried is not None:
                assert decode(carried) is not None, f"{name} carries {carried}"


def proposal(answer: str, **more: Any) -> ProposalCard:
    return ProposalCard("01P", "hash", CardKind.NEW_ENTRY, "When do I get my refund?", answer, **more)


def test_what_is_approved_with_one_click_was_shown_in_full() -> None:
    short = proposals.proposal(proposal("Within **5** days."))
    assert {actions.PROPOSAL_APPROVE, actions.PROPOSAL_EDIT, actions.PROPOSAL_REJECT} == set(buttons(short))
    long = proposals.proposal(proposal(LONG))
    assert actions.PROPOSAL_APPROVE not in buttons(long)
    assert actions.PROPOSAL_EDIT in buttons(long)
    many = proposals.proposal(proposal("Soon.", phrasings=tuple(f"{'refund ' * 20} {n}" for n in range(80))))
    assert actions.PROPOSAL_APPROVE not in buttons(many), "wordings are approved with the answer, so they count too"


def test_every_button_of_a_proposal_carries_the_hash_of_what_is_shown() -> None:
    for kind in CardKind:
        card = ProposalCard("01P", "hash", kind, "Q?", "A.", target=Target("Known?", "B.", 2))
        elements = [one for one in objects(proposals.proposal(card)) if one.get("type") == "button"]
        assert elements
        assert {one["value"] for one in elements} == {ButtonValue("01P", "hash").encode()}


def test_a_conflict_has_to_be_decided_by_the_reviewer() -> None:
    card = ProposalCard("01P", "hash", CardKind.CONFLICTS, "Q?", "Five days.", target=Target("Q?", "Ten days.", 2))
    message = proposals.proposal(card)
    assert actions.PROPOSAL_APPROVE not in buttons(message)
    assert {actions.PROPOSAL_REPLACE, actions.PROPOSAL_KEEP_BOTH} <= set(buttons(message))
    assert "Five days." in shown(message)
    assert "Ten days." in shown(message)


def test_contact_details_are_pointed_out_and_confirmed() -> None:
    message = proposals.proposal(proposal("Write to a@b.example.", contacts=("a@b.example",)))
    [approve] = [one for one in objects(message) if one.get("action_id") == actions.PROPOSAL_APPROVE]
    assert "a@b.example" in approve["confirm"]["text"]["text"]
    form = forms.edit_form("01P", "h", question="q", answer="a@b.example", contacts=("a@b.example",))
    [box] = [one for one in form["blocks"] if one.get("block_id") == actions.FIELD_CONTACTS_CONFIRMED]
    assert box["optional"] is False


def test_a_replacement_shows_what_changes_against_the_known_answer() -> None:
    known = Target("How long do refunds take?", "Refunds take 5 days by card.", 3)
    card = ProposalCard(
        "01P", "h", CardKind.REPLACES, "When is my refund?", "Refunds take 3 days by card.", target=known
    )
    text = shown(proposals.proposal(card))
    assert "Refunds take ~5~ *3* days by card." in text
    assert "How long do refunds take?" in text


def test_a_decided_card_is_one_line_and_offers_only_undo() -> None:
    for verdict in proposals.Verdict:
        card = proposals.DecidedCard("01P", verdict, "Q?", "U0ADA", undoable=verdict is proposals.Verdict.APPROVED)
        message = proposals.decided(card)
        assert len(message["blocks"]) == 1
        assert "\n" not in message["text"]
        expected = {actions.PROPOSAL_UNDO} if card.undoable else set()
        assert set(buttons(message)) == expected


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("a b c d", "a x c d", "a ~b~ *x* c d"),
        ("a b c", "a b c", "a b c"),
        ("keep this <!channel>", "keep this <!here>", "keep this ~&lt;!channel&gt;~ *&lt;!here&gt;*"),
        ("one two three\nfour five", "one two three\nfour six", "one two three\nfour ~five~ *six*"),
        ("all of this is new", "nothing in common here", None),
        ("a " * 2000, "a " * 2000, None),
    ],
)
def test_a_diff_marks_words_where_that_is_readable(old: str, new: str, marked: str | None) -> None:
    assert changed_words(old, new) == marked


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (CardState.OPEN, {actions.HANDOFF_CLAIM}),
        (CardState.CLAIMED, {actions.HANDOFF_RESOLVE, actions.HANDOFF_RELEASE, actions.HANDOFF_REASSIGN}),
        (CardState.RESOLVED, {actions.HANDOFF_REOPEN}),
        (CardState.CANCELLED, set()),
    ],
)
def test_a_handoff_card_offers_what_can_follow(state: CardState, offered: set[str]) -> None:
    assert set(buttons(handoffs.card(HandoffCard("01H", state, "Help", "U0UMA")))) == offered


def test_relayed_words_name_the_agent_and_keep_every_word() -> None:
    messages = handoffs.relayed_to_asker("Sam <!here>", LONG)
    assert shown(messages[0]).startswith("*Sam &lt;!here&gt; from support*")
    everything = "\n".join(shown(message) for message in messages)
    assert everything.count("Paragraph") == 600


def test_a_name_in_capitals_is_no_mention() -> None:
    assert "<@" not in handoffs.claimed("WENDY")["text"]
    assert "<@U0SAM>" in handoffs.claimed("U0SAM")["text"]


NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zone", "words"),
    [
        (datetime(2026, 11, 20, 22, 45, tzinfo=UTC), "UTC", "today at 22:45"),
        (datetime(2026, 11, 20, 23, 30, tzinfo=UTC), "UTC", "today at 23:30"),
        (datetime(2026, 11, 20, 23, 30, tzinfo=UTC), "Europe/Berlin", "tomorrow at 00:30"),
        (datetime(2026, 11, 21, 9, 0, tzinfo=UTC), "America/New_York", "tomorrow at 04:00"),
        (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), "Europe/Berlin", "Monday at 10:00"),
        (datetime(2026, 12, 7, 9, 0, tzinfo=UTC), "Asia/Kolkata", "Mon 7 Dec at 14:30"),
        (datetime(2026, 11, 21, 9, 0, tzinfo=UTC), "Mars/Olympus", "tomorrow at 09:00 UTC"),
        (datetime(2026, 11, 21, 9, 0, tzinfo=UTC), "", "tomorrow at 09:00 UTC"),
        (datetime(2026, 11, 21, 9, 0, tzinfo=UTC), "../etc/passwd", "tomorrow at 09:00 UTC"),
    ],
)
def test_a_moment_is_told_in_the_readers_own_time_zone(moment: datetime, zone: str, words: str) -> None:
    assert times.spoken(moment, zone, NOW) == words


def sent(form: dict[str, Any], *, trimmed: bool = False) -> FormState:
    """The form as Slack sends it where nobody changed anything."""
    values: dict[str, Any] = {}
    for block in form["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            value = element.get("initial_value")
            typed = value.strip() if trimmed and value else value
            values[block["block_id"]] = {"type": element["type"], "value": typed} | {
                "selected_options": element.get("initial_options", [])
            }
    submission = parse_submission(submission_body(**values))
    assert submission is not None
    return submission.values


@pytest.mark.parametrize(
    "answer", ["Refunds take **5** days.", LONG, "x" * 10_000, "Zeile\n" * 2000, "one two " * 1500]
)
def test_an_edited_answer_of_any_length_comes_back_whole(answer: str) -> None:
    form = forms.edit_form("01P", "h", question="q", answer=answer)
    assert sent(form).long_text(actions.FIELD_ANSWER) == answer.strip()


def test_an_edited_answer_keeps_its_words_apart_where_a_client_trims_fields() -> None:
    form = forms.edit_form("01P", "h", question="q", answer=LONG)
    assert sent(form, trimmed=True).long_text(actions.FIELD_ANSWER).split() == LONG.split()


def test_wordings_come_back_one_per_line_however_many() -> None:
    phrasings = tuple(f"how long does my refund number {n} take" for n in range(300))
    form = forms.edit_form("01P", "h", question="q", answer="a", phrasings=phrasings)
    assert sent(form).lines(actions.FIELD_PHRASINGS) == phrasings


def test_what_no_form_can_hold_is_left_as_it_is_and_not_cut() -> None:
    form = forms.edit_form("01P", "h", question="q", answer="word " * 20_000)
    assert not sent(form).holds(actions.FIELD_ANSWER)
    assert sent(form).holds(actions.FIELD_QUESTION)


def test_every_affected_thread_can_be_ticked() -> None:
    threads = tuple(AffectedThread(f"01D{n}", f"question {n}", "#help", "today") for n in range(35))
    form = forms.affected_threads_form("01R", threads, "The right answer.")
    boxes = [block for block in form["blocks"] if block.get("block_id", "").startswith(actions.FIELD_THREADS)]
    assert [len(box["element"]["options"]) for box in boxes] == [10, 10, 10, 5]
    ticked = {box["block_id"]: {"type": "checkboxes", "selected_options": box["element"]["options"]} for box in boxes}
    submission = parse_submission(submission_body(**ticked))
    assert submission is not None
    assert submission.values.chosen(actions.FIELD_THREADS) == tuple(f"01D{n}" for n in range(35))


def test_waiting_wordings_are_shown_in_full_beside_their_boxes() -> None:
    short, long = "when is my refund", "refund " * 60
    card = HomeCard(
        admin=True,
        phrasings=(
            WaitingPhrasing("01A", "h1", short, "How long do refunds take?"),
            WaitingPhrasing("01B", "h2", long, "How long do refunds take?"),
        ),
    )
    view = home.home(card)
    [boxes] = [one for one in objects(view) if one.get("type") == "checkboxes"]
    assert [decode(option["value"]) for option in boxes["options"]] == [ButtonValue("01A", "h1")]
    assert boxes["action_id"] == actions.HOME_PHRASING_TOGGLE


def test_only_admins_see_what_waits_for_their_decision() -> None:
    waiting = (WaitingPhrasing("01A", "h", "refund?", "How long do refunds take?"),)
    for card, visible in ((HomeCard(phrasings=waiting), False), (HomeCard(staff=True, phrasings=waiting), False)):
        assert ("refund?" in json.dumps(home.home(card))) is visible
    assert "refund?" in json.dumps(home.home(HomeCard(admin=True, phrasings=waiting)))


@given(st.text(min_size=1), st.text(), st.text())
def test_a_button_value_comes_back_as_it_was(id_: str, shown_hash: str, choice: str) -> None:
    value = ButtonValue(id_, shown_hash, choice)
    if len(value.encode()) <= 2000:
        assert decode(value.encode()) == value


@given(st.text() | st.none() | st.integers() | st.recursive(st.none(), st.lists).map(str) | st.just("[" * 1900))
def test_no_button_value_crashes_the_decoder(value: object) -> None:
    found = decode(value)
    assert found is None or found.id


def test_suggested_prompts_are_at_most_four() -> None:
    prompts = notices.suggested_prompts(["How do I reset?", " ", *[f"question {n}" for n in range(9)]])["prompts"]
    assert [one["message"] for one in prompts] == ["How do I reset?", "question 0", "question 1", "question 2"]
    assert notices.suggested_prompts([])["prompts"]


def test_the_manifest_names_what_the_bot_listens_to() -> None:
    socket = manifest()
    assert socket["settings"]["socket_mode_enabled"] is True
    assert socket["features"]["app_home"]["messages_tab_read_only_enabled"] is False
    assert "agent_view" in socket["features"]
    assert {one["callback_id"] for one in socket["features"]["shortcuts"]} == {
        actions.STOP_USING_THIS,
        actions.CORRECT_THIS,
        actions.WHY_THIS,
    }
    assert [one["command"] for one in socket["features"]["slash_commands"]] == [actions.COMMAND]
    assert socket["settings"]["event_subscriptions"]["bot_events"] == list(BOT_EVENTS)
    assert "request_url" not in json.dumps(socket)
    assert len(socket["display_information"]["description"]) <= 140
    assert all(len(one["name"]) <= 24 for one in socket["features"]["shortcuts"])


def test_over_http_every_request_goes_to_the_one_address() -> None:
    over_http = manifest(request_url="https://bot.example/slack/events")
    assert over_http["settings"]["socket_mode_enabled"] is False
    addresses = {
        over_http["settings"]["event_subscriptions"]["request_url"],
        over_http["settings"]["interactivity"]["request_url"],
        over_http["features"]["slash_commands"][0]["url"],
    }
    assert addresses == {"https://bot.example/slack/events"}
