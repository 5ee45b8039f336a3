"""Deciding again: the real agent on a recorded question, with nothing that has an effect on the world.

What it is given is all there is: an agent (whose only way out is the model that is replayed), a knowledge base or the
recorded evidence, and connections that only read. There is no client of Slack here, no delivery, no work to enqueue, no
recorder and no vault; who reaches for one gets `ReplayIsDry`, and who writes gets `ReadOnly` from the database.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot import kept
from bot.agent import Agent, Reply, Rule
from bot.replay.asked import asked_again
from bot.replay.evidence import as_recorded, proven_readers
from bot.replay.intent import intent_of
from bot.replay.setup import Setup
from kb import changes
from kb.database import Sessions, reading
from kb.entries import Entry, Evidence
from kb.ids import EntryId, WorkspaceId
from kb.knowledge import KnowledgeBase
from learning.budget import Thresholds
from learning.recorder import AnswerDecision, DecisionKind, RecordedDecision, Versions
from learning.recorder.payload import redacted
from learning.redaction import Redactor
from learning.replay import Attempt, Dry, Hazard, NotReplayed, hazards

#: What a decision was tried before with no success: the entries that were said then.
TriedBefore = Callable[[RecordedDecision], frozenset[EntryId]]
#: Rules by which there is no reply to compare, because the model gave none; it may give one later.
_PASSING = {
    Rule.MODEL_TIMED_OUT: "The model did not answer in time.",
    Rule.MODEL_FAILED: "The model could not be reached, or failed.",
    Rule.INDEX_UNAVAILABLE: "The knowledge base could not be searched.",
}
#: What a draft would have been, had it been said at once, by the rule that chose it.
_DRAFTED = {
    Rule.CONFIDENT: DecisionKind.VERBATIM,
    Rule.WRITTEN_FROM_EVIDENCE: DecisionKind.GENERATED,
    Rule.CUT_OFF: DecisionKind.GENERATED,
}
_BY_NAME = {str(rule): kind for rule, kind in _DRAFTED.items()}


@dataclass(frozen=True)
class Budgets:
    """The thresholds over time, oldest first: what held when a decision was made."""

    held: Sequence[tuple[datetime, Thresholds]]
    #: Before the first of them.
    first: Thresholds

    def at(self, moment: datetime) -> Thresholds:
        """What held at a moment."""
        return next((found for since, found in reversed(self.held) if since <= moment), self.first)


class DryServices(Dry):
    """All that a replay of the bot may use."""

    def __init__(
        self,
        *,
        workspace: WorkspaceId,
        sessions: Sessions,
        agent: Agent,
        knowledge: KnowledgeBase | None,
        budgets: Budgets,
        redactor: Redactor,
        tried_before: TriedBefore,
    ) -> None:
        """Take what there is.

        Args:
            sessions: of connections that only read.
            agent: with the model and the instructions that are replayed.
            knowledge: the copy to search, on connections that only read; None where evidence is as recorded.
            tried_before: reads what was said before to a question that was asked again.
        """
        self.workspace = workspace
        self.sessions = sessions
        self.agent = agent
        self.knowledge = knowledge
        self.budgets = budgets
        self.redactor = redactor
        self.tried_before = tried_before


class BotReplay(Dry):
    """Decides recorded answers of the bot again; `learning.replay.Replayer`."""

    def __init__(self, services: DryServices, setup: Setup) -> None:
        """Take the services and what is different."""
        self._services = services
        self._setup = setup

    def __call__(self, recorded: RecordedDecision) -> Attempt:
        """Decide again.

        Raises:
            NotReplayed: it cannot be asked again, or the model failed.
        """
        services, decision = self._services, recorded.decision
        asked = asked_again(recorded)
        entries = self._entries(decision)
        agent = services.agent.within(self._thresholds(recorded.at))
        if services.knowledge is None:
            agent = _understanding_as_then(agent, follow_up=bool(decision.facts.get("follow_up")))
        tried = services.tried_before(recorded) if decision.parent is not None else frozenset()
        reply = agent.answer(asked.text, asked.turns, self._search(decision, entries), tried=tried)
        if reply.rule in _PASSING:
            raise NotReplayed(_PASSING[reply.rule], passing=True)
        before = replace(decision, kind=_kind_then(decision))
        after = redacted(self._decision(decision, asked.text, reply), services.redactor)
        found = {hit.entry.id: hit for hit in reply.evidence.hits} if reply.evidence is not None else {}
        now_said = {item.entry: found[item.entry].entry for item in after.evidence if item.used}
        then_said = {item.entry: entries[item.entry] for item in before.evidence if item.used and item.entry in entries}
        readers = proven_readers(decision, entries)
        again = decision.parent is not None
        return Attempt(
            before,
            after,
            intent_of(before.rule, follow_up=bool(before.facts.get("follow_up")), again=again),
            intent_of(after.rule, follow_up=reply.follow_up, again=again),
            self._hazards(before, then_said, readers, seen=entries),
            self._hazards(after, now_said, readers, seen=entries),
        )

    def _search(self, decision: AnswerDecision, entries: Mapping[EntryId, Entry]) -> Callable[[str], Evidence]:
        knowledge = self._services.knowledge
        if knowledge is None:
            # Asked for only where the agent searches: a greeting has no evidence and needs none.
            return lambda _question: as_recorded(decision, entries)
        readers = proven_readers(decision, entries)
        return lambda question: knowledge.search(self._services.workspace, question, readers=readers)

    def _thresholds(self, at: datetime) -> Thresholds:
        then = self._services.budgets.at(at)
        return Thresholds(
            then.answer if self._setup.answer_threshold is None else self._setup.answer_threshold,
            then.offer if self._setup.offer_threshold is None else self._setup.offer_threshold,
        )

    def _entries(self, decision: AnswerDecision) -> dict[EntryId, Entry]:
        """The recorded versions of what was before the bot."""
        wanted = [(item.entry, item.version) for item in decision.evidence]
        with reading(self._services.sessions) as session:
            return changes.some(session, self._services.workspace, wanted)

    def _decision(self, decision: AnswerDecision, asked: str, reply: Reply) -> AnswerDecision:
        """What would have been recorded."""
        found, writing, versions = reply.evidence, reply.writing, decision.versions
        return replace(
            decision,
            kind=kept.kind_of(reply),
            rule=str(reply.rule),
            question=reply.understood or asked,
            evidence=kept.evidence_of(reply),
            confidence=reply.confidence,
            signals=kept.signals_of(reply),
            answer=reply.text,
            model=kept.model_use_of(reply, self._setup.price),
            facts=kept.facts_of(reply),
            versions=Versions(
                model=writing.model if writing else "",
                prompt_hash=writing.prompt_hash if writing else "",
                kb_version=versions.kb_version if self._setup.knowledge is None else self._setup.knowledge,
                embedding=found.model if found else "",
                ranking=found.ranking if found else "",
                calibration=found.calibration if found else "",
                code=kept.program(),
                instructions=versions.instructions,
                tags=versions.tags,
            ),
        )

    def _hazards(
        self,
        decision: AnswerDecision,
        said: Mapping[EntryId, Entry],
        readers: frozenset[str],
        *,
        seen: Mapping[EntryId, Entry],
    ) -> frozenset[Hazard]:
        """What may be wrong with a side.

        Args:
            said: the entries that it says.
            seen: the entries that its readers were shown then, and so may read.
        """
        texts = [f"{entry.question}\n{entry.answer}" for entry in said.values()]
        grounds = "\n".join((decision.question, *(self._services.redactor.redact(text) for text in texts)))
        found = set(hazards(decision, grounds))
        if any(one not in seen and not entry.content.audience.admits(readers) for one, entry in said.items()):
            found.add(Hazard.RESTRICTED)
        if said:
            with reading(self._services.sessions) as session:
                live = changes.live_versions(session, self._services.workspace, sorted(said))
            if live.keys() != said.keys():
                found.add(Hazard.WITHDRAWN)
        return frozenset(found)


def _understanding_as_then(agent: Agent, *, follow_up: bool) -> Agent:
    """The agent, taking a message for a follow-up if it was taken for one: its evidence was found for just that."""
    always, never = -100.0, 100.0
    caution = replace(agent.settings.caution, follows_from=always if follow_up else never)
    return replace(agent, settings=replace(agent.settings, caution=caution))


def _kind_then(decision: AnswerDecision) -> DecisionKind:
    """What was decided; of a draft what it would have been, had it been said at once."""
    if decision.kind is not DecisionKind.DRAFTED:
        return decision.kind
    return _BY_NAME.get(decision.rule, DecisionKind.ABSTAINED)
