"""'Why this answer?': what the record of a decision says, for staff, and their word on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.slack import actions as names
from bot.slack.actions import ButtonValue
from bot.slack.views import kit
from bot.slack.views.kit import Block, View

#: Rules in words; one that is not here is shown by its name.
_RULES: Mapping[str, str] = {
    "confident": "An approved answer fitted well enough to give it by itself.",
    "written_from_evidence": "No approved answer fitted well enough; a model wrote this from the evidence below.",
    "cut_off": "A model wrote this from the evidence below and was cut off.",
    "may_help": "No approved answer fitted well enough; parts of documents came near.",
    "not_sure": "Nothing fitted well enough.",
    "nothing_near": "Nothing that is known came near.",
    "nothing_else": "Somebody asked to try again, and nothing else is known.",
    "model_does_not_know": "The model read the evidence and said that it does not hold the answer.",
    "no_valid_citation": "The model's text cited nothing that it was given, so it was not shown.",
    "model_refused": "The model declined.",
    "model_timed_out": "The model did not answer in time.",
    "model_failed": "The model could not be reached.",
    "chosen": "Somebody chose this question from the nearest ones.",
    "shared_channel": "People of other organisations may read that channel.",
    "outsider": "Who asked is a guest or belongs to another organisation.",
}
_JUDGEMENTS = {
    "helpful": "It helped",
    "unhelpful": "It did not help",
    "incorrect": "It is incorrect",
    "inappropriate": "It is inappropriate",
    "other": "Something else",
}
_EVIDENCE = 5


@dataclass(frozen=True)
class Seen:
    """One entry that was before the bot."""

    #: Its question, or the heading of a passage.
    title: str
    version: int
    score: float
    #: Whether the answer said it.
    said: bool


@dataclass(frozen=True)
class WhyCard:
    """What is known of a decision."""

    decision: str
    #: As it was understood, redacted; empty where the person was erased.
    question: str
    #: Name of the rule that chose.
    rule: str
    #: Calibrated probability, 0 to 1.
    confidence: float
    #: Best first.
    evidence: Sequence[Seen] = ()
    #: Name to value: model, prompt, knowledge base, …; empty ones are left out.
    versions: Sequence[tuple[str, str]] = ()
    #: What it took, in words: time by stage, tokens, cost.
    effort: Sequence[str] = ()
    #: Votes so far.
    up: int = 0
    down: int = 0


def why_form(card: WhyCard) -> View:
    """The modal: evidence, confidence, rule, versions, and a word on it where staff have one."""
    lead = _RULES.get(card.rule, kit.words(card.rule.replace("_", " ")).capitalize() + ".")
    blocks: list[Block] = [
        kit.section(f"*Asked*\n{kit.quote(card.question or '(erased)')}"),
        kit.section(f"*Why*\n{lead}\nConfidence {card.confidence:.0%}, rule `{kit.words(card.rule, 60)}`"),
        *_seen(card.evidence),
    ]
    told = [f"{name} {kit.words(value, 80)}" for name, value in card.versions if value]
    for title, lines in (("Versions", told), ("Took", list(card.effort))):
        if lines:
            blocks.append(kit.context(f"*{title}*\n" + "\n".join(lines)))
    blocks.append(kit.context(f"Record {card.decision} · {card.up} 👍 {card.down} 👎"))
    blocks += [
        kit.divider(),
        kit.field(names.FIELD_REASON, "What do you say of it?", kit.radios(_JUDGEMENTS), optional=True),
        kit.field(names.FIELD_COMMENT, "Anything to add?", kit.text_input(), optional=True),
    ]
    return kit.modal(names.WHY_FORM, "Why this answer?", blocks, submit="Send", about=ButtonValue(card.decision))


def _seen(evidence: Sequence[Seen]) -> list[Block]:
    if not evidence:
        return [kit.section("*Evidence*\nNothing was looked up, or nothing was found.")]
    lines = [
        f"{number}. {'*' if one.said else ''}{kit.words(one.title, 120)}{'* – said' if one.said else ''}"
        f"  (score {one.score:.2f}, version {one.version})"
        for number, one in enumerate(evidence[:_EVIDENCE], start=1)
    ]
    more = len(evidence) - len(lines)
    return [kit.section("*Evidence*\n" + "\n".join(lines) + (f"\nand {more} more" if more > 0 else ""))]
