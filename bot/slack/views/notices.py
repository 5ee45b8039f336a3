"""The short messages: apologies, polite refusals, confirmations, help, and what waits today."""

from collections.abc import Sequence
from typing import Any

from bot.slack.actions import COMMAND, ENTRY_RESUME, GET_PERSON, ButtonValue
from bot.slack.text import clip, escape, split, to_mrkdwn
from bot.slack.views import kit
from bot.slack.views.kit import Message

#: Slack shows up to four prompts.
_PROMPTS = 4


def line(text: str, by: str = "") -> Message:
    """A short message in Markdown: what the agent says where there is nothing to rate, or an error's sentence.

    Args:
        by: Slack user id or name of who was faster; empty where nobody was.
    """
    said = to_mrkdwn(text).strip() or kit.NOTHING
    shown = split(said, kit.MESSAGE_PART)[0] + (f" It was {kit.who(by)}." if by else "")
    return kit.message(shown, kit.sections(shown))


def apology(reference: str, decision: str = "") -> Message:
    """Something went wrong on our side.

    Args:
        reference: the id under which the log holds the cause.
        decision: id that 'Get a human' carries; empty leaves the button out.
    """
    text = (
        "Sorry, something went wrong on my side, so I can't answer this now. Please try again in a few minutes."
        f"\nIf it happens again, give your admin this reference: `{kit.words(reference, 80)}`"
    )
    blocks = [kit.section(text)]
    if decision:
        blocks.append(kit.actions(kit.button("Get a human", GET_PERSON, ButtonValue(decision))))
    return kit.message(text, blocks)


def failed(reference: str) -> Message:
    """What somebody wanted done failed for a reason that is ours.

    Args:
        reference: the id under which the log holds the cause.
    """
    return _said(
        "Something went wrong on my side; nothing was changed. "
        f"Please try again, or give your admin this: {kit.words(reference, 80)}"
    )


def declined_shared() -> Message:
    """Declines in a channel that other organisations can read."""
    return _said(
        "People from other organisations can read this channel, so I don't answer here. "
        "Send me a direct message, or ask in one of your own channels. An admin can allow me here."
    )


def declined_guest() -> Message:
    """Declines a guest, or a person of another organisation."""
    return _said(
        "I can only answer members of this workspace. Please ask the person you work with here. "
        "An admin can allow me to answer guests in a channel."
    )


def declined_drafts() -> Message:
    """Declines where staff are to send the answers and could not see them."""
    return _said(
        "In this channel the support team sends my answers, and the team can't read along here. "
        "Send me a direct message, or ask an admin to change my channel settings."
    )


def moved_to_direct() -> Message:
    """Says in a channel that the answer went by direct message."""
    return _said("This answer isn't meant for everyone who can read this channel, so I've sent it to you directly.")


def restricted_lead(question: str) -> Message:
    """Opens the direct message that holds a restricted answer."""
    return _said(f"You asked in a channel: “{kit.words(question)}” The answer is meant only for some people, so here:")


def no_staff_room() -> Message:
    """There is nobody to hand over to."""
    return _said("I can't fetch a human yet: nobody has set up a support channel. Please ask your admin.")


def support_unreachable(channel: str) -> Message:
    """Tells admins that handoff cards reach nobody, and what to do.

    Args:
        channel: id of the support channel.
    """
    return _unreachable(
        "support channel",
        channel,
        "ANSWERLOOP_SUPPORT_CHANNEL",
        "so nobody there sees who needs a person",
        "The requests wait in my Home tab",
    )


def review_unreachable(channel: str) -> Message:
    """Tells admins that cards of proposals do not stand where they review, and what to do.

    Args:
        channel: id of the review channel.
    """
    return _unreachable(
        "review channel",
        channel,
        "ANSWERLOOP_REVIEW_CHANNEL",
        "so proposals stand only in their threads, and those from private places nowhere",
        "All that waits is listed in my Home tab",
    )


def _unreachable(room: str, channel: str, setting: str, consequence: str, meanwhile: str) -> Message:
    return _said(
        f":rotating_light: I can't post in the {room} (`{escape(channel)}`), {consequence}. Please invite me there "
        f"again, or name another channel in {setting}; `answerloop doctor` says what is wrong. {meanwhile}, and I keep "
        "trying."
    )


def thanks_for_feedback(*, corrected: bool) -> Message:
    """After the form of a thumbs-down."""
    if corrected:
        return _said("Thank you. An admin will look at your correction.")
    return _said("Thank you, I've noted that.")


def proposed(*, waiting_in_review: bool = True) -> Message:
    """After somebody proposed an answer or a correction."""
    where = " in the review channel" if waiting_in_review else ""
    return _said(f"Thank you. Your proposal waits for an admin{where}.")


def known_already() -> Message:
    """What somebody proposed is known, in these words."""
    return _said("The knowledge base says this already.")


def budget_alarm(why: str) -> Message:
    """The promised wrong rate may not be held.

    Args:
        why: with the figures.
    """
    return _said(f":rotating_light: {kit.words(why)}")


def rejected_before(reason: str) -> Message:
    """What somebody proposed was decided against before.

    Args:
        reason: why, in the reviewer's words; may be empty.
    """
    return _said(
        f"The same was rejected before, so I don't propose it again{f': {kit.words(reason)}' if reason else '.'}"
    )


def stopped(question: str, by: str, review: str, entry: str) -> Message:
    """An entry was taken out of search at once.

    Args:
        by: Slack user id or name.
        entry: id of the entry, for 'Who got this answer?'.
        review: id of the review that 'Undo' takes back.
    """
    text = f"{kit.who(by)} stopped this answer: {kit.words(question)} I no longer give it."
    undo = kit.button("Undo", ENTRY_RESUME, ButtonValue(review))
    return kit.message(text, [kit.section(text, undo), kit.actions(kit.who_got_it(entry))])


def resumed(question: str, by: str) -> Message:
    """What is left of the notice once the stop was undone."""
    return _said(f"{kit.who(by)} put this answer back in use: {kit.words(question)}")


def corrected_reply(markdown: str) -> tuple[Message, ...]:
    """A correction, for a thread that got an answer which no longer holds."""
    lead = "*A correction to what I told you here earlier*"
    text = to_mrkdwn(markdown).strip() or "Please don't rely on my earlier answer. I'm sorry about that."
    parts = split(text, kit.MESSAGE_PART)
    shown = [f"{lead}\n{part}" if number == 0 else part for number, part in enumerate(parts)]
    return tuple(kit.message(part, kit.sections(part)) for part in shown)


def corrections_sent(count: int) -> Message:
    """Tells staff how many threads got the correction."""
    return _said(f"Sent the correction to {count} {'thread' if count == 1 else 'threads'}.")


def not_settled_along(count: int) -> Message:
    """Tells staff that ticked questions are no longer theirs to answer.

    Args:
        count: how many.
    """
    which = "One of the questions you ticked was" if count == 1 else f"{count} of the questions you ticked were"
    return _said(f"{which} closed or taken over meanwhile, so I did not answer {'it' if count == 1 else 'them'}.")


def daily(phrasings: int, needs_answer: int = 0, due: int = 0) -> Message:
    """The one daily message about what waits in App Home.

    Args:
        due: answers in use that have reached the day from which somebody should look at them again.
    """
    waiting = []
    if phrasings:
        waiting.append(f"{phrasings} new {'wording' if phrasings == 1 else 'wordings'} of known questions")
    if needs_answer:
        waiting.append(
            f"{needs_answer} {'question that needs' if needs_answer == 1 else 'questions that need'} an answer"
        )
    if due:
        waiting.append(f"{due} {'answer that is' if due == 1 else 'answers that are'} due for a look")
    return _said(f"Waiting in my Home tab: {' and '.join(waiting) or 'nothing'}.")


def command_help(*, staff: bool) -> Message:
    """What the slash command can do."""
    rows = [f"`{COMMAND} ask <question>` – ask me something".replace("<", "&lt;").replace(">", "&gt;")]
    if staff:
        rows.append(f"`{COMMAND} add` – propose a question with its answer")
    rows.append(f"`{COMMAND} help` – this list")
    rows.append("You can also mention me in a channel, or send me a message.")
    text = "\n".join(rows)
    return kit.message(text, [kit.section(text)])


def unknown_command(typed: str) -> Message:
    """The word behind the command is none we know."""
    return _said(f"I don't know “{kit.words(typed, 40)}”. `{COMMAND} help` lists what I can do.")


def suggested_prompts(questions: Sequence[str]) -> dict[str, Any]:
    """Arguments for `assistant.threads.setSuggestedPrompts`: up to four questions to begin with."""
    chosen = [question for question in questions if question.strip()][:_PROMPTS] or ["What can you help me with?"]
    return {
        "title": "For example:",
        "prompts": [{"title": clip(" ".join(one.split()), 60), "message": clip(one, 1000)} for one in chosen],
    }


def _said(text: str) -> Message:
    return kit.message(text, [kit.section(text)])


def you_asked(question: str) -> Message:
    """Opens the direct message in which a question from the slash command is answered."""
    return _said(f"You asked: {kit.words(question, 2000)}")
