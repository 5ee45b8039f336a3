"""No payload crashes a listener: every button, form, shortcut, command and event, with anything in it.

What a listener did not expect is caught, logged with a reference and told to the person; here nothing may come to that.
"""

import copy
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bolt import Ack, App, BoltRequest, BoltResponse

from bot.desk import entries, handoffs
from bot.desk import proposals as desk
from bot.slack import actions, app
from bot.slack.actions import ButtonValue
from learning.conversations import Place, Privacy
from learning.handoffs import HandoffReason
from learning.people import Actor, Role
from learning.proposals import Origin, ProposalDraft, Source
from tests.bot.desk_world import WORKSPACE, DeskWorld, desk_world
from tests.bot.sandbox.test_sandbox_fuzz import places
from tests.bot.slack.payload_samples import (
    SAMPLES,
    click_body,
    command_body,
    event_body,
    reaction_body,
    shortcut_body,
    submission_body,
)
from tests.e2e.acts import KNOWN

#: Texts that have broken something somewhere.
NASTY = st.sampled_from(
    ["", " ", "\x00", "\ud800", "<!channel>", "{}", "[]", "null", "9" * 30, "🎉" * 50, "1.2", "C0HELP"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | NASTY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "value"]), inner),
    max_leaves=6,
)
USERS = st.sampled_from(["U0UMA", "U0SAM", "U0ADA", "U0ANN", "U0GUS", "U0BOT", "UNKNOWN", ""])
FIELDS = sorted(value for name, value in vars(actions).items() if name.startswith("FIELD_") and isinstance(value, str))
CHOICES = ("", "up", "down", actions.MENU_STOP, actions.MENU_CORRECT, "none")


@dataclass
class Listening:
    """The app, what its buttons can be about, and what went wrong unexpectedly."""

    app: App
    #: Ids of things that are there: an answer, an entry, a proposal, a handoff, a stop.
    known: tuple[str, ...]
    wrong: list[str]

    def take(self, body: dict[str, Any], spoilt: Any = None) -> None:
        """Give the app a payload as it arrives over the socket.

        Args:
            spoilt: what the listener that takes `body` gets in its place: Bolt itself finds the listener by parts of
                the payload, and stumbles where these are spoilt.
        """
        self.wrong.clear()
        request = BoltRequest(body=copy.deepcopy(body), mode="socket_mode")
        if spoilt is None or spoilt == body:
            assert self.app.dispatch(request).status == 200
        else:
            answer = BoltResponse(status=200)
            listener = next(one for one in self.app._listeners if one.matches(req=request, resp=answer))
            given = {"ack": Ack(), "body": copy.deepcopy(spoilt)}
            listener.ack_function(**{name: given[name] for name in listener.arg_names})
        assert not self.wrong, self.wrong


class _Errors(logging.Handler):
    def __init__(self, wrong: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._wrong = wrong

    def emit(self, record: logging.LogRecord) -> None:
        self._wrong.append(record.getMessage())


@pytest.fixture(scope="module")
def listening(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    with desk_world(knowledge_folder, tmp_path_factory.mktemp("listening") / "data") as world:
        wrong: list[str] = []
        handler = _Errors(wrong)
        logging.getLogger().addHandler(handler)
        yield Listening(app.build(world.services), _things(world), wrong)
        logging.getLogger().removeHandler(handler)


def _things(world: DeskWorld) -> tuple[str, ...]:
    """One of everything that a button may be about."""
    services, sam = world.services, world.person("U0SAM")
    asked = world.asked("C0HELP", "1700000000.000100", KNOWN)
    decision = world.decided(asked)
    world.said(asked, "1700000000.000200")
    assert handoffs.hand_over_decision(services, WORKSPACE, decision, HandoffReason.BUTTON)
    source = Source(Origin.ADD_COMMAND, sam, Place("added", "1"), Privacy.DIRECT)
    proposed = desk.added(services, WORKSPACE, ProposalDraft("Who owns the bell?", "Otto does."), source)
    assert proposed is not None
    other = world.asked("C0HELP", "1700000000.000300", "Can I have a locker?")
    stopped = world.decided(other)
    world.said(other, "1700000000.000400")
    staff = Actor(sam, frozenset({Role.USER, Role.STAFF, Role.ADMIN}))
    entry = entries.stop(services, WORKSPACE, stopped, staff, Place("C0HELP", "1700000000.000300"))
    with services.sessions() as session:
        handoff = handoffs.live(session, WORKSPACE, asked.conversation)
    assert handoff is not None
    [stop] = {one.split(":")[2] for one in world.work("show_stop")}
    return (decision, stopped, entry.id, proposed.proposal.id, handoff.id, stop)


@st.composite
def carried(draw: st.DrawFn, known: tuple[str, ...]) -> str:
    """What a button carries: an id of something, of whatever kind, or anything else."""
    if draw(st.booleans()):
        shown, choice = draw(st.sampled_from(["", "0" * 12])), draw(st.sampled_from([*CHOICES, *known]))
        return ButtonValue(draw(st.sampled_from(known)), shown, choice).encode()
    return draw(
        NASTY | ANYTHING.map(json.dumps) | st.builds(lambda one: ButtonValue(one).encode(), st.text(max_size=5))
    )


@st.composite
def spoilt(draw: st.DrawFn, body: dict[str, Any]) -> dict[str, Any]:
    """A payload in which a few values were replaced by others of any kind."""
    made = copy.deepcopy(body)
    for _ in range(draw(st.integers(0, 2))):
        path = draw(st.sampled_from([one for one in places(made) if one]))
        target: Any = made
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = draw(ANYTHING)
    return made


@st.composite
def element(draw: st.DrawFn, known: tuple[str, ...]) -> Any:
    """What a field of a form held."""
    words = NASTY | st.text(max_size=20) | carried(known)
    option = st.fixed_dictionaries({"value": words})
    return draw(
        ANYTHING
        | st.fixed_dictionaries({"type": st.just("plain_text_input"), "value": words})
        | st.fixed_dictionaries({"selected_option": option})
        | st.fixed_dictionaries({"selected_options": st.lists(option, max_size=3)})
        | st.fixed_dictionaries({"selected_user": USERS})
        | st.fixed_dictionaries({"selected_channel": st.sampled_from(["C0HELP", "C0FINANCE", "C0NOWHERE"])})
    )


CAREFUL = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("action", [actions.ANSWER_FEEDBACK, *app.CLICKS, *app.SILENT, "of_another_version"])
@given(data=st.data())
@CAREFUL
def test_a_press_with_anything_in_it_is_taken(listening: Listening, action: str, data: st.DataObject) -> None:
    value = data.draw(carried(listening.known))
    body = click_body(action_id=action, value=value, selected_option={"value": value})
    body["user"]["id"] = data.draw(USERS)
    listening.take(body, data.draw(spoilt(body)))


@pytest.mark.parametrize("form", [*app.FORMS, "of_another_version"])
@given(data=st.data())
@CAREFUL
def test_a_form_with_anything_in_it_is_taken(listening: Listening, form: str, data: st.DataObject) -> None:
    body = submission_body()
    body["view"] |= {"callback_id": form, "private_metadata": data.draw(carried(listening.known))}
    names = data.draw(st.lists(st.sampled_from(FIELDS), max_size=6, unique=True))
    held = {name: {name: data.draw(element(listening.known))} for name in names}
    body["view"]["state"]["values"] = held
    body["user"]["id"] = data.draw(USERS)
    listening.take(body, data.draw(spoilt(body)))


@pytest.mark.parametrize("shortcut", [*app.SHORTCUTS, "of_another_version"])
@given(data=st.data())
@CAREFUL
def test_a_shortcut_with_anything_in_it_is_taken(listening: Listening, shortcut: str, data: st.DataObject) -> None:
    body = shortcut_body() | {"callback_id": shortcut}
    body["user"]["id"] = data.draw(USERS)
    listening.take(body, data.draw(spoilt(body)))


@given(data=st.data(), typed=st.sampled_from(["", "help", "add", "ask", "nothing"]), words=NASTY | st.text(max_size=30))
@CAREFUL
def test_a_command_with_anything_in_it_is_taken(
    listening: Listening, data: st.DataObject, typed: str, words: str
) -> None:
    body = command_body(f"{typed} {words}")
    listening.take(body, data.draw(spoilt(body)))


EVENTS = [
    *(one for one in SAMPLES if one.get("type") == "event_callback"),
    reaction_body("-1::skin-tone-2", "reaction_removed"),
    event_body({"type": "app_context_changed", "user": "U0UMA"}, "Ev7"),
]


@given(data=st.data())
@settings(CAREFUL, max_examples=100)
def test_an_event_with_anything_in_it_is_taken(listening: Listening, data: st.DataObject) -> None:
    body = data.draw(st.sampled_from(EVENTS))
    listening.take(body, data.draw(spoilt(body)))


def test_everything_that_is_registered_is_tried_here(listening: Listening) -> None:
    """A listener that is added comes in by its table; were it registered elsewhere, this would tell."""
    registered = sum(len(table) for table in (app.EVENTS, app.CLICKS, app.FORMS, app.SHORTCUTS))
    # The thumb and the command; then whatever nobody knows: event, action, view, shortcut, command.
    assert len(listening.app._listeners) == registered + 2 + 5
    assert {one["event"]["type"] for one in EVENTS} == set(app.EVENTS)
