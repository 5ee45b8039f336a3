"""The agent: one question in, one `Reply` out. Reads top to bottom as the order in which a reply is chosen.

It decides and writes nothing down: search and model are given, and everything else is a function of its arguments.
What holds for every reply: without a model no text is invented; what a model writes is shown only as far as its
citations hold; every failure ends in a reply whose rule names it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.agent import texts
from bot.agent.citations import Citations
from bot.agent.follow_up import Caution, follows, settle, standing_question, understand
from bot.agent.gate import Gate, split_thoughts
from bot.agent.grounding import Ground
from bot.agent.language import is_other_language
from bot.agent.prompt import INSTRUCTIONS, clip, evidence_text, write_prompt
from bot.agent.reply import Nearest, Reply, ReplyKind, Rule, Source, Speaker, Tokens, Turn, Writing
from bot.agent.small_talk import is_emoji_only, is_empty, is_greeting, is_thanks, wants_person
from bot.agent.writer import ModelFailed, model_name, stream
from kb.entries import EntryKind, Evidence, Hit
from kb.errors import EmptyQuestion, IndexUnavailable
from kb.ids import EntryId

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from learning.budget import Thresholds

#: Finds evidence for a question; raises `EmptyQuestion` or `IndexUnavailable`.
Search = Callable[[str], Evidence]
#: Takes a piece of text to show; all pieces together are a beginning of the reply's text.
OnText = Callable[[str], None]


@dataclass(frozen=True)
class AgentSettings:
    """What can be set about the choice of a reply."""

    #: Confidence (0 to 1) from which an approved answer is given by itself.
    answer_threshold: float = 0.8
    #: Probability (0 to 1) that one of three known questions is meant from which these are offered.
    offer_threshold: float = 0.4
    #: Confidence (0 to 1) from which passages are shown as what may help, and a model is asked.
    near_threshold: float = 0.1
    #: Longest message that is read as a question, in characters.
    question_limit: int = 4_000
    #: How many pieces of evidence a model is given.
    evidence_limit: int = 5
    #: How many near questions, and how many passages, are offered at most.
    nearest_limit: int = 3
    passages_limit: int = 2
    #: Longest part of a passage that is quoted, in characters.
    passage_text: int = 700
    #: How long a model may take over the whole answer.
    deadline: timedelta = timedelta(seconds=60)
    #: How follow-ups are taken.
    caution: Caution = field(default_factory=Caution)
    #: False where the embedding model reads other languages too.
    english_only: bool = True


@dataclass(frozen=True)
class Agent:
    """Chooses and, with a model, writes the reply to a question."""

    settings: AgentSettings = field(default_factory=AgentSettings)
    #: Any LangChain chat model; None means that nothing is ever written.
    model: "BaseChatModel | None" = None
    #: What a model is told to do, before any question.
    instructions: str = INSTRUCTIONS
    #: Seconds that only ever grow, for the model's deadline.
    monotonic: Callable[[], float] = time.monotonic

    def within(self, thresholds: "Thresholds") -> "Agent":
        """The same agent, answering and offering from these thresholds on."""
        settings = replace(self.settings, answer_threshold=thresholds.answer, offer_threshold=thresholds.offer)
        return replace(self, settings=settings)

    def answer(
        self,
        question: str,
        turns: Sequence[Turn],
        search: Search,
        on_text: OnText | None = None,
        *,
        tried: frozenset[EntryId] = frozenset(),
    ) -> Reply:
        """The reply to a question.

        Args:
            question: the person's message as plain text.
            turns: the conversation before it, oldest first.
            search: finds the evidence that the readers of the reply may see.
            on_text: called while a model writes, with text that will not be taken back. Not called for other
                replies.
            tried: entries whose answers were said before and were not enough; they are not said or offered again, but
                a model may still read them.
        """
        question = question.strip()
        if (small := self._without_search(question)) is not None:
            return small
        try:
            reply = self._understand(question, turns, search)
        except IndexUnavailable:
            return _say(Rule.INDEX_UNAVAILABLE, understood=question)
        except EmptyQuestion:
            return _say(Rule.EMPTY_QUESTION)
        reply = replace(reply, tried=tried)
        evidence = reply.evidence
        if evidence is None or evidence.best is None:
            return self._abstain(reply, Rule.NOTHING_NEAR)
        best = evidence.best
        sure = _is_answer(best) and evidence.confidence >= self.settings.answer_threshold
        if sure and best.entry.id not in tried:
            return _verbatim(reply, best)
        if self.model is not None and (sure or self._is_near(evidence)):
            return self._write(self.model, reply, question, turns, on_text)
        return self._without_model(reply, Rule.NOTHING_ELSE if tried else Rule.NOT_SURE)

    def _without_search(self, question: str) -> Reply | None:
        limit = self.settings.question_limit
        if len(question) > limit:
            text = texts.too_long(len(question), limit)
            return Reply(kind=ReplyKind.ABSTAINED, text=text, rule=Rule.TOO_LONG)
        checks: tuple[tuple[Callable[[str], bool], Rule], ...] = (
            (is_emoji_only, Rule.EMOJI_ONLY),
            (is_empty, Rule.EMPTY_QUESTION),
            (wants_person, Rule.ASKED_FOR_PERSON),
            (is_thanks, Rule.THANKS),
            (is_greeting, Rule.GREETING),
        )
        return next((_say(rule) for holds, rule in checks if holds(question)), None)

    def _understand(self, question: str, turns: Sequence[Turn], search: Search) -> Reply:
        earlier = questions_of(turns)
        caution = self.settings.caution
        alone, *joined = understand(question, earlier)
        evidence = search(alone.query)
        understood = alone
        before = standing_question(earlier)
        if joined and before is not None and follows(question, evidence, caution):
            [understood] = joined
            found = search(understood.query), search(before.query)
            evidence = settle(understood.text, evidence, *found, caution)
        # A beginning: kind, text and rule are filled in by the rule that fits.
        return replace(
            _say(Rule.NOT_SURE),
            understood=understood.text,
            follow_up=understood.joined,
            confidence=evidence.confidence,
            evidence=evidence,
        )

    def _is_near(self, evidence: Evidence) -> bool:
        # How near a passage is does not tell whether it answers; reading it does, so a model is asked.
        return evidence.confidence >= self.settings.near_threshold or any(
            not _is_answer(hit) for hit in evidence.hits[: self.settings.evidence_limit]
        )

    def _write(
        self, model: "BaseChatModel", reply: Reply, asked: str, turns: Sequence[Turn], on_text: OnText | None
    ) -> Reply:
        hits = reply.evidence.hits[: self.settings.evidence_limit] if reply.evidence else ()
        prompt = write_prompt(reply.understood, asked, turns, hits, instructions=self.instructions)
        ground = Ground.of(reply.understood, [f"{hit.entry.question}\n{evidence_text(hit)}" for hit in hits])
        gate = Gate(citations=Citations(given=len(hits)), ground=ground, on_text=on_text)
        writing = Writing(model=model_name(model), prompt_hash=prompt.hash)
        failed: ModelFailed | None = None
        finish: str | None = None
        tokens: Tokens | None = None
        wrote, thought, began = "", "", self.monotonic()
        pieces = stream(model, prompt, deadline=self.settings.deadline, monotonic=self.monotonic)
        try:
            for piece in pieces:
                finish, tokens = piece.finish_reason or finish, piece.tokens or tokens
                wrote, thought = wrote + piece.text, thought + piece.reasoning
                gate.feed(piece.text)
        except ModelFailed as failure:
            failed = failure
        # Not every client says why a stream ended; what ends in a whole sentence then counts as complete.
        half = gate.close(complete=failed is None and finish not in (None, "length"))
        aloud, output = split_thoughts(wrote)
        writing = replace(
            writing,
            output=output,
            reasoning=thought + aloud,
            took=timedelta(seconds=self.monotonic() - began),
            finish_reason=finish,
            tokens=tokens,
            removed_citations=gate.citations.removed,
            withheld=gate.withheld,
        )
        cut = half or failed is not None or finish == "length"
        return self._judge(replace(reply, writing=writing), gate, hits, failed, cut=cut)

    def _judge(self, reply: Reply, gate: Gate, hits: Sequence[Hit], failed: ModelFailed | None, *, cut: bool) -> Reply:
        if not gate.text:
            if failed is not None:
                return self._without_model(reply, failed.rule)
            return self._abstain(reply, gate.verdict or Rule.NO_VALID_CITATION)
        text = gate.text
        if cut:
            note = f"\n\n{texts.CUT_OFF}"
            text += note
            if gate.on_text is not None:
                gate.on_text(note)
        sources = tuple(Source.of(shown, hits[given - 1]) for shown, given in enumerate(gate.citations.cited, start=1))
        rule = Rule.CUT_OFF if cut else Rule.WRITTEN_FROM_EVIDENCE
        return replace(reply, kind=ReplyKind.GENERATED, text=text, rule=rule, sources=sources)

    def _without_model(self, reply: Reply, rule: Rule) -> Reply:
        """What can be said where no model writes: parts of documents that may help, or why there is no answer."""
        hits = reply.evidence.hits if reply.evidence else ()
        if not hits or _is_answer(hits[0]) or reply.confidence < self.settings.near_threshold:
            return self._abstain(reply, rule)
        passages = [hit for hit in hits if not _is_answer(hit) and hit.entry.id not in reply.tried]
        passages = passages[: self.settings.passages_limit]
        lead = texts.MAY_HELP if len(passages) == 1 else texts.MAY_HELP_MANY
        if rule is not Rule.NOT_SURE:  # why no model wrote an answer from them
            lead = f"{texts.WORDS[rule]} {lead}"
        quotes = [
            f"{_quote(clip(hit.entry.answer, self.settings.passage_text))}\n>\n> — {hit.entry.question} [{number}]"
            for number, hit in enumerate(passages, start=1)
        ]
        return replace(
            reply,
            kind=ReplyKind.PASSAGES,
            text="\n\n".join([lead, *quotes]),
            rule=Rule.MAY_HELP if rule is Rule.NOT_SURE else rule,
            sources=tuple(Source.of(number, hit) for number, hit in enumerate(passages, start=1)),
            nearest=self._nearest(reply),
        )

    def _abstain(self, reply: Reply, rule: Rule) -> Reply:
        nearest = self._nearest(reply)
        if rule is Rule.NOT_SURE and not nearest:
            rule = Rule.NOTHING_NEAR
        if self.settings.english_only and rule is Rule.NOTHING_NEAR and is_other_language(reply.understood):
            rule = Rule.OTHER_LANGUAGE
        return replace(reply, kind=ReplyKind.ABSTAINED, text=texts.WORDS[rule], rule=rule, nearest=nearest)

    def _nearest(self, reply: Reply) -> tuple[Nearest, ...]:
        if reply.evidence is None or reply.evidence.among_three < self.settings.offer_threshold:
            return ()
        seen: dict[str, Nearest] = {}
        for hit in reply.evidence.hits:
            if _is_answer(hit) and hit.entry.id not in reply.tried:
                entry = hit.entry
                seen.setdefault(entry.question.casefold(), Nearest(entry.id, entry.version, entry.question))
        return tuple(seen.values())[: self.settings.nearest_limit]


def questions_of(turns: Sequence[Turn]) -> list[str]:
    """What people asked in a conversation, oldest first; greetings, thanks and the like are no questions."""
    return [turn.text for turn in turns if turn.who is Speaker.USER and _asks(turn.text)]


def _verbatim(reply: Reply, hit: Hit) -> Reply:
    return replace(
        reply,
        kind=ReplyKind.VERBATIM,
        text=hit.entry.answer,
        rule=Rule.CONFIDENT,
        sources=(Source.of(1, hit),),
    )


def _say(rule: Rule, *, understood: str = "") -> Reply:
    return Reply(kind=ReplyKind.ABSTAINED, text=texts.WORDS[rule], rule=rule, understood=understood)


def _is_answer(hit: Hit) -> bool:
    return hit.entry.content.kind is EntryKind.ANSWER


def _asks(text: str) -> bool:
    return not (is_empty(text) or is_emoji_only(text) or is_greeting(text) or is_thanks(text) or wants_person(text))


def _quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())
