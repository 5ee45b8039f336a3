"""The report of a backtest: what became of the questions, period by period. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.backtest.plan import Plan
from bot.backtest.stream import Stream
from bot.backtest.tally import Fared, Fate, Known, Tally

#: The promise has to hold from the beginning; so many first questions are looked at by themselves.
FIRST = 500


@dataclass(frozen=True)
class Shares:
    """What became of some questions, as shares (0 to 1) of them."""

    asked: int
    #: Answered by the bot alone and rightly.
    autonomy: float
    #: Answered by the bot alone and wrongly.
    wrong_rate: float
    #: Resolved by a click on the right one of the questions offered.
    clicked: float
    #: Led astray by a click on a wrong one.
    wrong_clicks: float
    #: What the bot itself took to be wrong of the answers it gave alone, when it gave them.
    promised: float


@dataclass(frozen=True)
class Period:
    """One part of the stream."""

    shares: Shares
    #: Questions for which people were called: at once, or after a wrong answer that was voted down.
    handed_over: int
    #: How many of these were settled by the reply to another question.
    saved_by_grouping: int
    #: What was known at the end, and how the promise stood.
    known: Known
    #: Decisions asked of admins, for every 100 questions.
    reviews: float
    #: Answers that staff were asked to judge.
    spot_checks: int


@dataclass(frozen=True)
class Report:
    """What a backtest found."""

    plan: Plan
    #: Where the questions come from.
    name: str
    topics: int
    known_topics: int
    #: Questions of the stream that nothing answers, and rows of the file that could not be used.
    outside: int
    left_out: int
    periods: tuple[Period, ...]
    first: Shares
    #: The same in more and smaller parts, for curves.
    curve: tuple[Period, ...]
    seconds: float

    @property
    def alarms(self) -> tuple[str, ...]:
        """What the bot said of a promise that may not be held, each once."""
        said = (period.known.alarm for period in (*self.curve, *self.periods))
        return tuple(dict.fromkeys(alarm for alarm in said if alarm))

    @property
    def held(self) -> bool:
        """Whether the promise was held in every period and over the first questions, wrong clicks included."""
        parts = (self.first, *(period.shares for period in self.periods))
        return all(part.wrong_rate + part.wrong_clicks <= self.plan.max_wrong for part in parts)


def report(plan: Plan, name: str, stream: Stream, tally: Tally, *, left_out: int, seconds: float) -> Report:
    """Cut a tally into periods."""
    total = len(tally.fared)
    return Report(
        plan=plan,
        name=name,
        topics=len(stream.topics),
        known_topics=len(stream.known),
        outside=sum(question.topic is None for question in stream.questions),
        left_out=left_out,
        periods=tuple(_period(tally, *ends) for ends in parts(total, plan.periods)),
        first=_shares(tally.fared[:FIRST]),
        curve=tuple(_period(tally, *ends) for ends in parts(total, looks(total))),
        seconds=seconds,
    )


def parts(total: int, count: int) -> list[tuple[int, int]]:
    """`count` parts of nearly equal size: the first question of each, and the first one after it."""
    ends = [total * part // count for part in range(count + 1)]
    return list(pairwise(ends))


def looks(total: int) -> int:
    """Into how many parts the curves are cut: few enough that chance does not draw them."""
    return max(1, min(30, total // 50))


def _period(tally: Tally, start: int, end: int) -> Period:
    fared = tally.fared[start:end]
    return Period(
        shares=_shares(fared),
        handed_over=sum(one.handed_over for one in fared),
        saved_by_grouping=sum(one.saved for one in fared),
        known=tally.known[end],
        reviews=100 * _within(tally.reviews, start, end) / len(fared),
        spot_checks=_within(tally.spot_checks, start, end),
    )


def _shares(fared: Sequence[Fared]) -> Shares:
    count = len(fared)
    share = {fate: sum(one.fate is fate for one in fared) / count for fate in Fate}
    return Shares(
        asked=count,
        autonomy=share[Fate.RIGHT],
        wrong_rate=share[Fate.WRONG],
        clicked=share[Fate.CLICKED],
        wrong_clicks=share[Fate.WRONG_CLICK],
        promised=sum(one.doubt for one in fared) / count,
    )


def _within(numbers: Sequence[int], start: int, end: int) -> int:
    return sum(start <= number < end for number in numbers)


def plain(found: Report) -> dict[str, object]:
    """The report as plain values, for `--json`."""
    return {
        "seed": found.plan.seed,
        "max_wrong": found.plan.max_wrong,
        "periods": [_plain_period(period) for period in found.periods],
        "first_500": _rounded(
            asked=found.first.asked, wrong_rate=found.first.wrong_rate, wrong_clicks=found.first.wrong_clicks
        ),
        "held": found.held,
        "alarms": list(found.alarms),
        "questions": sum(period.shares.asked for period in found.periods),
        "outside": found.outside,
        "topics": found.topics,
        "known_topics": found.known_topics,
        "left_out": found.left_out,
        "seconds": round(found.seconds, 1),
    }


def _plain_period(period: Period) -> dict[str, object]:
    shares, known = period.shares, period.known
    estimate = known.estimate
    return _rounded(
        asked=shares.asked,
        autonomy=shares.autonomy,
        wrong_rate=shares.wrong_rate,
        clicked=shares.clicked,
        wrong_clicks=shares.wrong_clicks,
        handed_over=period.handed_over,
        saved_by_grouping=period.saved_by_grouping,
        entries=known.entries,
        phrasings=known.phrasings,
        reviews=period.reviews,
        spot_checks=period.spot_checks,
        promised=shares.promised,
    ) | {
        "estimate": None if estimate is None else _rounded(wrong=estimate[0], low=estimate[1], high=estimate[2]),
        "alarm": known.alarm,
    }


def _rounded(**values: float) -> dict[str, object]:
    return {name: value if isinstance(value, int) else round(value, 4) for name, value in values.items()}
