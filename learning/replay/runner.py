"""Carrying a run out: several cases at once, each kept as soon as it is there, so that stopping loses nothing.

Always: a replayer gets a recorded decision and gives a value back. It is never given a session, a vault or this object,
which alone writes, and writes nothing but runs and their cases. What has its pair is not asked again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

from kb.clock import Clock
from kb.database import Sessions, reading
from kb.ids import IdSource, WorkspaceId
from learning import labels, recorder
from learning.encryption import Vault
from learning.errors import Tampered, Unreadable
from learning.ids import DecisionId
from learning.recorder import SCHEMA_VERSION, AnswerDecision, RecordedDecision
from learning.recorder.payload import redacted
from learning.redaction import Redactor
from learning.replay import store
from learning.replay.comparison import compare
from learning.replay.values import (
    Attempt,
    Case,
    Difference,
    NotReplayed,
    Progress,
    Replayer,
    Run,
    RunId,
    Similarity,
    State,
    Used,
)
from learning.replay.verdict import Verdict, verdict

#: Told how many cases were tried and how many there are.
Report = Callable[[int, int], None]
#: After so many failures in a row the model is taken to be away, and the rest waits.
AWAY_AFTER = 5


@dataclass(frozen=True)
class _Made:
    """What came of one case, ready to be kept."""

    attempt: Attempt
    difference: Difference
    used: Used


class Replays:
    """Begins runs, carries them out, and says what they show; each method commits by itself."""

    def __init__(
        self,
        *,
        workspace: WorkspaceId,
        sessions: Sessions,
        vault: Vault,
        redactor: Redactor,
        clock: Clock,
        ids: IdSource,
        similarity: Similarity | None = None,
    ) -> None:
        """Put the parts together; nothing is read or written yet.

        Args:
            sessions: of the database with the records; only runs and their cases are written.
            redactor: the workspace's own, for whatever a replay says.
            similarity: how near two texts are; without it meaning is not compared.
        """
        self._workspace = workspace
        self._sessions = sessions
        self._vault = vault
        self._redactor = redactor
        self._clock = clock
        self._ids = ids
        self._similarity = similarity

    @property
    def redactor(self) -> Redactor:
        """The workspace's own, for a replayer that looks at what it makes."""
        return self._redactor

    def begin(self, decisions: Sequence[DecisionId], *, setup: Mapping[str, Any], text: str = "") -> Run:
        """Begin a run; nothing is replayed yet.

        Args:
            decisions: by id, in the order in which they are replayed.
            setup: what is different from when they were recorded: JSON values without anybody's words.
            text: text of the operator's that belongs to it, such as another prompt.

        Raises:
            Unknown: one of them is not recorded; the message names it.
        """
        with self._sessions.begin() as session:
            return store.begin(
                session,
                self._workspace,
                decisions,
                setup=setup,
                text=text,
                vault=self._vault,
                now=self._clock(),
                ids=self._ids,
            )

    def run(self, run: RunId) -> Run:
        """A run by its id.

        Raises:
            Unknown: there is no such run.
        """
        with reading(self._sessions) as session:
            return store.one(session, self._workspace, run, vault=self._vault)

    def carry_on(
        self,
        run: RunId,
        replayer: Replayer,
        *,
        at_once: int = 4,
        report: Report | None = None,
        stop: Event | None = None,
    ) -> Progress:
        """Replay what has no pair yet; what was begun when it is stopped is finished and kept.

        Where one case after the other fails for a reason that may pass, it stops by itself, and says so in what it
        returns.

        Args:
            replayer: decides a recorded decision again; called from several threads.
            at_once: how many at a time.
            stop: set by somebody else, such as the handler of a keyboard interrupt, to stop it cleanly.

        Raises:
            Unknown: there is no such run.
        """
        self.run(run)
        with reading(self._sessions) as session:
            left = list(store.to_try(session, self._workspace, run))
            total = len(store.cases(session, self._workspace, run))
        stopped = stop or Event()
        tried, failed_in_a_row = total - len(left), 0
        why = ""
        tell = report or (lambda done, of: None)
        tell(tried, total)
        with ThreadPoolExecutor(at_once, thread_name_prefix="replay") as pool:
            under_way: dict[Future[_Made | NotReplayed], DecisionId] = {}
            waiting = iter(left)
            for done in self._finished(pool, waiting, under_way, replayer, at_once, stopped):
                decision = under_way.pop(done)
                made = done.result()
                self._keep(run, decision, made)
                tried += 1
                tell(tried, total)
                away = isinstance(made, NotReplayed) and made.passing
                failed_in_a_row = failed_in_a_row + 1 if away else 0
                if failed_in_a_row >= AWAY_AFTER and not why:
                    why = f"{failed_in_a_row} cases in a row failed; the last one says: {made}"
                    stopped.set()
        return replace(self.progress(run), stopped=stopped.is_set(), why=why)

    def progress(self, run: RunId) -> Progress:
        """How far a run is."""
        found = self.cases(run)
        counted = {state: sum(one.state is state for one in found) for state in State}
        return Progress(len(found), counted[State.DONE], counted[State.MISSING], counted[State.FAILED])

    def cases(self, run: RunId) -> tuple[Case, ...]:
        """Every case of a run, in its order."""
        with reading(self._sessions) as session:
            return store.cases(session, self._workspace, run)

    def verdict(self, run: RunId) -> Verdict:
        """What a run shows, as far as it is."""
        with reading(self._sessions) as session:
            found = store.cases(session, self._workspace, run)
            known = labels.of(session, self._workspace, [one.decision for one in found])
        return verdict(found, known)

    def sides(self, run: RunId, decision: DecisionId) -> tuple[AnswerDecision, AnswerDecision] | None:
        """Both sides of a case, with their texts; None where there is no pair, or its person was erased.

        Of an agent's model the first side is everything that it said from the recorded message on.

        Raises:
            Unknown: there is no such decision.
        """
        with reading(self._sessions) as session:
            recorded = recorder.one(session, self._workspace, decision, vault=self._vault)
            return store.sides(session, self._workspace, run, recorded, vault=self._vault)

    def _finished(
        self,
        pool: ThreadPoolExecutor,
        waiting: Iterator[DecisionId],
        under_way: dict[Future[_Made | NotReplayed], DecisionId],
        replayer: Replayer,
        at_once: int,
        stopped: Event,
    ) -> Iterator[Future[_Made | NotReplayed]]:
        """The attempts as they finish; no more are begun than there are hands, so that stopping waits for few."""
        while True:
            while len(under_way) < at_once and not stopped.is_set():
                decision = next(waiting, None)
                if decision is None:
                    break
                under_way[pool.submit(self._try, replayer, decision)] = decision
            if not under_way:
                return
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            yield from done

    def _try(self, replayer: Replayer, decision: DecisionId) -> _Made | NotReplayed:
        began = self._clock()
        try:
            attempt = replayer(self._readable(decision))
            clean = replace(
                attempt,
                before=redacted(attempt.before, self._redactor),
                after=redacted(attempt.after, self._redactor),
            )
            difference = compare(clean, self._similarity)
        except NotReplayed as why:
            return why
        except Exception as error:  # the rim: one case that goes wrong costs the others nothing
            return NotReplayed(f"It went wrong ({type(error).__name__}).", passing=True)
        use = clean.after.model
        return _Made(clean, difference, Used(self._clock() - began, use.tokens_in, use.tokens_out, use.cost))

    def _readable(self, decision: DecisionId) -> RecordedDecision:
        with reading(self._sessions) as session:
            try:
                found = recorder.one(session, self._workspace, decision, vault=self._vault)
            except Tampered:
                raise NotReplayed("Its record was changed outside of this program; `records verify` tells.") from None
            except Unreadable:
                raise NotReplayed("Its record has a shape that this version cannot read.") from None
        if found.schema_version > SCHEMA_VERSION:
            raise NotReplayed(f"Its record is of shape {found.schema_version}, which is newer than this program.")
        if found.erased:
            raise NotReplayed(store.ERASED)
        return found

    def _keep(self, run: RunId, decision: DecisionId, made: _Made | NotReplayed) -> None:
        now = self._clock()
        with self._sessions.begin() as session:
            if isinstance(made, NotReplayed):
                store.miss(session, self._workspace, run, decision, made, now=now)
            else:
                store.keep(
                    session,
                    self._workspace,
                    run,
                    decision,
                    made.attempt,
                    made.difference,
                    made.used,
                    vault=self._vault,
                    now=now,
                )
