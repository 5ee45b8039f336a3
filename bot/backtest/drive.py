"""The drive: each past question goes through the real loop, and people do what people do.

On one page: a question comes, what is due is done first (people settle, judge and decide after their delays), the bot
chooses and records its reply, the asker reacts, and what the bot asked for is carried out. Everything that decides
anything is the product's own code; here stands only who does what when.
"""

import heapq
from collections.abc import Callable, Sequence
from functools import partial

from bot.agent import Nearest, Reply
from bot.backtest import reviewing
from bot.backtest.people import People, Truth
from bot.backtest.plan import Plan
from bot.backtest.report import looks, parts
from bot.backtest.stream import Question, Stream
from bot.backtest.tally import Fared, Fate, Known, Tally
from bot.backtest.workplace import ASKERS, CHANNEL, STAFF, STAFF_ROOM, WORKSPACE, Workplace
from bot.desk import (
    alike,
    chosen,
    feedback,
    handoffs,
    moved,
    names,
    proposals,
    replies,
    resolutions,
    spot_checks,
    votes,
)
from bot.desk.asked import Asked
from bot.slack.payloads import Asker, ButtonClick, origin_of
from kb.database import reading
from kb.entries import Draft, Provenance
from learning import budgets, conversations, people, recorder
from learning import handoffs as handoff_moves
from learning import proposals as waiting
from learning import spot_checks as checks
from learning.conversations import MessageKind, Place, Privacy
from learning.feedback import Rating
from learning.handoffs import HandoffReason
from learning.ids import DecisionId, HandoffId, PersonId, ProposalId, SpotCheckId
from learning.people import Actor, Role
from learning.spot_checks import Verdict

#: Told how many questions have been asked and how many there are.
Progress = Callable[[int, int], None]
#: After how many questions the calibrator is called; it does something only where something is due.
CALIBRATED_EVERY = 5


class Drive:
    """One run of the loop over a stream."""

    def __init__(self, place: Workplace, stream: Stream, plan: Plan) -> None:
        self._place = place
        self._services = place.services
        self._stream = stream
        self._plan = plan
        self._truth = Truth(stream.topics)
        self._people = People(plan)
        self._tally = Tally()
        #: The question that is being dealt with.
        self._now = 0
        #: What people will do: when, in which order, what.
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._planned = 0
        #: The question behind each decision, the decision behind each handoff, what the same answer settled along with
        #: it, and the proposals that admins were asked about.
        self._asked: dict[DecisionId, int] = {}
        self._handed: dict[HandoffId, DecisionId] = {}
        self._along: dict[HandoffId, list[HandoffId]] = {}
        self._proposed: set[ProposalId] = set()
        self._staff = self._actor(STAFF, Role.STAFF)
        self._reviewer = reviewing.Reviewer(place.services, self._truth, self._people)

    def run(self, progress: Progress) -> Tally:
        """Ask every question."""
        self._begin()
        total = len(self._stream.questions)
        ends = {end for count in (self._plan.periods, looks(total)) for _, end in parts(total, count)}
        for number, question in enumerate(self._stream.questions):
            self._now = number
            self._place.clock.tick()
            self._do_what_is_due()
            self._tally.fared.append(Fared())
            self._ask(question)
            self._run_errands()
            if number % CALIBRATED_EVERY == 0:
                self._services.calibrator.refresh(WORKSPACE, max_wrong=self._plan.max_wrong)
            if number + 1 in ends:
                self._tally.known[number + 1] = self._look()
            progress(number + 1, total)
        return self._tally

    # What is known at the start.

    def _begin(self) -> None:
        topics = {topic.number: topic for topic in self._stream.topics}
        origin = Provenance("ingest", source="past questions")
        with self._services.sessions.begin() as session:
            for number, wordings in self._stream.known.items():
                draft = Draft(wordings[0], topics[number].answer, origin, phrasings=wordings[1:])
                self._services.knowledge.publish(session, WORKSPACE, draft, by=STAFF)
        self._services.knowledge.apply_pending(WORKSPACE)

    # The asker.

    def _ask(self, question: Question) -> None:
        asked = self._receive(question)
        reply = replies.choose(self._services, WORKSPACE, asked, frozenset())
        decision = replies.keep(self._services, WORKSPACE, asked, reply)
        self._asked[decision] = self._now
        if reply.answered:
            self._hear(question, asked, reply, decision)
        elif reply.nearest:
            self._choose(question, asked, reply, decision)
        else:
            self._hand_over(asked, decision, HandoffReason.BUTTON)

    def _receive(self, question: Question) -> Asked:
        user = f"U0ASKER{self._now % ASKERS:03}"
        moment = self._services.clock()
        ts = f"{moment.timestamp():.6f}"
        place = Place(CHANNEL, ts)
        with self._services.sessions.begin() as session:
            person = people.person_for(session, WORKSPACE, user, now=moment, ids=self._services.ids)
            conversation = conversations.open_conversation(
                session, WORKSPACE, place, person, privacy=Privacy.OPEN, now=moment, ids=self._services.ids
            )
            conversations.record_message(
                session,
                WORKSPACE,
                conversation.id,
                place=place,
                ts=ts,
                author=person,
                kind=MessageKind.USER,
                text=question.text,
                vault=self._services.vault,
                now=moment,
                ids=self._services.ids,
            )
        return Asked(conversation, ts, person, user, question.text, ())

    def _hear(self, question: Question, asked: Asked, reply: Reply, decision: DecisionId) -> None:
        """The bot answered alone; the asker may say what they think of it, and who got nothing calls a person."""
        right = self._truth.is_right(question, reply.text)
        self._fared.fate, self._fared.doubt = (Fate.RIGHT if right else Fate.WRONG), 1.0 - reply.confidence
        with reading(self._services.sessions) as session:
            found = recorder.plain(session, WORKSPACE, decision)
        spot_checks.draw(self._services, WORKSPACE, found)
        if self._people.votes(right=right):
            rating = Rating.UP if right else Rating.DOWN
            if right:
                self._post(asked)
            feedback.vote(self._services, WORKSPACE, decision, Actor(asked.person), rating, via="button", at=None)
            if not right:
                self._hand_over(asked, decision, HandoffReason.THUMBS_DOWN)

    def _choose(self, question: Question, asked: Asked, reply: Reply, decision: DecisionId) -> None:
        """The bot was not sure and offered some questions; the asker clicks one of them, or none."""
        right, wrong = self._offered(question, reply)
        click = _click(asked)
        meant = self._people.chooses(right, wrong)
        if meant is None:
            chosen.choose_none(self._services, click, decision)
            self._hand_over(asked, decision, HandoffReason.BUTTON)
        else:
            self._fared.fate = Fate.CLICKED if right else Fate.WRONG_CLICK
            chosen.choose(self._services, click, decision, meant.entry)

    def _offered(self, question: Question, reply: Reply) -> tuple[Sequence[Nearest], Sequence[Nearest]]:
        """The questions offered: those whose answer is right, and the others."""
        found = {hit.entry.id: hit.entry for hit in (reply.evidence.hits if reply.evidence else ())}
        right = [one for one in reply.nearest if self._truth.is_right(question, found[one.entry].answer)]
        return right, [one for one in reply.nearest if one not in right]

    def _hand_over(self, asked: Asked, decision: DecisionId, reason: HandoffReason) -> None:
        self._fared.handed_over = True
        handoffs.hand_over_decision(self._services, WORKSPACE, decision, reason)
        with reading(self._services.sessions) as session:
            opened = handoff_moves.live_one(session, WORKSPACE, asked.conversation.id)
        if opened is not None:
            self._handed[opened.id] = decision
            self._later(self._plan.resolve_delay, partial(self._settle, opened.id))

    def _post(self, asked: Asked) -> None:
        """The answer stands in the thread, so that a thumb up can be learned from."""
        with reading(self._services.sessions) as session:
            ready = replies.prepared(self._services, session, WORKSPACE, CHANNEL, asked.ts)
        if ready is not None:
            place = asked.conversation.place
            replies.said(self._services, WORKSPACE, asked, ready, place=place, parts=[f"{asked.ts}9"])

    # Staff and admins.

    def _settle(self, handoff: HandoffId) -> None:
        """Somebody of the staff answers, and ticks the waiting questions that the same answer settles."""
        with reading(self._services.sessions) as session:
            if not handoff_moves.one(session, WORKSPACE, handoff).live:
                return
        question = self._question(handoff)
        shown = alike.find(self._services, WORKSPACE, handoff, self._staff.person)
        ticked = [one.handoff for one in shown if self._question(one.handoff).topic == question.topic is not None]
        handoffs.resolve(
            self._services,
            WORKSPACE,
            handoff,
            self._staff,
            answer=self._truth.answer(question),
            learn=question.topic is not None,
            alike=ticked,
        )
        self._along[handoff] = ticked
        for one in ticked:
            self._tally.fared[self._asked[self._handed[one]]].saved = True

    def _question(self, handoff: HandoffId) -> Question:
        return self._stream.questions[self._asked[self._handed[handoff]]]

    def _judge(self, check: SpotCheckId) -> None:
        """Somebody of the staff says whether an answer was right."""
        with reading(self._services.sessions) as session:
            decision = checks.one(session, WORKSPACE, check).decision
        right = self._tally.fared[self._asked[decision]].fate is Fate.RIGHT
        verdict = Verdict.RIGHT if right else Verdict.WRONG
        spot_checks.judge(self._services, WORKSPACE, check, self._staff, verdict, channel=STAFF_ROOM)

    def _decide(self, proposal: ProposalId) -> None:
        """An admin decides."""
        self._reviewer.decide(proposal, self._questions_of(proposal))

    def _questions_of(self, proposal: ProposalId) -> list[Question]:
        with reading(self._services.sessions) as session:
            sources = waiting.one(session, WORKSPACE, proposal).sources
        numbers = [self._asked[one.decision] for one in sources if one.decision in self._asked]
        return [self._stream.questions[number] for number in numbers]

    # What the bot asked for.

    def _run_errands(self) -> None:
        while errands := self._place.errands.take():
            for workflow, ids in errands:
                self._run(workflow, ids)

    def _run(self, workflow: str, ids: tuple[str, ...]) -> None:
        """What the workflow of that name does, but for what it shows in Slack."""
        match workflow:
            case names.LEARN_FROM_RESOLUTION:
                handoff = HandoffId(ids[0])
                resolutions.learn(self._services, WORKSPACE, handoff)
                self._await_admins(*(self._handed[one] for one in (handoff, *self._along[handoff])))
            case names.LEARN_FROM_CHOICE:
                decision = DecisionId(ids[0])
                self._asked[decision] = self._now
                proposals.from_choice(self._services, WORKSPACE, decision)
                self._await_admins(decision)
            case names.LEARN_FROM_VOTE:
                votes.weigh(self._services, WORKSPACE, DecisionId(ids[0]), PersonId(ids[1]))
                self._await_admins(DecisionId(ids[0]))
            case names.APPLY:
                self._services.knowledge.apply_pending(WORKSPACE)
                with reading(self._services.sessions) as session:
                    done = waiting.one(session, WORKSPACE, ProposalId(ids[0]))
                if done.applied is not None:
                    moved.entry_moved(self._services, WORKSPACE, done.applied.entry)
            case names.SHOW_SPOT_CHECK:
                self._await_verdict(SpotCheckId(ids[0]))

    def _await_admins(self, *decisions: DecisionId) -> None:
        """What was made of decisions waits for admins; what needs an answer first waits for staff's own."""
        with reading(self._services.sessions) as session:
            found = [one for decision in decisions for one in waiting.of_decision(session, WORKSPACE, decision)]
        for one in found:
            if one.pending and not one.needs_answer and one.id not in self._proposed:
                self._proposed.add(one.id)
                self._tally.reviews.append(self._now)
                self._later(self._plan.review_delay, partial(self._decide, one.id))

    def _await_verdict(self, check: SpotCheckId) -> None:
        with reading(self._services.sessions) as session:
            drawn = checks.one(session, WORKSPACE, check).verdict is None
        if drawn:
            self._tally.spot_checks.append(self._now)
            self._later(self._plan.resolve_delay, partial(self._judge, check))

    # When.

    def _later(self, delay: int, act: Callable[[], None]) -> None:
        if not delay:
            act()
            return
        self._planned += 1
        heapq.heappush(self._agenda, (self._now + delay, self._planned, act))

    def _do_what_is_due(self) -> None:
        while self._agenda and self._agenda[0][0] <= self._now:
            heapq.heappop(self._agenda)[2]()
            self._run_errands()

    # Notes.

    @property
    def _fared(self) -> Fared:
        return self._tally.fared[self._now]

    def _look(self) -> Known:
        with reading(self._services.sessions) as session:
            entries = self._services.knowledge.entries(session, WORKSPACE)
            stands = budgets.current(session, WORKSPACE)
        estimate = (stands.wrong.value, stands.wrong.low, stands.wrong.high) if stands.asked else None
        return Known(len(entries), sum(len(entry.wordings) for entry in entries), estimate, stands.alarm)

    def _actor(self, user: str, *roles: Role) -> Actor:
        with self._services.sessions.begin() as session:
            person = people.person_for(session, WORKSPACE, user, now=self._services.clock(), ids=self._services.ids)
        return Actor(person, frozenset({Role.USER, *roles}))


def _click(asked: Asked) -> ButtonClick:
    """A press on the card under a question."""
    asker = Asker(origin_of(WORKSPACE), asked.user, "", "")
    return ButtonClick(
        asker,
        action_id="",
        block_id="",
        value="",
        channel=CHANNEL,
        message_ts=f"{asked.ts}1",
        thread_ts=asked.ts,
        view_id="",
        view_hash="",
        selected="",
        response_url="",
    )
