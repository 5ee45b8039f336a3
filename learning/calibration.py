"""The calibrator: keeps each workspace's ranking, confidence and thresholds in step with what people have shown.

Always: what it makes follows from the shipped coefficients, the labels and the settings alone; each result is a version
that stays; going back is possible. It runs beside the answers, never in their way.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from sqlalchemy.orm import Session

from kb.calibration import UNKNOWN, Examples, Habits, fit, measured_of
from kb.calibrations import Calibration
from kb.clock import Clock
from kb.confidence import EXACT, NOVELTY, Coefficients
from kb.database import Sessions, reading
from kb.ids import WorkspaceId
from kb.ranking import COLUMNS, Numbers, logistic
from kb.whitening import Whitening
from learning import budget, budgets, labels, reporting
from learning.budgets import Budget
from learning.labels import Shown
from learning.observed import Observed, Question, as_examples
from learning.reporting import Share

#: The coefficients are fitted anew after so many labels, and for the first time after so few.
REFIT_AFTER, FIRST_FIT = 50, 20
#: A fit and the share of wrong answers voted down agree where that moves less than this; each turn takes milliseconds.
_AGREE, _FITS = 0.02, 5
#: The thresholds are chosen anew after so many questions.
RETHINK_AFTER = 25
#: The map is learned anew after so many changes to what is known, or a tenth of them while there are few.
_REMAP_AFTER, _REMAP_FEW = 200, 30
#: The level of the confidence is read off so many questions.
_LEVEL_OVER = 2_000
#: Novelty is read off so many. Off a hundred, chance moved it as much as what was learned did, so that little weight
#: came to lie on it; but of what is surely said it is novelty that tells how often that is wrong.
_NOVELTY_OVER = 300
#: How many questions the shipped novelty is worth.
_NOVELTY_WORTH = 20
#: What a person who chose wrongly was looking for is not known.
_HALF = 0.5
_EXACT = COLUMNS.index("exact")


class Knowledge(Protocol):
    """What the calibrator asks of a knowledge base; `kb.knowledge.KnowledgeBase` is one."""

    @property
    def shipped(self) -> Coefficients:
        """The coefficients before there were any labels."""
        ...

    def calibration(self, workspace: WorkspaceId) -> Calibration:
        """How the workspace ranks and how sure it is now."""
        ...

    def calibrate(
        self, session: Session, workspace: WorkspaceId, coefficients: Coefficients, whitening: Whitening, labels: int
    ) -> Calibration:
        """Rank and be sure by these from now on."""
        ...

    def learned_whitening(self, workspace: WorkspaceId) -> Whitening:
        """The map that the approved wordings speak for now."""
        ...

    def version(self, session: Session, workspace: WorkspaceId) -> int:
        """How many changes the knowledge base has seen."""
        ...


@dataclass
class _Progress:
    """How far a workspace has been followed since this process looks after it."""

    observed: Observed
    #: Label changes and questions when it was last fitted and thought about; None before the first time.
    fitted_at: int | None = None
    thought_at: int | None = None
    #: The knowledge base's version when the map was last learned.
    mapped_at: int = 0


class Calibrator:
    """Looks after the calibration and the budget of workspaces; one at a time works on one workspace."""

    def __init__(self, *, sessions: Sessions, knowledge: Knowledge, clock: Clock) -> None:
        self._sessions = sessions
        self._knowledge = knowledge
        self._clock = clock
        self._followed: dict[WorkspaceId, _Progress] = {}

    def refresh(self, workspace: WorkspaceId, *, max_wrong: float) -> Budget:
        """Fit and choose thresholds anew where something is due; the budget as it is now.

        Args:
            max_wrong: the promise: which share (0 to 1) of all questions may be answered wrongly.
        """
        progress = self._followed.setdefault(workspace, _Progress(Observed(workspace)))
        now = self._clock()
        with reading(self._sessions) as session:
            progress.observed.follow(session, now)
            known = budgets.current(session, workspace)
            kb_version = self._knowledge.version(session, workspace)
            found_wrong = labels.found_wrong(session, workspace)
        refitted = self._fit(workspace, progress, kb_version, found_wrong)
        asked = progress.observed.asked
        rethink = progress.thought_at is None or asked - progress.thought_at >= RETHINK_AFTER
        if not (refitted or rethink or known.max_wrong != max_wrong) or not asked:
            return known
        progress.thought_at = asked
        made = self._think(workspace, progress.observed, found_wrong, max_wrong, now)
        with self._sessions.begin() as session:
            return budgets.keep(session, workspace, made, now=now)

    def _fit(self, workspace: WorkspaceId, progress: _Progress, kb_version: int, found_wrong: tuple[int, int]) -> bool:
        seen = progress.observed
        waited = seen.changes - (progress.fitted_at or 0)
        if waited < (FIRST_FIT if progress.fitted_at is None else REFIT_AFTER):
            return False
        progress.fitted_at = seen.changes
        before = self._knowledge.calibration(workspace)
        whitening = before.whitening
        if kb_version - progress.mapped_at >= min(_REMAP_AFTER, max(_REMAP_FEW, kb_version // 10)):
            progress.mapped_at = kb_version
            whitening = self._knowledge.learned_whitening(workspace)
        examples = as_examples(seen.questions)
        made = self._fitted(seen, examples, found_wrong)
        known = int((examples.right != UNKNOWN).sum())
        with self._sessions.begin() as session:
            self._knowledge.calibrate(session, workspace, made, whitening, known)
        return True

    def _fitted(self, seen: Observed, examples: Examples, found_wrong: tuple[int, int]) -> Coefficients:
        """What people vote down is a share of what is wrong, which only a fit tells; so it is fitted until both agree.

        It begins with what spot checks alone say, and so ends the same whatever was fitted before.
        """
        questions = seen.questions
        novelty = _novelty(questions)
        shown = reporting.Seen(seen.asked, found_wrong=found_wrong[0], of_them_voted_down=found_wrong[1])
        share = reporting.estimate(shown).voted_down.value
        for _ in range(_FITS):
            made = fit(self._knowledge.shipped, examples, Habits(voted_down=share), novelty)
            shown = _shown(questions, _confidences(made, examples), seen.asked, found_wrong)
            before, share = share, reporting.estimate(shown).voted_down.value
            if abs(share - before) < _AGREE:
                break
        return made

    def _think(
        self, workspace: WorkspaceId, seen: Observed, found_wrong: tuple[int, int], max_wrong: float, now: datetime
    ) -> Budget:
        questions = seen.questions
        calibration = self._knowledge.calibration(workspace)
        examples = as_examples(questions)
        sure = _confidences(calibration.coefficients, examples)
        three = _among_three(calibration.coefficients, examples, sure)
        shown = reporting.estimate(_shown(questions, sure, seen.asked, found_wrong))
        level, clicks = shown.careful_level, _wrong_clicks(questions, three)
        thresholds = budget.choose(sure, three, max_wrong=max_wrong, asked=seen.asked, level=level, wrong_clicks=clicks)
        of_late = questions[-budget.WINDOW :]
        wrong = _wrong_share(of_late, sure[-budget.WINDOW :], shown)
        answered = [one for one in of_late if one.given]
        told = sum(one.label.voted_down or one.label.checked for one in answered)
        counts = {"answered": len(answered), "told": told}
        return Budget(
            thresholds=thresholds,
            max_wrong=max_wrong,
            asked=seen.asked,
            calibration=calibration.version,
            wrong=wrong,
            voted_down=shown.voted_down,
            level=level,
            answered_alone=len(answered) / len(of_late) if of_late else 0.0,
            alarm=budget.alarm(wrong, counts, max_wrong=max_wrong),
            at=now,
        )


def _confidences(coefficients: Coefficients, seen: Examples) -> Numbers:
    """The confidences of questions, as they would be under other coefficients; (n,)."""
    if not len(seen):
        return np.empty(0)
    measured = measured_of(coefficients.ranking, seen)
    sure = logistic(coefficients.confidence.odds(measured.signals))
    exact = seen.features[np.arange(len(seen)), measured.first, _EXACT] > 0
    found: Numbers = np.where(exact, np.maximum(sure, EXACT), sure)
    return found


def _among_three(coefficients: Coefficients, seen: Examples, sure: Numbers) -> Numbers:
    if not len(seen):
        return np.empty(0)
    return coefficients.confidence.among_three(sure, measured_of(coefficients.ranking, seen).mass)


def _shown(questions: list[Question], sure: Numbers, asked: int, found_wrong: tuple[int, int]) -> reporting.Seen:
    """What people have shown of the answers given alone: votes of late, and all spot checks of what is kept."""
    doubts = 1.0 - sure
    given = np.array([one.given for one in questions], dtype=bool)
    checked = given & np.array([one.label.checked for one in questions], dtype=bool)
    of_late = given & ~checked
    of_late[:-_LEVEL_OVER] = False
    return reporting.Seen(
        asked,
        doubt=float(doubts[of_late].sum()),
        voted_down=sum(questions[row].label.voted_down for row in np.flatnonzero(of_late)),
        checked_doubt=float(doubts[checked].sum()),
        checked_wrong=sum(questions[row].label.checked_wrong for row in np.flatnonzero(checked)),
        found_wrong=found_wrong[0],
        of_them_voted_down=found_wrong[1],
    )


def _wrong_clicks(questions: list[Question], three: Numbers) -> float:
    could = sum(1 - chance for one, chance in zip(questions, three, strict=True) if one.offered)
    return budget.wrong_clicks(sum(one.label.chose_wrong for one in questions), float(could))


def _novelty(questions: list[Question]) -> float:
    """The share of recent questions that nothing known answered, as far as people have shown.

    What was answered alone counts as known until people settle it with something new: how sure the bot was says nothing
    of what there was to be known, and what it doubts is mostly which of two known answers is right.
    """
    found = [NOVELTY] * _NOVELTY_WORTH
    for one in questions:
        if one.label.chose_wrong:
            found.append(_HALF)
        elif one.label.shown in (Shown.NOTHING, Shown.ENTRY):
            found.append(float(one.label.shown is Shown.NOTHING))
        elif one.given:
            found.append(0.0)
    return float(np.mean(found[-_NOVELTY_OVER:]))


def _wrong_share(questions: list[Question], sure: Numbers, shown: reporting.Estimate) -> Share:
    """Which share was answered wrongly: what people found wrong, and what is to be expected of the rest."""
    known, expected = 0, 0.0
    for one, confidence in zip(questions, sure, strict=True):
        if one.label.chose_wrong:
            known += 1
        elif one.written:
            # The evidence's confidence says nothing of what a model wrote; people's votes do.
            known += one.label.voted_down or one.label.checked_wrong
            expected += (1 / max(shown.voted_down_by_checks.value, 0.05) - 1) * one.label.voted_down
        elif one.given:
            right = one.right
            if right == UNKNOWN:
                expected += shown.level * (1.0 - float(confidence))
            else:
                known += right != 0
    return budget.wrong_share(
        known_wrong=known, expected_wrong=expected, asked=len(questions), reported=shown.voted_down
    )
