"""What the bot answers: an answer in as many messages as it needs, 'not sure' with the nearest questions, and drafts.

Every answer ends in a way to a person. The menu with 'Stop using this' is the same for everyone, because a message
cannot differ by reader; who may use it is checked when it is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.slack.actions import (
    ANSWER_FEEDBACK,
    ANSWER_MENU,
    DRAFT_DISCARD,
    DRAFT_SEND,
    GET_PERSON,
    MENU_CORRECT,
    MENU_STOP,
    NEAREST_QUESTION,
    NONE_OF_THESE,
    TELL_WHY,
    TRY_AGAIN,
    ButtonValue,
)
from bot.slack.text import clip, split, to_mrkdwn
from bot.slack.views import kit
from bot.slack.views.kit import Block, Message

#: Sources beyond this are counted, not listed.
_LISTED = 10
_NEAREST = 3


@dataclass(frozen=True)
class Source:
    """Where an answer comes from."""

    #: The entry's question or the document's title.
    title: str
    #: Web address of the source; empty where it has none.
    url: str = ""
    #: Which file it is and where in it: `refunds.pdf · page 3`; empty for an entry that people made.
    position: str = ""


@dataclass(frozen=True)
class AnswerCard:
    """An answer to a question."""

    #: Id of the decision, which feedback and the menu refer to.
    decision: str
    #: Markdown.
    text: str
    #: In the order in which the text numbers them.
    sources: tuple[Source, ...] = ()
    #: Whether a model wrote it; otherwise it is an approved answer as it stands.
    generated: bool = False
    #: Whether it is parts of documents that may help, and no answer.
    passages: bool = False
    #: Whether it says only why there is no answer.
    abstained: bool = False
    #: Whether the asker chose its question from the nearest ones.
    chosen: bool = False
    #: Calibrated probability, 0 to 1, that it is right.
    confidence: float = 1.0


@dataclass(frozen=True)
class Nearest:
    """A question the bot knows that may be what was meant."""

    entry: str
    question: str


@dataclass(frozen=True)
class AbstainedCard:
    """The bot is not sure."""

    decision: str
    #: Best first; three are offered.
    nearest: tuple[Nearest, ...] = ()
    #: Why there is no answer, Markdown.
    text: str = "I'm not sure about this one. I'd rather not guess."
    #: False where no staff room is set up, so that nobody can be called.
    person_available: bool = True


@dataclass(frozen=True)
class DraftCard:
    """An answer that waits for staff to send it."""

    answer: AnswerCard
    question: str
    #: Slack user id or name.
    asker: str
    #: Permalink of the question; empty where there is none.
    url: str = ""


def answer(card: AnswerCard) -> tuple[Message, ...]:
    """The answer in as many messages as Slack's limits ask for; the last one carries sources and buttons."""
    return _spread(card.text, tail(card))


def tail(card: AnswerCard) -> list[Block]:
    """What stands under an answer; also given to Slack when a streamed answer ends."""
    blocks = [kit.context(text) for text in (_sources(card.sources), _standing(card)) if text]
    # Parts of documents are no answer that could be another one.
    return [*blocks, _feedback(card.decision), _buttons(card.decision, again=not card.passages)]


def abstained(card: AbstainedCard) -> Message:
    """'I'm not sure', with the nearest questions to choose from and a person to ask."""
    nearest = card.nearest[:_NEAREST]
    said = to_mrkdwn(card.text).strip() or kit.NOTHING
    lead = split(said + (" A colleague can help you." if card.person_available else ""), kit.MESSAGE_PART)[0]
    blocks = kit.sections(lead)
    if nearest:
        blocks.append(kit.section("*Did you mean one of these?*"))
    for number, one in enumerate(nearest, start=1):
        value = ButtonValue(card.decision, choice=one.entry)
        if len(one.question) > kit.LABEL:
            blocks.append(kit.section(f"{number}. {kit.words(one.question, 1000)}"))
        label = one.question if len(one.question) <= kit.LABEL else f"{number}. {one.question}"
        blocks.append(kit.actions(kit.button(label, NEAREST_QUESTION, value)))
    ways = [kit.button("None of these", NONE_OF_THESE, ButtonValue(card.decision))] if nearest else []
    if card.person_available:
        ways.append(_person(card.decision, primary=True))
    if ways:
        blocks.append(kit.actions(*ways))
    listed = "".join(f"\n• {kit.words(one.question)}" for one in nearest)
    return kit.message(f"{lead}\nDid you mean:{listed}" if listed else lead, blocks)


def discarded(decision: str, *, person_available: bool) -> Message:
    """For an asker whose draft staff did not send."""
    text = "The support team has looked at this, and I have no answer that I could give you."
    return abstained(AbstainedCard(decision, text=text, person_available=person_available))


def draft_unseen(decision: str, *, person_available: bool) -> Message:
    """For an asker whose draft staff could not be shown."""
    text = "In this channel the support team sends my answers, and I can't reach the team now. I've told the admins."
    return abstained(AbstainedCard(decision, text=text, person_available=person_available))


def draft(card: DraftCard) -> tuple[Message, ...]:
    """An answer for staff to send or to discard; the asker sees nothing of it yet."""
    asked = f"*Draft for {kit.who(card.asker)}* – {kit.link(card.url, 'see the question')}" if card.url else ""
    lead = f"{asked or f'*Draft for {kit.who(card.asker)}*'}\n{kit.quote(card.question)}"
    value = ButtonValue(card.answer.decision)
    ending = [kit.context(text) for text in (_sources(card.answer.sources), _standing(card.answer)) if text]
    choices = kit.actions(
        kit.button("Send", DRAFT_SEND, value, style="primary"),
        kit.button("Discard", DRAFT_DISCARD, value),
    )
    return _spread(card.answer.text, [*ending, choices], lead=lead)


def draft_decided(question: str, by: str, *, sent: bool) -> Message:
    """What is left of a draft once it was sent or discarded."""
    line = f"{'Sent' if sent else 'Discarded'} by {kit.who(by)}: {kit.words(question)}"
    return kit.message(line, [kit.context(line)])


def ask_why(decision: str) -> Message:
    """A hint after a thumbs-down by reaction, which can open no form by itself."""
    text = "Sorry that this didn't help. Would you tell me why?"
    return kit.message(text, [kit.section(text, kit.button("Tell me why", TELL_WHY, ButtonValue(decision)))])


def nearest_chosen(question: str, by: str) -> Message:
    """What is left of 'did you mean' once somebody chose a question."""
    line = f"{kit.who(by)} meant: {kit.words(question)}"
    return kit.message(line, [kit.context(line)])


def none_chosen(decision: str, by: str, *, person_available: bool, called: bool) -> Message:
    """What is left of 'did you mean' once the asker meant none of the questions.

    Args:
        person_available: False where no staff room is set up, so that nobody can be called.
        called: whether people have the conversation already.
    """
    line = f"{kit.who(by)} meant none of these."
    if called:
        line += " I've asked a colleague to help."
    elif person_available:
        line += " A colleague can help you."
    else:
        line += " Please try again in other words."
    return kit.message(line, [kit.section(line, _person(decision) if person_available and not called else None)])


def _spread(markdown: str, ending: Sequence[Block], lead: str = "") -> tuple[Message, ...]:
    """The text over as many messages as it needs, `lead` before the first part and `ending` after the last."""
    text = to_mrkdwn(markdown).strip() or kit.NOTHING
    parts = split(text, kit.MESSAGE_PART)
    messages = []
    for number, part in enumerate(parts):
        first, last = number == 0, number == len(parts) - 1
        blocks = [*([kit.section(lead)] if lead and first else []), *kit.sections(part), *(ending if last else [])]
        messages.append(kit.message(f"{lead}\n{part}" if lead and first else part, blocks))
    return tuple(messages)


def _sources(sources: Sequence[Source]) -> str:
    lines: list[str] = []
    room = kit.CONTEXT - 50
    for number, source in enumerate(sources[:_LISTED], start=1):
        line = _source(number, source)
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    if len(sources) > len(lines):
        lines.append(f"and {len(sources) - len(lines)} more")
    heading = "Source" if len(sources) == 1 else "Sources"
    return f"*{heading}*\n" + "\n".join(lines) if lines else ""


def _source(number: int, source: Source) -> str:
    """One line; the address is linked where it leaves room for the others."""
    position = f" · {kit.words(source.position, 100)}" if source.position else ""
    return f"[{number}] {kit.link(source.url if len(source.url) <= 150 else '', clip(source.title, 120))}{position}"


def _standing(card: AnswerCard) -> str:
    """How far the answer may be trusted, in words."""
    if card.abstained:
        return "I found no answer. Sending this says so and offers a human."
    if card.passages:
        return "From our documents; nobody has approved it as an answer to this."
    if card.generated:
        return "Written from the sources above. Please check them before you rely on it."
    if card.chosen:
        return "The approved answer to the question you chose. If it isn't what you meant, press the thumb down."
    if card.confidence >= 0.95:
        return "An approved answer from our knowledge base."
    return "An approved answer from our knowledge base. I'm fairly sure it is what you asked for."


def _feedback(decision: str) -> Block:
    def thumb(label: str, spoken: str, choice: str) -> Block:
        return {
            "text": kit.plain_text(label),
            "accessibility_label": spoken,
            "value": ButtonValue(decision, choice=choice).encode(),
        }

    buttons = {
        "type": "feedback_buttons",
        "action_id": ANSWER_FEEDBACK,
        "positive_button": thumb("Helpful", "This answer helped", "up"),
        "negative_button": thumb("Not helpful", "This answer did not help", "down"),
    }
    return {"type": "context_actions", "elements": [buttons]}


def _buttons(decision: str, *, again: bool) -> Block:
    menu = {
        "type": "overflow",
        "action_id": ANSWER_MENU,
        "options": [
            kit.option("Stop using this", ButtonValue(decision, choice=MENU_STOP).encode()),
            kit.option("Correct this", ButtonValue(decision, choice=MENU_CORRECT).encode()),
        ],
    }
    repeat = [kit.button("Try again", TRY_AGAIN, ButtonValue(decision))] if again else []
    return kit.actions(_person(decision), *repeat, menu)


def _person(decision: str, *, primary: bool = False) -> Block:
    return kit.button("Get a human", GET_PERSON, ButtonValue(decision), style="primary" if primary else "")
