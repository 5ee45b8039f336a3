"""Proposal cards and forms: who decides what."""

from bot.desk import affected, home, proposals
from bot.services import Services
from bot.slack import actions as names
from bot.slack.listeners import threads
from bot.slack.listeners.conduct import actor, on_click, open_modal
from bot.slack.listeners.forms import Form, FormAnswer, FormErrors, Next
from bot.slack.payloads import ButtonClick
from bot.slack.views import forms
from kb.entries import EVERYONE, Audience
from learning import proposals as book
from learning.errors import AlreadyDecided, NotAllowed
from learning.ids import ProposalId
from learning.proposals import Proposal, ProposalDraft
from learning.review import ConflictChoice


def approve(services: Services, click: ButtonClick) -> None:
    """Yes, as shown."""
    _approve(services, click, None)


def replace(services: Services, click: ButtonClick) -> None:
    """Yes, in the place of the known answer."""
    _approve(services, click, ConflictChoice.REPLACE)


def keep_both(services: Services, click: ButtonClick) -> None:
    """Yes, beside the known answer."""
    _approve(services, click, ConflictChoice.KEEP_BOTH)


def edit(services: Services, click: ButtonClick) -> None:
    """Open the form to change it and approve."""

    def act(proposal: str) -> None:
        found = _decidable(services, click, proposal)
        closed = _channel_of(found)
        channel = services.identity.remembered_channel(closed).name if closed else ""
        details = {one.text for part in found.contact_details(services.redaction.allowed).values() for one in part}
        audience = names.AUDIENCE_EVERYONE if found.draft.audience == EVERYONE else names.AUDIENCE_CHANNEL
        view = forms.edit_form(
            proposal,
            book.shown_prefix(found),
            question=found.draft.question,
            answer=found.draft.answer,
            phrasings=found.draft.phrasings,
            audience=audience,
            channel_name=channel,
            contacts=tuple(sorted(details)),
            conflict=found.kind is book.ProposalKind.CONFLICTS,
        )
        open_modal(services, click.asker, view)

    on_click(services, click, act)


def reject(services: Services, click: ButtonClick) -> None:
    """Open the form that asks why not."""

    def act(proposal: str) -> None:
        found = _decidable(services, click, proposal)
        open_modal(services, click.asker, forms.reject_form(proposal, book.shown_prefix(found), found.draft.question))

    on_click(services, click, act)


def undo(services: Services, click: ButtonClick) -> None:
    """Take an approval back, and show who was given the answer."""

    def act(proposal: str) -> None:
        workspace = click.asker.origin.workspace
        proposals.undo(services, workspace, ProposalId(proposal), actor(services, click.asker))
        with services.sessions() as session:
            found = book.one(session, workspace, ProposalId(proposal))
        if found.kind is book.ProposalKind.NEW_PHRASING:
            home.draw(services, workspace, click.asker.user)
        elif found.applied is not None:
            threads.show(services, click.asker, found.applied.entry)

    on_click(services, click, act)


def edited(services: Services, form: Form) -> FormAnswer:
    """The proposal as the reviewer changed it: approved as it now reads."""
    with services.sessions() as session:
        found = book.one(session, form.workspace, ProposalId(form.about))
    question = form.values.long_text(names.FIELD_QUESTION) or found.draft.question
    # A text that no form can hold had no field and stays as it is.
    answer = found.draft.answer
    if form.values.holds(names.FIELD_ANSWER):
        answer = form.values.long_text(names.FIELD_ANSWER)
    phrasings = found.draft.phrasings
    if form.values.holds(names.FIELD_PHRASINGS):
        phrasings = form.values.lines(names.FIELD_PHRASINGS)
    if not answer:
        return {form.block(names.FIELD_ANSWER): "Please write an answer."}
    details = [one.text for part in found.contact_details(services.redaction.allowed).values() for one in part]
    still_there = any(text in question or text in answer for text in details)
    if still_there and not form.values.ticked(names.FIELD_CONTACTS_CONFIRMED):
        return {names.FIELD_CONTACTS_CONFIRMED: "Please confirm that the contact details may stay, or take them out."}
    draft = ProposalDraft(
        question=question,
        answer=answer,
        phrasings=phrasings,
        audience=_audience(form, found),
    )
    choice = None
    if found.kind is book.ProposalKind.CONFLICTS:
        chosen = form.values.text(names.FIELD_CHOICE)
        if not chosen:
            return {names.FIELD_CHOICE: "Please choose what becomes of the known answer."}
        choice = ConflictChoice.KEEP_BOTH if chosen == names.CHOICE_KEEP_BOTH else ConflictChoice.REPLACE
    who = actor(services, form.asker)
    proposals.approve(services, form.workspace, found.id, who, form.carried.shown, edited=draft, choice=choice)
    replaced = proposals.replaced(services, form.workspace, found.id)
    if replaced is not None and affected.threads(services, form.workspace, replaced):
        return Next(threads.form_for(services, form.workspace, replaced, lead="Approved."))
    return {}


def rejected(services: Services, form: Form) -> FormErrors:
    """Why not."""
    reason = form.values.text(names.FIELD_REASON)
    if not reason:
        return {names.FIELD_REASON: "Please say why, in a few words."}
    proposals.reject(
        services,
        form.workspace,
        ProposalId(form.about),
        actor(services, form.asker),
        form.carried.shown,
        reason,
        unneeded=form.values.ticked(names.FIELD_UNNEEDED),
    )
    return {}


def _approve(services: Services, click: ButtonClick, choice: ConflictChoice | None) -> None:
    carried = click.carried
    shown = carried.shown if carried is not None else ""

    def act(proposal: str) -> None:
        who = actor(services, click.asker)
        workspace = click.asker.origin.workspace
        proposals.approve(services, workspace, ProposalId(proposal), who, shown, choice=choice)
        replaced = proposals.replaced(services, workspace, ProposalId(proposal))
        if replaced is not None:
            threads.show(services, click.asker, replaced, always=False)

    on_click(services, click, act)


def _decidable(services: Services, click: ButtonClick, proposal: str) -> Proposal:
    workspace = click.asker.origin.workspace
    who = actor(services, click.asker)
    if not who.is_admin:
        raise NotAllowed("Only an admin can decide on proposals.")
    with services.sessions() as session:
        found = book.one(session, workspace, ProposalId(proposal))
    if not found.pending:
        raise AlreadyDecided(f"This has been {found.state} already.", by=found.decided_by, state=found.state)
    return found


def _channel_of(found: Proposal) -> str:
    """The closed channel that the answer could be kept to; empty where it comes from an open place."""
    for ref in found.draft.audience.refs:
        kind, _, name = ref.partition(":")
        if kind == "channel":
            return name
    return ""


def _audience(form: Form, found: Proposal) -> Audience:
    if form.values.text(names.FIELD_AUDIENCE) == names.AUDIENCE_EVERYONE:
        return EVERYONE
    return found.draft.audience
