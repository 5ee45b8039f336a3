"""Proposal cards: what would change, why, from whom and against what, with the buttons to decide.

The card shows all of what would be published, or it offers no 'Approve': what is approved is what was read. A decided
card is one line.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.slack.actions import (
    PROPOSAL_APPROVE,
    PROPOSAL_EDIT,
    PROPOSAL_KEEP_BOTH,
    PROPOSAL_REJECT,
    PROPOSAL_REPLACE,
    PROPOSAL_UNDO,
    ButtonValue,
)
from bot.slack.text import escape, to_mrkdwn
from bot.slack.views import kit
from bot.slack.views.diff import changed_words
from bot.slack.views.kit import Block, Message

#: How much of the texts one card can show; see `kit.MESSAGE_PART`.
_READABLE = 8000


class CardKind(StrEnum):
    """What a proposal would change."""

    NEW_ENTRY = "new_entry"
    NEW_PHRASING = "new_phrasing"
    REPLACES = "replaces"
    CONFLICTS = "conflicts"
    RETIRE = "retire"


_HEADINGS = {
    CardKind.NEW_ENTRY: "New answer for the knowledge base?",
    CardKind.NEW_PHRASING: "Another way to ask a known question?",
    CardKind.REPLACES: "A correction of a known answer?",
    CardKind.CONFLICTS: "This may contradict a known answer",
    CardKind.RETIRE: "Take an answer out of the knowledge base?",
}


@dataclass(frozen=True)
class Target:
    """The entry that a proposal is about."""

    question: str
    #: Markdown.
    answer: str
    version: int


@dataclass(frozen=True)
class ProposalCard:
    """A proposal as a reviewer sees it."""

    proposal: str
    #: Prefix of the hash of what is shown; travels with every button.
    shown: str
    kind: CardKind
    question: str
    #: Markdown.
    answer: str
    phrasings: tuple[str, ...] = ()
    #: Where it came from, in words: `a resolution`, `a correction`.
    origin: str = ""
    #: Permalink of the thread; empty where reviewers cannot open it.
    url: str = ""
    #: Slack user ids or names of the people whose words it is.
    people: tuple[str, ...] = ()
    #: How many conversations ask for it.
    count: int = 1
    #: Who would be shown the answer, in words: `everyone`, `only #finance`.
    audience: str = "everyone"
    #: Contact details found in the texts, as they stand there.
    contacts: tuple[str, ...] = ()
    #: The known entry; None for a new one.
    target: Target | None = None
    #: Whether the thread is private, so that the words were not public before.
    private: bool = False
    #: Why some people cannot approve it, in words; empty where anyone with the role can.
    restriction: str = ""


@dataclass(frozen=True)
class Proof:
    """The original question asked again, before and after the approval."""

    question: str
    #: What was answered, in words: `Not sure.`
    before: str
    after: str


class Verdict(StrEnum):
    """What became of a proposal."""

    APPROVED = "approved"
    EDITED = "edited"
    REJECTED = "rejected"
    UNDONE = "undone"
    #: It lost its point: the entry moved on, or another proposal said the same.
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class DecidedCard:
    """A proposal that was decided."""

    proposal: str
    verdict: Verdict
    question: str
    #: Slack user id or name of who decided; empty where nobody did.
    by: str = ""
    #: Why it was rejected; empty for none.
    reason: str = ""
    proof: Proof | None = None
    #: Whether 'Undo' is offered.
    undoable: bool = False
    #: Id of the entry whose earlier readers may have been given what no longer holds; empty for none.
    entry: str = ""


def proposal(card: ProposalCard) -> Message:
    """The card of a proposal that waits."""
    body = _body(card)
    whole = sum(len(block["text"]["text"]) for block in body) <= _READABLE
    if not whole:
        body = [*_clipped(body), kit.context("This is too long to show in full here. Open it to read and approve it.")]
    blocks = [kit.section(f"*{_HEADINGS[card.kind]}*"), *body, kit.context(*_facts(card))]
    if card.contacts:
        found = ", ".join(f"`{kit.words(one, 80).replace('`', '')}`" for one in card.contacts[:8])
        blocks.append(kit.section(f":warning: Contact details in the text: {found}. Please check that they may stay."))
    if card.restriction:
        blocks.append(kit.context(kit.words(card.restriction)))
    blocks.append(kit.actions(*_buttons(card, whole=whole)))
    return kit.message(f"{_HEADINGS[card.kind]} {kit.words(card.question)}", blocks)


def decided(card: DecidedCard) -> Message:
    """What is left of a card: one line, the proof where there is one, and 'Undo' where it can be undone."""
    question, by = kit.words(card.question), f" by {kit.who(card.by)}" if card.by else ""
    match card.verdict:
        case Verdict.APPROVED:
            line = f":white_check_mark: Approved{by}: {question}"
        case Verdict.EDITED:
            line = f":white_check_mark: Edited and approved{by}: {question}"
        case Verdict.REJECTED:
            line = f"Rejected{by}: {question}" + (f" – {kit.words(card.reason)}" if card.reason else "")
        case Verdict.UNDONE:
            line = f"Undone{by}: {question}"
        case Verdict.SUPERSEDED:
            line = f"No longer needed: {question}" + (f" – {kit.words(card.reason)}" if card.reason else "")
    undo = None
    if card.undoable:
        ask = kit.confirm("Undo this?", "Search will find exactly what it found before.", "Undo", danger=True)
        undo = kit.button("Undo", PROPOSAL_UNDO, ButtonValue(card.proposal), confirm=ask)
    blocks = [kit.section(line, undo)]
    if card.proof and card.verdict in {Verdict.APPROVED, Verdict.EDITED}:
        proof = card.proof
        blocks.append(
            kit.context(
                f"Asked again: “{kit.words(proof.question)}”\n"
                f"*Before:* {kit.words(proof.before)}\n*Now:* {kit.words(proof.after)}"
            )
        )
    if card.entry:
        blocks.append(kit.actions(kit.who_got_it(card.entry)))
    return kit.message(line, blocks)


def _body(card: ProposalCard) -> list[Block]:
    """The texts that would change, in full."""
    target = card.target
    if card.kind is CardKind.RETIRE and target:
        return [*_labelled("Question", escape(target.question)), *_labelled("Answer", to_mrkdwn(target.answer))]
    if card.kind is CardKind.NEW_PHRASING and target:
        known = [*_labelled("Known as", escape(target.question)), *_labelled("Answer", to_mrkdwn(target.answer))]
        return [*_labelled("Also asked as", escape(card.question)), *known]
    blocks = _labelled("Question", escape(card.question))
    if card.phrasings:
        blocks += _labelled("Also asked as", "\n".join(f"• {escape(one)}" for one in card.phrasings))
    if target is None:
        return [*blocks, *_labelled("Answer", to_mrkdwn(card.answer))]
    if card.kind is CardKind.CONFLICTS:
        blocks += _labelled(f"Known answer to “{kit.words(target.question)}”", to_mrkdwn(target.answer))
        return [*blocks, *_labelled("The other answer", to_mrkdwn(card.answer))]
    if target.question != card.question:
        blocks += _labelled("Corrects the answer to", escape(target.question))
    marked = changed_words(target.answer, card.answer)
    if marked is not None:
        return [*blocks, *_labelled(f"Changes to version {target.version}", marked)]
    blocks += _labelled(f"Now (version {target.version})", to_mrkdwn(target.answer))
    return [*blocks, *_labelled("New answer", to_mrkdwn(card.answer))]


def _labelled(label: str, text: str) -> list[Block]:
    return kit.sections(f"*{label}*\n{text.strip() or kit.NOTHING}")


def _clipped(body: list[Block]) -> list[Block]:
    """As many blocks as can be shown."""
    shown: list[Block] = []
    room = _READABLE
    for block in body:
        room -= len(block["text"]["text"])
        if room < 0:
            break
        shown.append(block)
    return shown


def _facts(card: ProposalCard) -> list[str]:
    people = ", ".join(kit.who(person) for person in card.people[:5])
    source = f"From {kit.words(card.origin, 80)}" if card.origin else "From a conversation"
    if people:
        source += f" by {people}" + (f" and {len(card.people) - 5} more" if len(card.people) > 5 else "")
    if card.url:
        source += f" · {kit.link(card.url, 'thread')}"
    facts = [source]
    if card.count > 1:
        facts.append(f"Asked in {card.count} conversations")
    private = " The thread is private." if card.private else ""
    facts.append(f"Will be shown to {kit.words(card.audience)}.{private}")
    return facts


def _buttons(card: ProposalCard, *, whole: bool) -> list[Block]:
    value = ButtonValue(card.proposal, card.shown)
    ask = None
    if card.contacts:
        found = f"Everyone who gets this answer will see: {', '.join(card.contacts[:8])}"
        ask = kit.confirm("Contact details may stay?", found, "Yes, approve")
    edit = kit.button("Edit" if whole else "Read and approve", PROPOSAL_EDIT, value, style="" if whole else "primary")
    reject = kit.button("Reject", PROPOSAL_REJECT, value, style="danger")
    if not whole:
        return [edit, reject]
    if card.kind is CardKind.CONFLICTS:
        return [
            kit.button("Replace the known answer", PROPOSAL_REPLACE, value, style="primary", confirm=ask),
            kit.button("Keep both", PROPOSAL_KEEP_BOTH, value, confirm=ask),
            edit,
            reject,
        ]
    approve = kit.button("Approve", PROPOSAL_APPROVE, value, style="primary", confirm=ask)
    return [approve, reject] if card.kind is CardKind.RETIRE else [approve, edit, reject]
