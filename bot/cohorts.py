"""What the terminal's commands do with cohorts: list them, and compare two. They need the database alone."""

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from bot.agent import NOTHING_ASKED
from bot.database import opened
from bot.errors import BotError
from bot.records import only_workspace
from bot.settings import Settings
from kb.clock import utc_now
from kb.ids import WorkspaceId
from learning import cohorts
from learning.cohorts import WINDOW, Cohort, Measure, Observation, Selector
from learning.statistics import LEVEL


def listed(settings: Settings, workspace: str) -> dict[str, Any]:
    """Every automatic cohort, the newest first, and every tag.

    Raises:
        BotError: the workspace has to be named.
    """
    with opened(settings) as database, database.sessions() as session:
        seen = observed(session, only_workspace(session, workspace))
    return {
        "cohorts": [_cohort(one) for one in cohorts.automatic(seen)],
        "tags": [_cohort(one) for one in cohorts.tagged(seen)],
    }


def compared(settings: Settings, workspace: str, first: str, second: str) -> dict[str, Any]:
    """Two cohorts side by side, with intervals.

    Args:
        first: what was typed to mean a cohort; so is `second`.

    Raises:
        NotUnderstood: a cohort cannot be read, or the two overlap.
        BotError: no question belongs to one of them.
    """
    chosen = cohorts.parse(first), cohorts.parse(second)
    with opened(settings) as database, database.sessions() as session:
        seen = observed(session, only_workspace(session, workspace))
    found = cohorts.compare(*(_members(one, seen) for one in chosen))
    return {
        "first": {"cohort": first, **asdict(found.first)},
        "second": {"cohort": second, **asdict(found.second)},
        "level": LEVEL,
        "window_hours": WINDOW.total_seconds() / 3600,
        "measures": [_measure(one) for one in found.measures],
    }


def observed(session: Session, workspace: WorkspaceId) -> tuple[Observation, ...]:
    """What became of every question that is a day old."""
    return cohorts.observed(session, workspace, now=utc_now(), not_asked=NOTHING_ASKED)


def _members(selector: Selector, seen: tuple[Observation, ...]) -> list[Observation]:
    found = [one for one in seen if selector.holds(one)]
    if not found:
        raise BotError(
            f"No question that is at least {WINDOW.total_seconds() / 3600:.0f} hours old belongs to "
            f"'{selector.typed}'. `answerloop cohorts list` shows what there is."
        )
    return found


def _cohort(found: Cohort) -> dict[str, Any]:
    return {**asdict(found), "since": found.since.isoformat(), "until": found.until.isoformat()}


def _measure(found: Measure) -> dict[str, Any]:
    """A measure as JSON values; the level of every interval is the comparison's."""
    plain = asdict(found)
    for interval in ("first", "second", "difference", "any_look"):
        if plain[interval] is not None:
            del plain[interval]["level"]
    return plain
