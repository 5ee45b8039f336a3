"""What the agent takes and gives: turns of the conversation, and the `Reply` with everything a decision record
needs.

A reply is a value. It is made without writing anything anywhere, so it can be replayed, compared and tested.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from kb.entries import Evidence, Hit
from kb.ids import EntryId


class ReplyKind(StrEnum):
    """How a reply came about."""

    #: An approved answer, word for word.
    VERBATIM = "verbatim"
    #: Written by a model from evidence, with checked citations.
    GENERATED = "generated"
    #: Parts of documents, shown as 'this may help' and never as the answer.
    PASSAGES = "passages"
    #: No answer is given; the text says why.
    ABSTAINED = "abstained"


class Rule(StrEnum):
    """The rule that chose the reply; recorded with every decision."""

    #: An approved answer fits with at least the answer threshold.
    CONFIDENT = "confident"
    #: A model wrote it, and its citations hold.
    WRITTEN_FROM_EVIDENCE = "written_from_evidence"
    #: As before, but the model stopped half-way; what is shown are whole, cited sentences.
    CUT_OFF = "cut_off"
    #: No approved answer fits, but a document may help, and there is no model to read it.
    MAY_HELP = "may_help"
    #: Something near is known, not near enough to say it.
    NOT_SURE = "not_sure"
    #: Nothing near is known.
    NOTHING_NEAR = "nothing_near"
    #: The model read the evidence and says that it does not hold the answer.
    MODEL_DOES_NOT_KNOW = "model_does_not_know"
    #: The model wrote something, but no citation of it holds.
    NO_VALID_CITATION = "no_valid_citation"
    #: The model declined, or its provider's filter stopped it.
    MODEL_REFUSED = "model_refused"
    #: The model did not answer in time.
    MODEL_TIMED_OUT = "model_timed_out"
    #: The model could not be reached or failed.
    MODEL_FAILED = "model_failed"
    #: The knowledge base cannot be searched at the moment.
    INDEX_UNAVAILABLE = "index_unavailable"
    #: The message holds no words.
    EMPTY_QUESTION = "empty_question"
    #: The message holds only emoji.
    EMOJI_ONLY = "emoji_only"
    #: The message is longer than a question can be.
    TOO_LONG = "too_long"
    #: The question is in a language that the knowledge base is not searched in.
    OTHER_LANGUAGE = "other_language"
    #: A person chose it from the nearest questions.
    CHOSEN = "chosen"
    #: Somebody asked to try again, and nothing is known that was not said before.
    NOTHING_ELSE = "nothing_else"
    #: The person said hello and asked nothing.
    GREETING = "greeting"
    #: The person said thanks and asked nothing.
    THANKS = "thanks"
    #: The person asked for a person.
    ASKED_FOR_PERSON = "asked_for_person"


#: The rules under which nothing was asked that anybody could answer.
NOTHING_ASKED = frozenset(
    {Rule.GREETING, Rule.THANKS, Rule.ASKED_FOR_PERSON, Rule.EMPTY_QUESTION, Rule.EMOJI_ONLY, Rule.TOO_LONG}
)


class Speaker(StrEnum):
    """Who said a turn."""

    USER = "user"
    STAFF = "staff"
    BOT = "bot"


@dataclass(frozen=True)
class Turn:
    """One message of the conversation so far, oldest first, without the question being answered."""

    #: Who said it.
    who: Speaker
    #: What was said, as plain text or Markdown.
    text: str


@dataclass(frozen=True)
class Source:
    """A numbered source of a reply: what `[number]` in its text stands for."""

    #: Counts from 1 in the order of first mention.
    number: int
    #: The entry and the version that was read.
    entry: EntryId
    version: int
    #: The entry's question, or a passage's heading path.
    title: str
    #: The file or URL it came from and the place in it; None where the workspace's own people are the source.
    source: str | None
    position: str | None

    @classmethod
    def of(cls, number: int, hit: Hit) -> "Source":
        """The source that a hit of the evidence is, under this number."""
        provenance = hit.entry.content.provenance
        return cls(
            number=number,
            entry=hit.entry.id,
            version=hit.entry.version,
            title=hit.entry.question,
            source=provenance.source,
            position=provenance.position,
        )


@dataclass(frozen=True)
class Nearest:
    """A known question offered as 'did you mean'."""

    #: The entry and version whose question it is.
    entry: EntryId
    version: int
    #: The question as the entry words it.
    question: str


@dataclass(frozen=True)
class Tokens:
    """What a model call used, as far as the model says so."""

    #: Tokens read.
    input: int
    #: Tokens written.
    output: int


@dataclass(frozen=True)
class Writing:
    """What is known of the model call behind a reply, whether or not its text was used."""

    #: The model's name as configured.
    model: str
    #: sha256 (hex) of the instructions the model was given. Never of a person's words: a hash of those could be
    #: guessed.
    prompt_hash: str
    #: Everything it wrote as the answer, shown or not.
    output: str = ""
    #: What it thought aloud before, where it tells.
    reasoning: str = ""
    #: From asking it to its end.
    took: timedelta = timedelta()
    #: The provider's word for why it stopped (`stop`, `length`, `content_filter`, …); None if it never said.
    finish_reason: str | None = None
    #: None where the model does not report usage.
    tokens: Tokens | None = None
    #: Citations taken out because nothing with that number was given.
    removed_citations: int = 0
    #: Sentences and paragraphs not shown: uncited, or with figures that the evidence does not hold.
    withheld: int = 0


@dataclass(frozen=True)
class Reply:
    """What the agent says to one question, and why."""

    kind: ReplyKind
    #: Markdown, not escaped for any channel: who delivers it escapes it.
    text: str
    #: The rule that chose.
    rule: Rule
    #: The question as it was understood, readable without the conversation; empty where nothing was asked.
    understood: str = ""
    #: True where `understood` was joined with the question before it.
    follow_up: bool = False
    #: Calibrated probability (0 to 1) that the best evidence answers the question rightly.
    confidence: float = 0.0
    #: Numbered sources of the text, in order.
    sources: tuple[Source, ...] = ()
    #: At most three known questions to offer.
    nearest: tuple[Nearest, ...] = ()
    #: What was found; None where nothing was searched.
    evidence: Evidence | None = None
    #: Entries whose answers were said before and were not enough.
    tried: frozenset[EntryId] = frozenset()
    #: The model call, if there was one.
    writing: Writing | None = None

    @property
    def answered(self) -> bool:
        """Whether the question got an answer, as opposed to help or a reason."""
        return self.kind in (ReplyKind.VERBATIM, ReplyKind.GENERATED)
