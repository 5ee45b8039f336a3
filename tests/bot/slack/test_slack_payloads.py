"""No payload crashes a listener, and what Slack says is understood whatever way it says it."""

import copy
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack import payloads
from bot.slack.actions import ButtonValue
from bot.slack.payloads import ReactionMeaning, workspace_id
from tests.bot.slack.payload_samples import (
    BOT,
    SAMPLES,
    click_body,
    command_body,
    deletion_body,
    edit_body,
    home_body,
    mention_body,
    message_body,
    reaction_body,
    shortcut_body,
    submission_body,
)

PARSERS: list[Callable[[object], Any]] = [
    payloads.parse_message,
    payloads.parse_edit,
    payloads.parse_deletion,
    payloads.parse_reaction,
    payloads.parse_home,
    payloads.parse_click,
    payloads.parse_feedback,
    payloads.parse_submission,
    payloads.parse_shortcut,
    payloads.parse_command,
]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=20,
)


def parsed_without_error(body: object) -> None:
    for parse in PARSERS:
        found = parse(body)
        if found is not None:
            for name in ("carried", "subject", "verb", "rest", "thread", "spoken", "private", "direct"):
                getattr(found, name, None)
            for text in strings(dataclasses.asdict(found)):
                text.encode("utf-8")
                assert "\x00" not in text, "PostgreSQL would refuse it"


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(key)
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


@given(JSON)
@settings(max_examples=300, deadline=None)
def test_no_json_whatever_crashes_a_parser(body: object) -> None:
    parsed_without_error(body)


@given(data=st.data())
@settings(max_examples=500, deadline=None)
def test_no_payload_with_any_part_replaced_or_missing_crashes_a_parser(data: st.DataObject) -> None:
    body = copy.deepcopy(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(1, 4))):
        mutate(body, data)
    parsed_without_error(body)


SURROGATE = "a\ud800b"
NASTY = st.sampled_from(["\x00", SURROGATE, "", "0" * 5000, [], {}, {SURROGATE: {SURROGATE: {"value": SURROGATE}}}])


def mutate(body: dict[str, Any], data: st.DataObject) -> None:
    """Replace or remove something at a random depth."""
    here: Any = body
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        inner = here[key]
        if isinstance(inner, dict | list) and inner and data.draw(st.booleans()):
            here = inner
            continue
        if isinstance(here, dict) and data.draw(st.booleans()):
            del here[key]
        else:
            here[key] = copy.deepcopy(data.draw(JSON | NASTY))
        return


def test_very_deep_json_does_not_crash_a_parser() -> None:
    deep: Any = {}
    for _ in range(50_000):
        deep = {"event": deep, "view": deep, "actions": [deep]}
    for parse in PARSERS:
        parse(deep)


def test_a_mention_and_its_message_are_the_same_to_us() -> None:
    as_mention = payloads.parse_message(mention_body())
    as_message = payloads.parse_message(message_body(text=f"<@{BOT}> hello"))
    assert as_mention is not None
    assert as_message is not None
    assert as_mention.mentions_bot
    assert as_message.mentions_bot
    assert (as_mention.channel, as_mention.ts) == (as_message.channel, as_message.ts)
    assert as_mention.channel_type == as_message.channel_type == "channel"
    assert as_mention.event_id != as_message.event_id


@pytest.mark.parametrize(
    ("text", "mentioned"),
    [
        (f"<@{BOT}> hi", True),
        (f"hi <@{BOT}|answerloop>", True),
        (f"&lt;@{BOT}&gt; hi", False),
        (f"@{BOT} hi", False),
        (f"<@{BOT}X> hi", False),
        ("", False),
    ],
)
def test_a_mention_is_read_from_the_text(text: str, mentioned: bool) -> None:
    message = payloads.parse_message(message_body(text=text))
    assert message is not None
    assert message.mentions_bot is mentioned


@pytest.mark.parametrize(
    ("said", "shared"), [({"is_ext_shared_channel": False}, False), ({"is_ext_shared_channel": True}, True), ({}, True)]
)
def test_a_channel_of_which_nothing_is_known_counts_as_shared(said: dict[str, bool], shared: bool) -> None:
    body = {key: value for key, value in message_body().items() if key != "is_ext_shared_channel"} | said
    message = payloads.parse_message(body)
    assert message is not None
    assert message.shared is shared


def test_the_workspace_is_the_one_that_installed_the_app() -> None:
    body = message_body() | {"team_id": "T0OTHER"}
    message = payloads.parse_message(body)
    assert message is not None
    assert message.origin.workspace == "T0ANSWER"


@pytest.mark.parametrize("key", ["user_team", "source_team", "team"])
def test_a_person_of_another_team_is_foreign(key: str) -> None:
    body = message_body()
    body["event"][key] = "T0OTHER"
    message = payloads.parse_message(body)
    assert message is not None
    assert message.foreign
    ours = payloads.parse_message(message_body())
    assert ours is not None
    assert not ours.foreign


def test_an_enterprise_leads_its_workspaces_id() -> None:
    body = message_body()
    body["authorizations"][0]["enterprise_id"] = "E1"
    body["event"]["user_team"] = "E1"
    message = payloads.parse_message(body)
    assert message is not None
    assert message.origin.workspace == workspace_id("T0ANSWER", "E1") == "E1.T0ANSWER"
    assert not message.foreign, "a person of the same enterprise is at home"
    click = payloads.parse_click(click_body() | {"enterprise": {"id": "E1", "name": "Lumen"}})
    assert click is not None
    assert click.asker.origin.workspace == "E1.T0ANSWER", "an event and a click name the workspace alike"


def test_apps_and_housekeeping_are_not_speech() -> None:
    def spoken(**event: Any) -> bool:
        message = payloads.parse_message(message_body(**event))
        assert message is not None
        return message.spoken

    assert spoken()
    assert spoken(subtype="file_share", files=[{"id": "F1"}])
    assert spoken(subtype="thread_broadcast")
    assert not spoken(bot_id="B0BOT")
    assert not spoken(subtype="channel_join")
    assert not spoken(subtype="bot_message", user="")


def test_a_direct_message_is_known_by_its_channel_where_slack_leaves_the_type_out() -> None:
    message = payloads.parse_message(message_body(channel="D0UMA", channel_type=None))
    assert message is not None
    assert message.direct
    assert message.private


def test_an_edit_is_not_a_new_message_and_a_silent_update_is_no_edit() -> None:
    assert payloads.parse_message(edit_body()) is None
    edit = payloads.parse_edit(edit_body())
    assert edit is not None
    assert (edit.ts, edit.text) == ("1700000000.000100", "hello again")
    unfurled = edit_body()
    unfurled["event"]["previous_message"]["text"] = "hello again"
    assert payloads.parse_edit(unfurled) is None


def test_a_deletion_is_seen_also_where_a_threads_first_message_becomes_a_tombstone() -> None:
    for body in (deletion_body(), deletion_body(tombstone=True)):
        assert payloads.parse_message(body) is None
        assert payloads.parse_edit(body) is None
        deleted = payloads.parse_deletion(body)
        assert deleted is not None
        assert deleted.ts == "1700000000.000100"


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("+1", ReactionMeaning.UP),
        ("thumbsup", ReactionMeaning.UP),
        ("+1::skin-tone-3", ReactionMeaning.UP),
        ("thumbsup::skin-tone-6", ReactionMeaning.UP),
        ("-1", ReactionMeaning.DOWN),
        ("thumbsdown::skin-tone-2", ReactionMeaning.DOWN),
        ("white_check_mark", ReactionMeaning.DONE),
        ("heavy_check_mark", ReactionMeaning.DONE),
        ("eyes", ReactionMeaning.OTHER),
        ("", ReactionMeaning.OTHER),
    ],
)
def test_thumbs_count_under_every_alias_and_skin_tone(name: str, meaning: ReactionMeaning) -> None:
    for kind in ("reaction_added", "reaction_removed"):
        reaction = payloads.parse_reaction(reaction_body(name, kind))
        assert reaction is not None
        assert (reaction.meaning, reaction.added) == (meaning, kind == "reaction_added")
        assert (reaction.channel, reaction.ts, reaction.user) == ("C0HELP", "1700000000.000100", "U0UMA")


def test_a_reaction_on_a_file_is_left_alone() -> None:
    body = reaction_body("+1")
    body["event"]["item"] = {"type": "file", "file": "F1"}
    assert payloads.parse_reaction(body) is None


def test_a_click_carries_what_the_button_held_and_where_it_stands() -> None:
    click = payloads.parse_click(click_body(value=ButtonValue("01A", "hash").encode()))
    assert click is not None
    assert click.carried == ButtonValue("01A", "hash")
    assert (click.channel, click.message_ts, click.thread) == ("C0HELP", "1700000000.000200", "1700000000.000100")
    assert (click.asker.user, click.asker.trigger_id) == ("U0UMA", "123.456.abc")


def test_a_menus_choice_is_what_a_click_carries() -> None:
    option = {"value": ButtonValue("01A", choice="stop").encode(), "text": {"type": "plain_text", "text": "Stop"}}
    click = payloads.parse_click(click_body(selected_option=option))
    assert click is not None
    assert click.carried == ButtonValue("01A", choice="stop")


def test_a_stale_or_foreign_button_carries_nothing() -> None:
    for value in ("", "approve-12", "[]", '{"id": 3}', "null", '{"id": ""}', "x" * 3000):
        click = payloads.parse_click(click_body(value=value))
        assert click is not None
        assert click.carried is None


@pytest.mark.parametrize(("choice", "up"), [("up", True), ("down", False)])
def test_a_feedback_thumb_names_the_decision(choice: str, up: bool) -> None:
    body = click_body(action_id="answer_feedback", value=ButtonValue("01D", choice=choice).encode())
    feedback = payloads.parse_feedback(body)
    assert feedback is not None
    assert (feedback.up, feedback.decision) == (up, "01D")
    assert payloads.parse_feedback(click_body(action_id="answer_feedback", value="good")) is None


def test_a_form_gives_its_values_by_field() -> None:
    form = payloads.parse_submission(
        submission_body(
            reason={"type": "radio_buttons", "selected_option": {"value": "incorrect"}},
            comment={"type": "plain_text_input", "value": None},
            wants_person={"type": "checkboxes", "selected_options": [{"value": "on"}]},
            propose={"type": "checkboxes", "selected_options": []},
            assignee={"type": "users_select", "selected_user": "U0SAM"},
            channel={"type": "conversations_select", "selected_conversation": "C0HELP"},
            threads_1={"type": "checkboxes", "selected_options": [{"value": "a"}, {"value": "b"}]},
            threads_2={"type": "checkboxes", "selected_options": [{"value": "c"}]},
            phrasings={"type": "plain_text_input", "value": " one \n\ntwo\none"},
        )
    )
    assert form is not None
    assert form.subject == ButtonValue("01A", "hash")
    values = form.values
    assert values.text("reason") == "incorrect"
    assert values.text("comment") == values.text("no such field") == ""
    assert values.holds("comment")
    assert not values.holds("no such field")
    assert values.ticked("wants_person")
    assert not values.ticked("propose")
    assert values.text("assignee") == "U0SAM"
    assert values.text("channel") == "C0HELP"
    assert values.chosen("threads") == ("a", "b", "c")
    assert values.lines("phrasings") == ("one", "two")


def test_a_command_is_a_verb_and_the_rest() -> None:
    command = payloads.parse_command(command_body("  ASK  how do I  reset? "))
    assert command is not None
    assert (command.verb, command.rest) == ("ask", "how do I  reset?")
    empty = payloads.parse_command(command_body(""))
    assert empty is not None
    assert (empty.verb, empty.rest) == ("", "")


def test_a_shortcut_names_the_message() -> None:
    shortcut = payloads.parse_shortcut(shortcut_body())
    assert shortcut is not None
    assert (shortcut.channel, shortcut.message_ts, shortcut.bot_id) == ("C0HELP", "1700000000.000200", "B0BOT")


def test_opening_home_and_opening_messages_differ() -> None:
    opened = [payloads.parse_home(home_body(tab)) for tab in ("home", "messages")]
    assert [one.tab for one in opened if one] == ["home", "messages"]


def test_text_that_a_database_would_refuse_is_made_storable() -> None:
    message = payloads.parse_message(message_body(text="a\x00b\ud800c"))
    assert message is not None
    assert message.text == "a\ufffdb\ufffdc"
    form = payloads.parse_submission(submission_body(**{SURROGATE: {"type": "plain_text_input", "value": SURROGATE}}))
    assert form is not None
    assert form.values.fields == {"a\ufffdb": ("a\ufffdb",)}


def test_another_app_kind_of_payload_is_nobodys() -> None:
    for parse in PARSERS:
        for body in (None, [], "", 3, {}, {"type": "event_callback"}, {"type": "shortcut", "callback_id": "x"}):
            assert parse(body) is None
