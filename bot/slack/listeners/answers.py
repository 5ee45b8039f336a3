"""Under an answer: thumbs, the menu for staff, the nearest questions, and drafts."""

from bot.desk import again, chosen, entries, feedback
from bot.services import Services
from bot.slack import actions as names
from bot.slack.listeners import threads
from bot.slack.listeners.conduct import STALE, actor, guarded, on_click, open_modal, tell
from bot.slack.listeners.forms import Form, FormAnswer, FormErrors, Next
from bot.slack.payloads import ButtonClick, Shortcut, parse_feedback
from bot.slack.views import forms, notices
from learning.conversations import Place
from learning.errors import NotAllowed, Unknown
from learning.feedback import Rating
from learning.ids import DecisionId, ReviewId


def thumb(services: Services, click: ButtonClick, body: object) -> None:
    """A thumb: the vote counts at once; thumbs down asks why."""
    pressed = parse_feedback(body)
    if pressed is None:
        tell(services, click.asker.user, STALE, channel=click.channel, thread=click.thread_ts)
        return

    def act() -> None:
        rating = Rating.UP if pressed.up else Rating.DOWN
        decision = DecisionId(pressed.decision)
        voter = actor(services, click.asker)
        feedback.vote(services, click.asker.origin.workspace, decision, voter, rating, via="button", at=click.at)
        if not pressed.up:
            person = bool(services.settings.support_channel)
            open_modal(services, click.asker, forms.feedback_form(decision, person_available=person))

    guarded(services, click.asker, act, channel=click.channel, thread=click.thread_ts)


def try_again(services: Services, click: ButtonClick) -> None:
    """Another answer to the same question is wanted."""
    on_click(services, click, lambda decision: again.request(services, click, DecisionId(decision)))


def why(services: Services, click: ButtonClick) -> None:
    """'Tell me why' in the hint after a thumbs-down by reaction."""

    def act(decision: str) -> None:
        person = bool(services.settings.support_channel)
        open_modal(services, click.asker, forms.feedback_form(decision, person_available=person))

    on_click(services, click, act)


def explained(services: Services, form: Form) -> FormErrors:
    """Why an answer was found wanting."""
    decision = DecisionId(form.about)
    feedback.explain(
        services,
        form.workspace,
        decision,
        actor(services, form.asker),
        reason=form.values.text(names.FIELD_REASON),
        comment=form.values.text(names.FIELD_COMMENT),
        correction=form.values.long_text(names.FIELD_CORRECTION),
        wants_person=form.values.ticked(names.FIELD_WANTS_PERSON),
    )
    thanks = notices.thanks_for_feedback(corrected=bool(form.values.long_text(names.FIELD_CORRECTION)))["text"]
    if (place := feedback.place_of(services, form.workspace, decision)) is not None:
        tell(services, form.asker.user, thanks, channel=place.channel, thread=place.thread)
    return {}


def menu(services: Services, click: ButtonClick) -> None:
    """'Stop using this' and 'Correct this' under an answer."""
    carried = click.carried

    def act(decision: str) -> None:
        if carried is not None and carried.choice == names.MENU_STOP:
            _stop(services, click, DecisionId(decision))
        else:
            _correct(services, click, DecisionId(decision))

    on_click(services, click, act)


def correct(services: Services, click: ButtonClick) -> None:
    """'Correct this' where an answer was judged wrong."""
    on_click(services, click, lambda it: _correct(services, click, DecisionId(it)))


def shortcut(services: Services, pressed: Shortcut) -> None:
    """The same two, from the message's own menu."""
    click = ButtonClick(
        asker=pressed.asker,
        action_id=pressed.callback_id,
        block_id="",
        value="",
        channel=pressed.channel,
        message_ts=pressed.message_ts,
        thread_ts=pressed.thread_ts,
        view_id="",
        view_hash="",
        selected="",
        response_url="",
    )

    def act() -> None:
        found = feedback.answer_at(services, pressed.asker.origin.workspace, pressed.channel, pressed.message_ts)
        if pressed.callback_id == names.STOP_USING_THIS:
            _stop(services, click, found)
        else:
            _correct(services, click, found)

    guarded(services, pressed.asker, act, channel=pressed.channel, thread=pressed.thread_ts)


def corrected(services: Services, form: Form) -> FormAnswer:
    """A correction by staff; it becomes a proposal, and they see who got the answer."""
    text = form.values.long_text(names.FIELD_ANSWER)
    if not text:
        return {form.block(names.FIELD_ANSWER): "Please write what would be right."}
    staff = actor(services, form.asker)
    if not staff.is_staff:
        raise NotAllowed("Only support staff and admins can correct an answer here. Use the thumbs-down instead.")
    decision = DecisionId(form.about)
    entry = entries.of_decision(services, form.workspace, decision)
    if text == entry.answer.strip():
        return {form.block(names.FIELD_ANSWER): "This is the answer as it stands. Please change what is wrong."}
    comment = form.values.text(names.FIELD_COMMENT)
    feedback.correct(services, form.workspace, decision, staff, text, comment)
    lead = "Thank you. Your correction waits for an admin."
    return Next(threads.form_for(services, form.workspace, entry.id, reply=text, lead=lead))


def resume(services: Services, click: ButtonClick) -> None:
    """Put an answer back that was taken out of use."""

    def act(stop: str) -> None:
        workspace = click.asker.origin.workspace
        pressed = Place(click.channel, click.thread)
        entries.resume(services, workspace, ReviewId(stop), actor(services, click.asker), pressed)

    on_click(services, click, act)


def nearest(services: Services, click: ButtonClick) -> None:
    """One of the nearest questions was meant: its answer is given."""
    carried = click.carried

    def act(decision: str) -> None:
        if carried is None or not carried.choice:
            raise Unknown(STALE)
        chosen.choose(services, click, DecisionId(decision), carried.choice)

    on_click(services, click, act)


def none_of_these(services: Services, click: ButtonClick) -> None:
    """None of the nearest questions was meant."""
    on_click(services, click, lambda it: chosen.choose_none(services, click, DecisionId(it)))


def draft_send(services: Services, click: ButtonClick) -> None:
    """Staff send a draft to the asker."""
    on_click(services, click, lambda it: _draft(services, click, it, send=True))


def draft_discard(services: Services, click: ButtonClick) -> None:
    """Staff discard a draft."""
    on_click(services, click, lambda it: _draft(services, click, it, send=False))


def _draft(services: Services, click: ButtonClick, decision: str, *, send: bool) -> None:
    staff = actor(services, click.asker)
    if not staff.is_staff:
        raise NotAllowed("Only support staff can decide on drafts.")
    chosen.decide_draft(services, click.asker.origin.workspace, DecisionId(decision), staff, send=send)


def _stop(services: Services, click: ButtonClick, decision: DecisionId) -> None:
    who, workspace = actor(services, click.asker), click.asker.origin.workspace
    stopped = entries.stop(services, workspace, decision, who, Place(click.channel, click.thread))
    threads.show(services, click.asker, stopped.id)


def _correct(services: Services, click: ButtonClick, decision: DecisionId) -> None:
    if not actor(services, click.asker).is_staff:
        raise NotAllowed("Only support staff and admins can correct an answer here. Use the thumbs-down instead.")
    entry = entries.of_decision(services, click.asker.origin.workspace, decision)
    open_modal(services, click.asker, forms.correct_form(decision, entry.question, entry.answer))
