"""The Bolt app: every registration in one place, as tables from names to listeners.

`process_before_response` makes Bolt acknowledge only after the listener has returned, so that an event is acknowledged
once its work is committed. Every listener is short: it reads the payload and calls one function of the desk.
"""

import logging
import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.logs import cause
from bot.services import Services
from bot.slack import actions as names
from bot.slack import payloads
from bot.slack.listeners import (
    answers,
    commands,
    events,
    handoffs,
    home,
    proposals,
    records,
    spot_checks,
    threads,
    workspace,
)
from bot.slack.listeners.conduct import FORGOTTEN, STALE, attempt, guarded, tell
from bot.slack.listeners.forms import Form, FormAnswer, Next
from bot.slack.payloads import ButtonClick, Shortcut

log = logging.getLogger(__name__)

OnEvent = Callable[[Services, dict[str, Any]], None]
OnClick = Callable[[Services, ButtonClick], None]
OnForm = Callable[[Services, Form], FormAnswer]
OnShortcut = Callable[[Services, Shortcut], None]

EVENTS: dict[str, OnEvent] = {
    "message": events.on_message,
    "app_mention": events.on_message,
    "reaction_added": events.on_reaction,
    "reaction_removed": events.on_reaction,
    "app_home_opened": events.on_home,
    "app_context_changed": events.on_nothing,
}
CLICKS: dict[str, OnClick] = {
    names.TELL_WHY: answers.why,
    names.TRY_AGAIN: answers.try_again,
    names.ANSWER_MENU: answers.menu,
    names.NEAREST_QUESTION: answers.nearest,
    names.NONE_OF_THESE: answers.none_of_these,
    names.DRAFT_SEND: answers.draft_send,
    names.DRAFT_DISCARD: answers.draft_discard,
    names.ENTRY_RESUME: answers.resume,
    names.ENTRY_AFFECTED: threads.who,
    names.GET_PERSON: handoffs.get_person,
    names.HANDOFF_CLAIM: handoffs.claim,
    names.HANDOFF_RELEASE: handoffs.release,
    names.HANDOFF_REASSIGN: handoffs.reassign,
    names.HANDOFF_RESOLVE: handoffs.resolve,
    names.HANDOFF_CANCEL: handoffs.cancel,
    names.HANDOFF_REOPEN: handoffs.reopen,
    names.HANDOFF_SOLVED_YES: handoffs.solved_yes,
    names.HANDOFF_SOLVED_NO: handoffs.solved_no,
    names.RELAY_CONSENT_YES: handoffs.consent_yes,
    names.RELAY_CONSENT_NO: handoffs.consent_no,
    names.SPOT_CHECK_RIGHT: spot_checks.right,
    names.SPOT_CHECK_WRONG: spot_checks.wrong,
    names.SPOT_CHECK_CANNOT_TELL: spot_checks.cannot_tell,
    names.SPOT_CHECK_CORRECT: answers.correct,
    names.PROPOSAL_APPROVE: proposals.approve,
    names.PROPOSAL_REPLACE: proposals.replace,
    names.PROPOSAL_KEEP_BOTH: proposals.keep_both,
    names.PROPOSAL_EDIT: proposals.edit,
    names.PROPOSAL_REJECT: proposals.reject,
    names.PROPOSAL_UNDO: proposals.undo,
    names.HOME_BULK_APPROVE: home.bulk_approve,
    names.HOME_BULK_REJECT: home.bulk_reject,
    names.HOME_PHRASING_TOGGLE: home.toggle,
    names.HOME_SETTINGS: home.settings,
    names.HOME_PREFERENCES: workspace.open_form,
    names.HOME_ADD_ENTRY: home.add_entry,
    names.HOME_NEEDS_ANSWER: home.needs_answer,
}
FORMS: dict[str, OnForm] = {
    names.FEEDBACK_FORM: answers.explained,
    names.CORRECT_FORM: answers.corrected,
    names.WHY_FORM: records.judged,
    names.RESOLVE_FORM: handoffs.resolved,
    names.REASSIGN_FORM: handoffs.reassigned,
    names.PROPOSAL_EDIT_FORM: proposals.edited,
    names.PROPOSAL_REJECT_FORM: proposals.rejected,
    names.AFFECTED_THREADS_FORM: threads.send,
    names.CHANNEL_SETTINGS_FORM: home.settings_changed,
    names.WORKSPACE_SETTINGS_FORM: workspace.changed,
    names.ADD_ENTRY_FORM: home.entry_added,
}
SHORTCUTS: dict[str, OnShortcut] = {
    names.STOP_USING_THIS: answers.shortcut,
    names.CORRECT_THIS: answers.shortcut,
    names.WHY_THIS: records.why_this,
}
#: A press that Slack reports although nothing is to be done.
SILENT = frozenset({names.OPEN_LINK})
_ANY = re.compile(".*")


def build(services: Services, *, signing_secret: str = "") -> App:
    """The app with every listener registered; nothing is called until it is connected.

    Args:
        signing_secret: checks requests that arrive over HTTP; not needed for Socket Mode.
    """
    app = App(
        client=services.client,
        # Left alone, Bolt takes the level of the root logger, and at DEBUG it logs whole payloads.
        logger=logging.getLogger("slack_bolt"),
        signing_secret=signing_secret,
        request_verification_enabled=bool(signing_secret),
        # The client carries the token; Bolt asks once who it is, at the first request.
        token_verification_enabled=False,
        process_before_response=True,
    )
    for event, listener in EVENTS.items():
        app.event(event)(_event(services, listener))
    app.action(names.ANSWER_FEEDBACK)(_thumb(services))
    for action, on_click in CLICKS.items():
        app.action(action)(_click(services, on_click))
    for callback, on_form in FORMS.items():
        app.view(callback)(_form(services, on_form))
    for callback, on_shortcut in SHORTCUTS.items():
        app.message_shortcut(callback)(_shortcut(services, on_shortcut))
    app.command(names.COMMAND)(_command(services))
    # What nobody handles is not acknowledged: an event comes again and again, and a person is told that we are broken.
    app.event(_ANY)(_event(services, events.on_nothing))
    app.action(_ANY)(_unknown_click(services))
    for unknown in (app.view(_ANY), app.shortcut(_ANY), app.command(_ANY)):
        unknown(_forgotten(services))
    app.error(_failed)
    return app


def _event(services: Services, listener: OnEvent) -> Callable[..., None]:
    def listen(body: dict[str, Any]) -> None:
        listener(services, body)

    return listen


def _click(services: Services, listener: OnClick) -> Callable[..., None]:
    def listen(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        if (click := payloads.parse_click(body)) is not None:
            listener(services, click)

    return listen


def _thumb(services: Services) -> Callable[..., None]:
    def listen(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        if (click := payloads.parse_click(body)) is not None:
            answers.thumb(services, click, body)

    return listen


def _unknown_click(services: Services) -> Callable[..., None]:
    def listen(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        click = payloads.parse_click(body)
        if click is not None and click.action_id not in SILENT:
            tell(services, click.asker.user, STALE, channel=click.channel, thread=click.thread_ts)

    return listen


def _forgotten(services: Services) -> Callable[..., None]:
    """A form, shortcut or command of another version of the app."""

    def listen(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        if (asker := payloads.parse_asker(body)) is not None:
            tell(services, asker.user, FORGOTTEN)

    return listen


def _failed(error: Exception) -> None:
    """An event could not be taken. It is not acknowledged, so Slack sends it again; the error's words stay out."""
    log.error("an event was not taken: %s", cause(error))


def _form(services: Services, listener: OnForm) -> Callable[..., None]:
    def listen(ack: Ack, body: dict[str, Any]) -> None:
        submission = payloads.parse_submission(body)
        form = Form.read(submission) if submission is not None else None
        if submission is None or form is None:
            ack()
            if submission is not None:
                tell(services, submission.asker.user, FORGOTTEN)
            return
        answers: list[FormAnswer] = []
        problem = attempt(services, form.asker, lambda: answers.append(listener(services, form)))
        answer = answers[0] if answers else {}
        if isinstance(answer, Next):
            ack(response_action="update", view=answer.view)
        elif answer:
            ack(response_action="errors", errors=dict(answer))
        else:
            ack()
        if problem is not None:
            tell(services, form.asker.user, problem.text, by=problem.by)

    return listen


def _shortcut(services: Services, listener: OnShortcut) -> Callable[..., None]:
    def listen(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        if (pressed := payloads.parse_shortcut(body)) is not None:
            listener(services, pressed)

    return listen


def _command(services: Services) -> Callable[..., None]:
    def listen(ack: Ack, body: dict[str, Any]) -> None:
        typed = payloads.parse_command(body)
        if typed is None:
            ack()
            return
        said: list[dict[str, Any]] = []

        def act() -> None:
            if (message := commands.command(services, typed)) is not None:
                said.append(message)

        guarded(services, typed.asker, act, channel=typed.channel, thread=None)
        if said:
            ack(text=said[0]["text"], blocks=said[0]["blocks"], response_type="ephemeral")
        else:
            ack()

    return listen
