"""App Home: bulk approval of wordings, channel settings, questions that need an answer."""

from collections.abc import Callable

from bot import preferences
from bot.desk import added, home, proposals
from bot.desk.places import drafts_are_seen
from bot.services import Services
from bot.settings import ChannelMode
from bot.slack import actions as names
from bot.slack.listeners.conduct import actor, guarded, on_click, open_modal, tell
from bot.slack.listeners.forms import Form, FormErrors
from bot.slack.payloads import ButtonClick
from bot.slack.views import forms
from bot.slack.views.home import bulk_decided
from learning import proposals as book
from learning.errors import LearningError, NotAllowed
from learning.ids import ProposalId
from learning.people import Actor
from learning.proposals import ProposalDraft

#: Why wordings are rejected in a list, where nobody is asked for a reason.
NOT_THE_SAME = "It does not mean the same."


def toggle(services: Services, click: ButtonClick) -> None:
    """A wording was ticked; Slack keeps the tick until the button is pressed."""


def bulk_approve(services: Services, click: ButtonClick) -> None:
    """Approve every ticked wording, each under its own checks."""

    def approve(found: ProposalId, who: Actor, shown: str) -> None:
        proposals.approve(services, click.asker.origin.workspace, found, who, shown)

    _decide_ticked(services, click, approve, approved=True)


def bulk_reject(services: Services, click: ButtonClick) -> None:
    """Reject every ticked wording; they are remembered."""

    def reject(found: ProposalId, who: Actor, shown: str) -> None:
        proposals.reject(services, click.asker.origin.workspace, found, who, shown, NOT_THE_SAME)

    _decide_ticked(services, click, reject, approved=False)


def _decide_ticked(
    services: Services, click: ButtonClick, decide: Callable[[ProposalId, Actor, str], None], *, approved: bool
) -> None:
    def act() -> None:
        who = actor(services, click.asker)
        if not who.is_admin:
            raise NotAllowed("Only an admin can decide on wordings.")
        decided, left = 0, 0
        for value in click.state.chosen(names.FIELD_HOME_PHRASINGS):
            carried = names.decode(value)
            if carried is None:
                continue
            try:
                decide(ProposalId(carried.id), who, carried.shown)
                decided += 1
            except LearningError:
                left += 1
        home.draw(services, click.asker.origin.workspace, click.asker.user)
        tell(services, click.asker.user, bulk_decided(decided, left, approved=approved))

    guarded(services, click.asker, act, channel="", thread=None)


def settings(services: Services, click: ButtonClick) -> None:
    """Open the form of channel settings."""

    def act() -> None:
        if not actor(services, click.asker).is_admin:
            raise NotAllowed("Only an admin can change channel settings.")
        open_modal(services, click.asker, forms.channel_settings_form())

    guarded(services, click.asker, act, channel="", thread=None)


def settings_changed(services: Services, form: Form) -> FormErrors:
    """What the bot shall do in a channel."""
    who = actor(services, form.asker)
    if not who.is_admin:
        raise NotAllowed("Only an admin can change channel settings.")
    channel = form.values.text(names.FIELD_CHANNEL)
    try:
        mode = ChannelMode(form.values.text(names.FIELD_MODE))
    except ValueError:
        return {names.FIELD_MODE: "Please choose one."}
    if not channel:
        return {names.FIELD_CHANNEL: "Please choose a channel."}
    if mode is ChannelMode.DRAFTS and not drafts_are_seen(services, channel):
        return {names.FIELD_MODE: "Drafts go to the support channel, whose members can't all read this channel."}
    with services.sessions.begin() as session:
        preferences.set_channel(
            session,
            form.workspace,
            channel,
            mode,
            allow_shared=form.values.ticked(names.FIELD_ALLOW_SHARED),
            by=who.person,
            now=services.clock(),
        )
    return {}


def add_entry(services: Services, click: ButtonClick) -> None:
    """Open the form for a new answer."""

    def act() -> None:
        if not actor(services, click.asker).is_staff:
            raise NotAllowed("Only support staff and admins can add answers.")
        open_modal(services, click.asker, forms.add_entry_form("home"))

    guarded(services, click.asker, act, channel="", thread=None)


def needs_answer(services: Services, click: ButtonClick) -> None:
    """Open the form for a question that needs an answer."""

    def act(proposal: str) -> None:
        if not actor(services, click.asker).is_staff:
            raise NotAllowed("Only support staff and admins can add answers.")
        with services.sessions() as session:
            found = book.one(session, click.asker.origin.workspace, ProposalId(proposal))
        open_modal(services, click.asker, forms.add_entry_form(proposal, found.draft.question))

    on_click(services, click, act)


def entry_added(services: Services, form: Form) -> FormErrors:
    """A new answer written by hand; it waits for an admin like every other, and who wrote it is told so."""
    question = form.values.long_text(names.FIELD_QUESTION)
    answer = form.values.long_text(names.FIELD_ANSWER)
    if not question:
        return {form.block(names.FIELD_QUESTION): "Please write the question."}
    if not answer:
        return {form.block(names.FIELD_ANSWER): "Please write the answer."}
    who = actor(services, form.asker)
    if not who.is_staff:
        raise NotAllowed("Only support staff and admins can add answers.")
    draft = ProposalDraft(question, answer, form.values.lines(names.FIELD_PHRASINGS))
    waiting = home.asked_for(services, form.workspace, form.about)
    added.keep(services, form.workspace, who, draft, waiting.id if waiting is not None else "")
    return {}
