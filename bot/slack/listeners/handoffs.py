"""Handoff cards and forms: who presses what."""

from bot.desk import alike, handoffs
from bot.services import Services
from bot.slack import actions as names
from bot.slack.listeners.conduct import actor, on_click, open_modal, tell
from bot.slack.listeners.forms import Form, FormErrors
from bot.slack.payloads import ButtonClick
from bot.slack.views import forms, notices
from kb.ids import WorkspaceId
from learning import people
from learning.conversations import Place
from learning.errors import NotAllowed
from learning.handoffs import HandoffReason
from learning.ids import DecisionId, HandoffId


def get_person(services: Services, click: ButtonClick) -> None:
    """'Get a human' under an answer."""

    def act(decision: str) -> None:
        workspace = click.asker.origin.workspace
        pressed, reason = Place(click.channel, click.thread), HandoffReason.BUTTON
        if not handoffs.hand_over_decision(services, workspace, DecisionId(decision), reason, pressed=pressed):
            raise NotAllowed(
                "Nobody has set up a support channel yet, so I cannot fetch a person. Please ask your admin."
            )

    on_click(services, click, act)


def claim(services: Services, click: ButtonClick) -> None:
    """Take it over."""
    on_click(
        services, click, lambda it: _ignore(handoffs.claim(services, _ws(click), HandoffId(it), _who(services, click)))
    )


def release(services: Services, click: ButtonClick) -> None:
    """Give it back."""
    on_click(services, click, lambda it: handoffs.release(services, _ws(click), HandoffId(it), _who(services, click)))


def cancel(services: Services, click: ButtonClick) -> None:
    """No help is needed any more."""
    on_click(services, click, lambda it: handoffs.cancel(services, _ws(click), HandoffId(it), _who(services, click)))


def reopen(services: Services, click: ButtonClick) -> None:
    """Look at it again."""
    on_click(services, click, lambda it: handoffs.reopen(services, _ws(click), HandoffId(it), _who(services, click)))


def solved_yes(services: Services, click: ButtonClick) -> None:
    """The resolution helped."""
    _solved(services, click, yes=True)


def solved_no(services: Services, click: ButtonClick) -> None:
    """The resolution did not help."""
    _solved(services, click, yes=False)


def consent_yes(services: Services, click: ButtonClick) -> None:
    """Staff may see what was written before."""
    _consent(services, click, given=True)


def consent_no(services: Services, click: ButtonClick) -> None:
    """Staff may not see what was written before."""
    _consent(services, click, given=False)


def resolve(services: Services, click: ButtonClick) -> None:
    """Open the form with the answer drafted from the staff's own words."""

    def act(handoff: str) -> None:
        staff = _who(services, click)
        if not staff.is_staff:
            raise NotAllowed("Only support staff can resolve a conversation.")
        question, drafted = handoffs.draft_resolution(services, _ws(click), HandoffId(handoff))
        view = open_modal(services, click.asker, forms.resolve_form(handoff, question, drafted))
        alike.ask(services, _ws(click), HandoffId(handoff), staff, view)

    on_click(services, click, act)


def reassign(services: Services, click: ButtonClick) -> None:
    """Open the form that asks who takes over."""

    def act(handoff: str) -> None:
        if not _who(services, click).is_staff:
            raise NotAllowed("Only support staff can reassign a conversation.")
        open_modal(services, click.asker, forms.reassign_form(handoff))

    on_click(services, click, act)


def resolved(services: Services, form: Form) -> FormErrors:
    """The resolution as staff want it to stand."""
    answer = form.values.long_text(names.FIELD_ANSWER)
    if not answer:
        return {form.block(names.FIELD_ANSWER): "Please write what settled it."}
    left = handoffs.resolve(
        services,
        form.workspace,
        HandoffId(form.about),
        actor(services, form.asker),
        answer=answer,
        learn=form.values.ticked(names.FIELD_PROPOSE),
        alike=[HandoffId(one) for one in form.values.chosen(names.FIELD_ALIKE)],
    )
    if left:
        tell(services, form.asker.user, notices.not_settled_along(left)["text"])
    return {}


def reassigned(services: Services, form: Form) -> FormErrors:
    """The colleague who takes over, who must be staff too."""
    user = form.values.text(names.FIELD_ASSIGNEE)
    if people.Role.STAFF not in services.identity.roles(user):
        return {names.FIELD_ASSIGNEE: "This person is not support staff."}
    with services.sessions.begin() as session:
        to = people.person_for(session, form.workspace, user, now=services.clock(), ids=services.ids)
    handoffs.reassign(services, form.workspace, HandoffId(form.about), actor(services, form.asker), to)
    return {}


def _solved(services: Services, click: ButtonClick, *, yes: bool) -> None:
    on_click(
        services,
        click,
        lambda it: handoffs.solved(services, _ws(click), HandoffId(it), _who(services, click), yes=yes),
    )


def _consent(services: Services, click: ButtonClick, *, given: bool) -> None:
    on_click(
        services,
        click,
        lambda it: handoffs.consent(services, _ws(click), HandoffId(it), _who(services, click), given=given),
    )


def _ws(click: ButtonClick) -> WorkspaceId:
    return click.asker.origin.workspace


def _who(services: Services, click: ButtonClick) -> people.Actor:
    return actor(services, click.asker)


def _ignore(_: object) -> None:
    return None
