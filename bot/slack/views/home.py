"""App Home: help for everyone, the team's open work for staff, and what waits for a decision for admins.

What is listed is bounded so that the view stays within Slack's 100 blocks; what is left out is counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.slack.actions import (
    FIELD_HOME_PHRASINGS,
    HOME_ADD_ENTRY,
    HOME_BULK_APPROVE,
    HOME_BULK_REJECT,
    HOME_NEEDS_ANSWER,
    HOME_PHRASING_TOGGLE,
    HOME_PREFERENCES,
    HOME_SETTINGS,
    PROPOSAL_UNDO,
    ButtonValue,
)
from bot.slack.text import clip, escape
from bot.slack.views import kit
from bot.slack.views.kit import Block, View

#: What a button of App Home carries where it is about no single thing.
HOME = ButtonValue("home")
_LISTED = 10
_PHRASING_GROUPS = 3
#: How many approved wordings are listed with 'Undo'.
_UNDOABLE = 5
#: A wording that is longer is not approved unread in a list.
_READABLE = 200
#: From nothing to full.
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class WaitingPhrasing:
    """Another wording of a known question, waiting in the list."""

    proposal: str
    #: Prefix of the hash of what is shown.
    shown: str
    phrasing: str
    #: The known question.
    question: str


@dataclass(frozen=True)
class ApprovedPhrasing:
    """Another wording that was approved lately; it has no card on which it could be undone."""

    proposal: str
    phrasing: str
    #: The known question.
    question: str
    #: Slack user id or name of who approved it.
    by: str


@dataclass(frozen=True)
class WaitingProposal:
    """A proposal whose card stands elsewhere."""

    #: In words: `New answer`, `Correction`.
    kind: str
    question: str
    #: Permalink of the card; empty where there is none.
    url: str = ""
    count: int = 1


@dataclass(frozen=True)
class NeedsAnswer:
    """A question whose answer was voted down, or that had none."""

    proposal: str
    question: str
    count: int = 1


@dataclass(frozen=True)
class OpenHandoff:
    """A conversation that waits for people."""

    question: str
    #: In words: `waiting`, `with Sam`.
    standing: str
    #: Permalink of the card or the thread; empty where the reader cannot open it.
    url: str = ""


@dataclass(frozen=True)
class Count:
    """One figure of how things stand."""

    label: str
    value: int


@dataclass(frozen=True)
class Promise:
    """How the promised wrong rate stands; shares are 0 to 1."""

    #: What is promised.
    max_wrong: float
    #: What is estimated of late, and the ends of its 95 % interval.
    wrong: float
    low: float
    high: float
    #: Which share of the questions was answered alone, over time, oldest first.
    alone: tuple[float, ...]
    #: Why the promise may not be held; empty where there is no reason to say so.
    alarm: str = ""


@dataclass(frozen=True)
class HomeCard:
    """What App Home shows to one person. Empty lists are left out."""

    staff: bool = False
    admin: bool = False
    #: The reader's own handoffs.
    mine: tuple[OpenHandoff, ...] = ()
    #: Everybody's, for staff.
    handoffs: tuple[OpenHandoff, ...] = ()
    needs_answer: tuple[NeedsAnswer, ...] = ()
    phrasings: tuple[WaitingPhrasing, ...] = ()
    #: Newest first.
    approved: tuple[ApprovedPhrasing, ...] = ()
    proposals: tuple[WaitingProposal, ...] = ()
    #: Figures of how things stand, for staff and admins.
    counts: tuple[Count, ...] = ()
    #: For staff and admins; None before anything was asked.
    promise: Promise | None = None


def home(card: HomeCard) -> View:
    """The home tab of one person."""
    blocks = [
        kit.header("Ask me anything about your work here"),
        kit.section(
            "Send me a message or mention me in a channel. I answer from the knowledge base, say so when I'm not "
            "sure, and fetch a human when you want one."
        ),
    ]
    blocks += _handoffs("Your open requests", card.mine)
    if card.staff or card.admin:
        buttons = [kit.button("Add an answer", HOME_ADD_ENTRY, HOME)]
        if card.admin:
            buttons.append(kit.button("Channel settings", HOME_SETTINGS, HOME))
            buttons.append(kit.button("Workspace settings", HOME_PREFERENCES, HOME))
        blocks += [kit.actions(*buttons), *_counts(card.counts), *_promise(card.promise)]
        blocks += _handoffs("Waiting for the team", card.handoffs)
    if card.admin:
        blocks += [*_proposals(card.proposals), *_phrasings(card.phrasings), *_approved(card.approved)]
    if card.staff or card.admin:
        blocks += _needs_answer(card.needs_answer)
        if not (card.handoffs or card.needs_answer or (card.admin and (card.proposals or card.phrasings))):
            blocks.append(kit.section("Nothing is waiting. Well done."))
    return {"type": "home", "blocks": blocks[: kit.VIEW_BLOCKS]}


def bulk_decided(decided: int, left: int, *, approved: bool) -> str:
    """What App Home says after a bulk decision, as a line of text."""
    what = "approved" if approved else "rejected"
    stayed = f" {left} could not be {what} and stay in the list." if left else ""
    return f"{decided} {'wording' if decided == 1 else 'wordings'} {what}.{stayed}"


def _handoffs(title: str, handoffs: Sequence[OpenHandoff]) -> list[Block]:
    lines = [f"• {_linked(one.url, one.question)} – {kit.words(one.standing, 80)}" for one in handoffs[:_LISTED]]
    return _list(title, lines, len(handoffs))


def _proposals(proposals: Sequence[WaitingProposal]) -> list[Block]:
    lines = []
    for one in proposals[:_LISTED]:
        times = f" · asked in {one.count} conversations" if one.count > 1 else ""
        lines.append(f"• {kit.words(one.kind, 40)}: {_linked(one.url, one.question)}{times}")
    return _list("Waiting for your decision", lines, len(proposals))


def _needs_answer(questions: Sequence[NeedsAnswer]) -> list[Block]:
    if not questions:
        return []
    blocks = [kit.divider(), kit.section(f"*Needs an answer* ({len(questions)})")]
    for one in questions[:_LISTED]:
        times = f"\n{one.count} people asked" if one.count > 1 else ""
        add = kit.button("Add an answer", HOME_NEEDS_ANSWER, ButtonValue(one.proposal))
        blocks.append(kit.section(kit.words(one.question, 400) + times, add))
    return [*blocks, *_more(len(questions))]


def _phrasings(phrasings: Sequence[WaitingPhrasing]) -> list[Block]:
    """The wordings in groups of ten: first in full, then a box for each."""
    if not phrasings:
        return []
    room = _PHRASING_GROUPS * kit.OPTIONS
    blocks = [
        kit.divider(),
        kit.section(f"*New wordings of known questions* ({len(phrasings)})\nTick those that mean the same."),
    ]
    boxes = 0
    for number in range(_PHRASING_GROUPS):
        start = number * kit.OPTIONS
        group = list(enumerate(phrasings[start : start + kit.OPTIONS], start=start + 1))
        if not group:
            break
        lines = "\n".join(f"{at}. “{kit.words(one.phrasing, _READABLE)}” → {_known(one)}" for at, one in group)
        blocks += kit.sections(lines)
        options = [
            kit.option(f"{at}. {one.phrasing}", ButtonValue(one.proposal, one.shown).encode())
            for at, one in group
            if len(one.phrasing) <= _READABLE
        ]
        if options:
            element = kit.checkboxes(options) | {"action_id": HOME_PHRASING_TOGGLE}
            blocks.append(kit.actions(element, block_id=f"{FIELD_HOME_PHRASINGS}_{number + 1}"))
            boxes += len(options)
    if len(phrasings) > room:
        blocks.append(kit.context(f"and {len(phrasings) - room} more, which come up once these are decided"))
    if boxes:
        ask = kit.confirm(
            "Approve the ticked wordings?", "Whoever asks like that gets the known answer at once.", "Approve"
        )
        no = kit.confirm(
            "Reject the ticked wordings?", "They are remembered and not proposed again.", "Reject", danger=True
        )
        blocks.append(
            kit.actions(
                kit.button("Approve ticked", HOME_BULK_APPROVE, HOME, style="primary", confirm=ask),
                kit.button("Reject ticked", HOME_BULK_REJECT, HOME, confirm=no),
            )
        )
    return blocks


def _approved(phrasings: Sequence[ApprovedPhrasing]) -> list[Block]:
    """What was approved lately, each with the way back."""
    if not phrasings:
        return []
    blocks = [kit.divider(), kit.section(f"*Wordings approved in the last seven days* ({len(phrasings)})")]
    for one in phrasings[:_UNDOABLE]:
        ask = kit.confirm("Undo this?", "Search will find exactly what it found before.", "Undo", danger=True)
        undo = kit.button("Undo", PROPOSAL_UNDO, ButtonValue(one.proposal), confirm=ask)
        line = f"“{kit.words(one.phrasing, _READABLE)}” → {kit.words(one.question, 150)} · {kit.who(one.by)}"
        blocks.append(kit.section(line, undo))
    hidden = len(phrasings) - _UNDOABLE
    return [*blocks, kit.context(f"and {hidden} more")] if hidden > 0 else blocks


def _known(one: WaitingPhrasing) -> str:
    note = " _(too long to approve here)_" if len(one.phrasing) > _READABLE else ""
    return f"{kit.words(one.question, 150)}{note}"


def _counts(counts: Sequence[Count]) -> list[Block]:
    if not counts:
        return []
    figures = " · ".join(f"*{count.value:,}* {escape(count.label)}" for count in counts[:8])
    return [kit.context(figures)]


def _promise(promise: Promise | None) -> list[Block]:
    if promise is None or not promise.alone:
        return []
    words = (
        f"Answered alone: *{promise.alone[-1]:.0%}* {_curve(promise.alone)} · Wrong, estimated: *{promise.wrong:.1%}* "
        f"({promise.low:.1%} to {promise.high:.1%}) of at most {promise.max_wrong:.1%} promised"
    )
    warning = [kit.section(f":rotating_light: {kit.words(promise.alarm)}")] if promise.alarm else []
    return [kit.context(words), *warning]


def _curve(shares: Sequence[float]) -> str:
    """A line of small bars, from the oldest to the newest: 0 to 1 is nothing to full."""
    return "".join(_BARS[min(int(share * len(_BARS)), len(_BARS) - 1)] for share in shares)


def _list(title: str, lines: Sequence[str], total: int) -> list[Block]:
    if not lines:
        return []
    return [kit.divider(), *kit.sections(f"*{title}* ({total})\n" + "\n".join(lines)), *_more(total)]


def _more(total: int) -> list[Block]:
    return [kit.context(f"and {total - _LISTED} more")] if total > _LISTED else []


def _linked(url: str, question: str) -> str:
    return kit.link(url if len(url) <= 300 else "", clip(question, 120))
