"""The modals that people fill in. Each knows only what it shows; what is sent is checked again on the server.

Field names are those of `bot.slack.actions`; the private metadata holds the id the form is about.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.slack import actions as names
from bot.slack.actions import ON, ButtonValue
from bot.slack.text import escape
from bot.slack.views import kit
from bot.slack.views.kit import Block, View

_REASONS = {
    "unhelpful": "It did not help",
    "incorrect": "It is incorrect",
    "inappropriate": "It is inappropriate",
    "other": "Something else",
}
_MODES = {
    "everything": "Answer every question",
    "mentions": "Answer when mentioned",
    "drafts": "Prepare drafts for staff to send",
    "off": "Stay silent",
}
_CHOICES = {
    names.CHOICE_REPLACE: "This answer takes its place",
    names.CHOICE_KEEP_BOTH: "Keep both",
}
#: A form holds 250,000 characters and a hundred blocks in all; a text beyond this is left out and stays as it is.
_EDITABLE = 60_000
#: Groups of ten that one form shows; what does not fit is counted.
_GROUPS = 9


@dataclass(frozen=True)
class AffectedThread:
    """A thread that got an answer which no longer holds."""

    #: Id of the decision that was posted there.
    decision: str
    #: The redacted question.
    question: str
    #: Where it stands, in words: `#help`, `a direct message`.
    place: str
    #: When, in words: `3 days ago`.
    when: str


@dataclass(frozen=True)
class WaitingQuestion:
    """A question that waits for a person and looks like the one being answered."""

    handoff: str
    question: str
    #: Display name.
    asker: str
    #: How long it has waited, in words: `5 minutes`.
    waited: str
    #: Whether it was asked where not everyone can read.
    private: bool = False


def feedback_form(decision: str, *, person_available: bool = True) -> View:
    """Why an answer was voted down: reason, comment, correction, and a person where wanted."""
    fields = [
        kit.field(names.FIELD_REASON, "What was wrong with it?", kit.radios(_REASONS)),
        kit.field(names.FIELD_COMMENT, "Anything to add?", kit.text_input(), optional=True),
        kit.field(
            names.FIELD_CORRECTION,
            "What would be right?",
            kit.text_input(),
            optional=True,
            hint="An admin looks at it before anyone is shown it.",
        ),
    ]
    if person_available:
        fields.append(_tick(names.FIELD_WANTS_PERSON, "Also", "Get a human to help me"))
    return kit.modal(names.FEEDBACK_FORM, "What went wrong?", fields, submit="Send", about=ButtonValue(decision))


def correct_form(decision: str, question: str, answer: str) -> View:
    """A correction of an answer by staff; it becomes a proposal.

    Args:
        question: what was asked, or the entry's question.
        answer: the answer as it stands, Markdown.
    """
    fields = [
        kit.section(f"*Question*\n{kit.quote(question)}"),
        *answer_fields(answer),
        kit.field(names.FIELD_COMMENT, "What is wrong with it?", kit.text_input(), optional=True),
    ]
    return kit.modal(names.CORRECT_FORM, "Correct this answer", fields, submit="Propose", about=ButtonValue(decision))


def edit_form(
    proposal: str,
    shown: str,
    *,
    question: str,
    answer: str,
    phrasings: Sequence[str] = (),
    audience: str = names.AUDIENCE_EVERYONE,
    channel_name: str = "",
    contacts: Sequence[str] = (),
    conflict: bool = False,
) -> View:
    """A proposal to change and approve in one step.

    Args:
        shown: prefix of the hash of the proposal as it was when the form was opened.
        audience: `everyone` or `channel`, which is chosen at first.
        channel_name: the channel it could be kept to; empty where that is no choice.
        contacts: contact details found in the texts, which have to be confirmed.
        conflict: whether a known answer says otherwise, so that there is a choice to make.
    """
    fields = [
        *_question_fields(question),
        *_phrasing_fields(phrasings),
        *answer_fields(answer),
    ]
    if conflict:
        element = kit.radios(_CHOICES)
        fields.append(kit.field(names.FIELD_CHOICE, "What becomes of the known answer?", element))
    if channel_name:
        choices = {
            names.AUDIENCE_EVERYONE: "Everyone",
            names.AUDIENCE_CHANNEL: f"Only #{channel_name}",
        }
        fields.append(kit.field(names.FIELD_AUDIENCE, "Who may be shown it?", kit.radios(choices, audience)))
    if contacts:
        found = ", ".join(escape(one) for one in contacts[:8])
        fields.append(kit.section(f":warning: Contact details found: {found}"))
        fields.append(
            _tick(names.FIELD_CONTACTS_CONFIRMED, "Contact details", "What is left of them may stay", required=True)
        )
    return kit.modal(
        names.PROPOSAL_EDIT_FORM, "Edit and approve", fields, submit="Approve", about=ButtonValue(proposal, shown)
    )


def reject_form(proposal: str, shown: str, question: str) -> View:
    """Why a proposal is rejected; it is remembered, so that the same is not proposed again."""
    fields = [
        kit.section(kit.quote(question)),
        kit.field(
            names.FIELD_REASON,
            "Why not?",
            kit.text_input(required=True),
            hint="It is remembered, so that the same is not proposed again.",
        ),
        _tick(names.FIELD_UNNEEDED, "Was it wrong?", "No, it is right, only not needed"),
    ]
    return kit.modal(
        names.PROPOSAL_REJECT_FORM, "Reject this proposal", fields, submit="Reject", about=ButtonValue(proposal, shown)
    )


def resolve_form(handoff: str, question: str, drafted: str, alike: Sequence[WaitingQuestion] = ()) -> View:
    """The answer drafted from the staff's own words, to change before it goes anywhere.

    Args:
        drafted: Markdown; empty where nothing could be drafted.
        alike: other questions that it may answer, nearest first; none is ticked, because many only look alike.
    """
    fields = [
        kit.section(f"*Question*\n{kit.quote(question)}"),
        *answer_fields(drafted, hint="Drafted from what was written in the thread. The asker is shown it."),
        _tick(names.FIELD_PROPOSE, "Knowledge base", "Also propose it for the knowledge base", ticked=True),
        *_alike_fields(alike),
    ]
    return kit.modal(names.RESOLVE_FORM, "Resolve", fields, submit="Resolve", about=ButtonValue(handoff))


def reassign_form(handoff: str) -> View:
    """Who takes a handoff over."""
    select = {"type": "users_select", "placeholder": kit.plain_text("Choose a colleague")}
    fields = [kit.field(names.FIELD_ASSIGNEE, "Who takes over?", select)]
    return kit.modal(names.REASSIGN_FORM, "Reassign", fields, submit="Reassign", about=ButtonValue(handoff))


def affected_threads_form(subject: str, threads: Sequence[AffectedThread], reply: str = "", lead: str = "") -> View:
    """The threads that got an answer which no longer holds, to tick and send one corrected reply to.

    Args:
        subject: id of what changed: the review or the entry.
        reply: the corrected answer, Markdown; empty where there is none yet.
        lead: what just happened, a plain sentence; empty for nothing.
    """
    begin = [kit.section(kit.words(lead))] if lead else []
    if not threads:
        nothing = [*begin, kit.section("Nobody else got this answer in the last 30 days.")]
        return kit.modal(names.AFFECTED_THREADS_FORM, "Who got this answer", nothing, about=ButtonValue(subject))
    shown = threads[: _GROUPS * kit.OPTIONS]
    blocks: list[Block] = [
        *begin,
        kit.section(
            "These threads got this answer in the last 30 days. Tick those that shall get the corrected reply."
        ),
    ]
    for number, group in enumerate(_groups(shown), start=1):
        options = [kit.option(one.question, one.decision, f"{one.place}, {one.when}") for one in group]
        first = 1 + (number - 1) * kit.OPTIONS
        label = f"Threads {first} to {first + len(group) - 1}" if len(group) > 1 else f"Thread {first}"
        element = kit.checkboxes(options)
        blocks.append(kit.field(f"{names.FIELD_THREADS}_{number}", label, element, optional=True))
    if len(threads) > len(shown):
        blocks.append(kit.context(f"and {len(threads) - len(shown)} older ones, which this form has no room for"))
    blocks += answer_fields(reply, name=names.FIELD_REPLY, label="Reply to the ticked threads")
    return kit.modal(
        names.AFFECTED_THREADS_FORM, "Who got this answer", blocks, submit="Send", about=ButtonValue(subject)
    )


def channel_settings_form(
    channel: str = "", mode: str = "mentions", *, allow_shared: bool = False, pinned: bool = False
) -> View:
    """What the bot does in a channel.

    Args:
        channel: id of the channel chosen at first; empty for none.
        mode: `everything`, `mentions`, `drafts` or `off`.
        pinned: whether the operator has fixed the settings, so that they can only be read.
    """
    select: Block = {"type": "conversations_select", "filter": {"include": ["public", "private"]}}
    if channel:
        select["initial_conversation"] = channel
    fields = [
        kit.field(names.FIELD_CHANNEL, "Channel", select),
        kit.field(names.FIELD_MODE, "What shall I do there?", kit.radios(_MODES, mode)),
        _tick(
            names.FIELD_ALLOW_SHARED,
            "Other organisations and guests",
            "Answer them too in this channel",
            ticked=allow_shared,
        ),
    ]
    if pinned:
        note = kit.section("Your operator has fixed these settings, so they can't be changed here.")
        return kit.modal(names.CHANNEL_SETTINGS_FORM, "Channel settings", [note], about=ButtonValue(channel or "any"))
    return kit.modal(
        names.CHANNEL_SETTINGS_FORM, "Channel settings", fields, submit="Save", about=ButtonValue(channel or "any")
    )


@dataclass(frozen=True)
class WorkspaceSettings:
    """What admins may change for the whole workspace, as it is now."""

    #: What channels do that have no setting of their own.
    mode: str
    hours: str
    zone: str
    four_eyes: bool
    #: Names of the settings that the operator has fixed.
    pinned: frozenset[str] = frozenset()


def workspace_settings_form(now: WorkspaceSettings) -> View:
    """What holds for the whole workspace; what the operator has fixed is told and cannot be changed."""
    fields: dict[str, Block] = {
        "channel_mode": kit.field(names.FIELD_MODE, "What do I do in channels?", kit.radios(_MODES, now.mode)),
        "support_hours": kit.field(
            names.FIELD_HOURS,
            "When is support there?",
            kit.text_input(now.hours, lines=False, required=True),
            hint="Such as Mon-Fri 09:00-17:00. Askers are told when to expect someone.",
        ),
        "support_time_zone": kit.field(
            names.FIELD_ZONE,
            "In which time zone?",
            kit.text_input(now.zone, lines=False, required=True),
            hint="Such as Europe/Berlin.",
        ),
        "four_eyes": _tick(
            names.FIELD_FOUR_EYES,
            "Four eyes",
            "Nobody approves what is made of their own words",
            ticked=now.four_eyes,
        ),
    }
    blocks = [block for name, block in fields.items() if name not in now.pinned]
    if now.pinned:
        fixed = ", ".join(sorted(now.pinned & fields.keys()))
        blocks.append(kit.context(f"Fixed by your operator: {escape(fixed.replace('_', ' '))}."))
    submit = "Save" if len(blocks) > bool(now.pinned) else ""
    about = ButtonValue("workspace")
    return kit.modal(names.WORKSPACE_SETTINGS_FORM, "Workspace settings", blocks, submit=submit, about=about)


def add_entry_form(about: str, question: str = "") -> View:
    """A new question with its answer, proposed by hand.

    Args:
        about: id of what it comes from: a question that needs an answer, or the channel of the command.
    """
    fields = [
        *_question_fields(question),
        *_phrasing_fields(()),
        *answer_fields(""),
    ]
    return kit.modal(names.ADD_ENTRY_FORM, "Add an answer", fields, submit="Propose", about=ButtonValue(about))


def _alike_fields(alike: Sequence[WaitingQuestion]) -> list[Block]:
    """Boxes for the questions that look alike; one that is too long for its box stands above in full."""
    if not alike:
        return []
    blocks, options = [], []
    for number, one in enumerate(alike[: kit.OPTIONS], start=1):
        label = one.question
        if len(label) > kit.LABEL:
            blocks.append(kit.section(f"{number}. {kit.words(label, 1000)}"))
            label = f"{number}. {label}"
        where = ", asked in private" if one.private else ""
        options.append(kit.option(label, one.handoff, f"{one.asker}, waiting for {one.waited}{where}"))
    hint = (
        "They look alike, and often only look so: tick what exactly this answer settles. Each asker is shown it where "
        "they asked, so leave out what is for one person alone."
    )
    field = kit.field(names.FIELD_ALIKE, "Does it settle these too?", kit.checkboxes(options), optional=True, hint=hint)
    return [*blocks, field]


def answer_fields(
    answer: str, *, name: str = names.FIELD_ANSWER, label: str = "Answer", hint: str = "Markdown works here."
) -> list[Block]:
    """The fields that hold an answer."""
    return _long_fields(name, label, answer, hint=hint)


def _question_fields(question: str) -> list[Block]:
    return _long_fields(names.FIELD_QUESTION, "Question", " ".join(question.split()), lines=False)


def _phrasing_fields(phrasings: Sequence[str]) -> list[Block]:
    text = "\n".join(" ".join(one.split()) for one in phrasings)
    return _long_fields(names.FIELD_PHRASINGS, "Also asked as", text, hint="One wording per line.", optional=True)


def _long_fields(
    name: str, label: str, text: str, *, hint: str = "", lines: bool = True, optional: bool = False
) -> list[Block]:
    """One field, or as many as a long text needs, so that nothing is cut off (`FormState.long_text` joins them).

    A text that no form can hold gets no field: the submission then says nothing of it (`FormState.holds`).
    """
    if len(text) > _EDITABLE:
        return [kit.section(f"*{label}* is too long to change here and stays as it is.")]
    parts = list(_pieces(text))
    if len(parts) <= 1:
        element = kit.text_input(text, lines=lines, required=not optional)
        return [kit.field(name, label, element, hint=hint, optional=optional)]
    return [
        kit.field(
            f"{name}_{number}",
            f"{label}, part {number} of {len(parts)}",
            kit.text_input(part, lines=lines),
            optional=True,
            hint=hint if number == 1 else "",
        )
        for number, part in enumerate(parts, start=1)
    ]


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that fit a field, cut after a line or a blank where there is one; joined they are the text."""
    rest = text
    while len(rest) > names.FIELD_CHARACTERS:
        window = rest[: names.FIELD_CHARACTERS]
        at = max(window.rfind("\n") + 1, 0)
        if at <= names.FIELD_CHARACTERS // 2:
            at = max(window.rfind(" ") + 1, at)
        at = at or names.FIELD_CHARACTERS
        yield rest[:at]
        rest = rest[at:]
    if rest:
        yield rest


def _tick(name: str, label: str, text: str, *, ticked: bool = False, required: bool = False) -> Block:
    box = kit.checkboxes([kit.option(text, ON)], [ON] if ticked else [])
    return kit.field(name, label, box, optional=not required)


def _groups(threads: Sequence[AffectedThread]) -> Iterator[Sequence[AffectedThread]]:
    for start in range(0, len(threads), kit.OPTIONS):
        yield threads[start : start + kit.OPTIONS]
