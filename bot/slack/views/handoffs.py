"""What a handoff looks like: the card in the staff room, what the asker is told, and the words relayed between them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.slack.actions import (
    HANDOFF_CANCEL,
    HANDOFF_CLAIM,
    HANDOFF_REASSIGN,
    HANDOFF_RELEASE,
    HANDOFF_REOPEN,
    HANDOFF_RESOLVE,
    HANDOFF_SOLVED_NO,
    HANDOFF_SOLVED_YES,
    RELAY_CONSENT_NO,
    RELAY_CONSENT_YES,
    ButtonValue,
)
from bot.slack.text import escape, split, to_mrkdwn
from bot.slack.views import kit, times
from bot.slack.views.kit import Block, Message


class CardState(StrEnum):
    """Where a handoff stands, as its card shows it."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class HandoffCard:
    """A handoff as the staff room sees it."""

    handoff: str
    state: CardState
    question: str
    #: Slack user id or name.
    asker: str
    #: What the bot found or said before, one plain sentence each.
    tried: tuple[str, ...] = ()
    #: Why it stopped, a plain sentence.
    stopped_because: str = ""
    #: Permalink of the asker's thread; empty where staff cannot open it.
    url: str = ""
    #: Whether words go both ways through this thread because staff cannot see the asker's.
    relayed: bool = False
    #: When the asker was told to expect someone; aware.
    expected_by: datetime | None = None
    #: Slack user id or name of who has it, or had it last.
    agent: str = ""


def card(handoff: HandoffCard) -> Message:
    """The card in the staff room; redrawn whenever the handoff moves."""
    line = f"{_heading(handoff)}: {kit.words(handoff.question)}"
    if handoff.state is CardState.CANCELLED:
        return kit.message(line, [kit.section(line)])
    blocks: list[Block] = [kit.section(f"*{_heading(handoff)}*\n{kit.quote(handoff.question, 1500)}")]
    report = [f"• {kit.words(one)}" for one in handoff.tried[:8]]
    if handoff.stopped_because:
        report.append(f"• Why I stopped: {kit.words(handoff.stopped_because)}")
    if report and handoff.state is CardState.OPEN:
        blocks.append(kit.section("*What I did*\n" + "\n".join(report)))
    notes = _notes(handoff)
    blocks += [*([kit.context(*notes)] if notes else []), kit.actions(*_buttons(handoff))]
    return kit.message(line, blocks)


def _heading(handoff: HandoffCard) -> str:
    asker, agent = kit.who(handoff.asker), kit.who(handoff.agent)
    match handoff.state:
        case CardState.OPEN:
            return f"{asker} needs a person"
        case CardState.CLAIMED:
            return f"{agent} is helping {asker}"
        case CardState.RESOLVED:
            return f"Resolved by {agent} for {asker}"
        case CardState.CANCELLED:
            return f"{asker} no longer needs help"


def _notes(handoff: HandoffCard) -> list[str]:
    waiting = handoff.state is CardState.OPEN
    notes = []
    if handoff.relayed:
        notes.append("You can't see this conversation, so I pass words on: what you write in this thread goes to them.")
    elif handoff.url:
        notes.append(kit.link(handoff.url, "Open the thread") + (" and answer there." if waiting else ""))
    if waiting:
        notes.append("The first reply claims it.")
    if waiting and handoff.expected_by:
        notes.append(f"They expect someone by {times.everyone(handoff.expected_by)}.")
    return notes


def _buttons(handoff: HandoffCard) -> list[Block]:
    value = ButtonValue(handoff.handoff)
    claim = kit.button("Claim", HANDOFF_CLAIM, value, style="primary")
    reassign = kit.button("Reassign", HANDOFF_REASSIGN, value)
    resolve = kit.button("Resolve", HANDOFF_RESOLVE, value, style="primary")
    match handoff.state:
        case CardState.OPEN:
            return [claim]
        case CardState.CLAIMED:
            return [resolve, kit.button("Release", HANDOFF_RELEASE, value), reassign]
        case _:
            return [kit.button("Reopen", HANDOFF_REOPEN, value)]


def asked(handoff: str, expected: str) -> Message:
    """Tells the asker that a person was called, and from when to expect one.

    Args:
        expected: the moment in the asker's own words (`times.spoken`); empty where no hours are set.
    """
    when = f" Expect a reply by {escape(expected)}, your time." if expected else ""
    text = f"I've asked a colleague to help you.{when} I'll stay quiet here meanwhile."
    cancel = kit.button("I no longer need help", HANDOFF_CANCEL, ButtonValue(handoff))
    return kit.message(text, [kit.section(text), kit.actions(cancel)])


def unreached(handoff: str) -> Message:
    """Tells the asker that nobody could be called: staff cannot be written to."""
    text = (
        "I couldn't reach anybody: the support channel doesn't take my messages at the moment. I've told the admins, "
        "I keep your question and try again, and I'll say so here once a colleague has it. If it can't wait, please "
        "ask a colleague or an admin directly."
    )
    cancel = kit.button("I no longer need help", HANDOFF_CANCEL, ButtonValue(handoff))
    return kit.message(text, [kit.section(text), kit.actions(cancel)])


def claimed(agent: str) -> Message:
    """Tells the asker who is looking into it."""
    return _line(f"{kit.who(agent)} is looking into this.")


def reassigned(agent: str) -> Message:
    """Tells the asker who takes over from a colleague."""
    return _line(f"{kit.who(agent)} takes over from here.")


def released() -> Message:
    """Tells the asker that somebody else will take over."""
    return _line("Somebody else will take this over. You're still in the queue.")


def cancelled() -> Message:
    """Tells the asker that nobody will come any more."""
    return _line("All right, I've told the team that you no longer need help. Ask me again at any time.")


def reopened() -> Message:
    """Tells the asker that people are on it again."""
    return _line("I've asked the team to have another look.")


def consent(handoff: str) -> Message:
    """Asks whether the messages so far may be shown to staff who cannot see them."""
    text = (
        "Your question goes to the support team, who can't see this conversation. "
        "May I also show them what you wrote to me before?"
    )
    value = ButtonValue(handoff)
    choices = kit.actions(
        kit.button("Yes, show them", RELAY_CONSENT_YES, value, style="primary"),
        kit.button("No, only my question", RELAY_CONSENT_NO, value),
    )
    return kit.message(text, [kit.section(text), choices])


def consent_given(*, shown: bool) -> Message:
    """What is left of the question once the asker has decided."""
    return _line("I've shown the team our conversation so far." if shown else "I've passed on only your question.")


def relayed_to_asker(agent: str, said: str, written: datetime | None = None) -> tuple[Message, ...]:
    """What a colleague wrote in the staff room, with their name.

    Args:
        agent: the colleague's display name.
        said: Markdown.
        written: when, aware, where it comes late or after later words.
    """
    return _said(f"*{kit.words(agent, 80)} from support*{_late(written)}", said)


def relayed_to_staff(asker: str, said: str, written: datetime | None = None) -> tuple[Message, ...]:
    """What the asker wrote, for the staff room.

    Args:
        asker: Slack user id or display name.
        said: Markdown.
        written: when, aware, where it comes late or after later words.
    """
    return _said(f"*{kit.who(asker)}*{_late(written)}", said)


def earlier(asker: str, turns: tuple[tuple[str, str], ...]) -> tuple[Message, ...]:
    """The conversation so far, for the staff room, once the asker agreed.

    Args:
        turns: pairs of who (Slack user id or name; empty for the bot) and what they said, in order.
    """
    lines = [f"{kit.who(person) if person else 'Me'}: {kit.words(said, 1500)}" for person, said in turns]
    return _parts(f"*{kit.who(asker)} and I, so far*", "\n".join(lines))


def taken_back(*, changed: bool) -> Message:
    """What is left of carried words that were deleted, or changed too much to be shown in the same messages."""
    return _line("_This message was changed._" if changed else "_This message was deleted._")


def not_carried() -> Message:
    """Tells staff that what they wrote under a closed card went to nobody."""
    return _line("This conversation is closed, so I did not pass this on. Reopen it on the card to go on.")


def offer_resolve(handoff: str) -> Message:
    """Offers once to close a handoff that looks settled."""
    text = "Is this settled? Resolve it, and I'll draft the answer from what was said here."
    resolve = kit.button("Resolve", HANDOFF_RESOLVE, ButtonValue(handoff), style="primary")
    return kit.message(text, [kit.section(text, resolve)])


def solved_question(handoff: str, agent: str, answer: str, question: str = "") -> tuple[Message, ...]:
    """Shows the asker the resolution and asks, in a message of its own, whether it solved the matter.

    The question is shown anew once it is answered; the resolution stays as it is.

    Args:
        agent: Slack user id or name of who resolved it.
        answer: Markdown; empty where there is nothing to show.
        question: what the asker wrote, where the answer was not written for them alone; names what it answers.
    """
    value = ButtonValue(handoff)
    lead = f"{kit.who(agent)} marked this as resolved."
    if question:
        lead = f"{kit.who(agent)} answered your question:\n{kit.quote(question)}"
    choices = kit.actions(
        kit.button("Yes, solved", HANDOFF_SOLVED_YES, value, style="primary"),
        kit.button("No, not yet", HANDOFF_SOLVED_NO, value),
    )
    solved = "*Did that solve it?*"
    return (*_parts(lead, to_mrkdwn(answer)), kit.message(solved, [kit.section(solved), choices]))


def solved_reply(*, solved: bool) -> Message:
    """What is left of the question once the asker has answered it."""
    if solved:
        return _line("Glad that solved it.")
    return _line("Sorry about that. I've asked the team to have another look.")


def _late(written: datetime | None) -> str:
    return f" · _written {times.exactly(written)}, but it reached me late_" if written else ""


def _line(text: str) -> Message:
    return kit.message(text, [kit.section(text)])


def _said(name: str, markdown: str) -> tuple[Message, ...]:
    return _parts(name, to_mrkdwn(markdown) or kit.NOTHING)


def _parts(lead: str, text: str, *ending: Block) -> tuple[Message, ...]:
    parts = split(text, kit.MESSAGE_PART) or ("",)
    messages = []
    for number, part in enumerate(parts):
        shown = f"{lead}\n{part}".strip() if number == 0 else part
        blocks = [*kit.sections(shown), *(ending if number == len(parts) - 1 else ())]
        messages.append(kit.message(shown, blocks))
    return tuple(messages)
