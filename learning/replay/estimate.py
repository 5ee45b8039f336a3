"""What a replay will take, before it takes it: an estimate that errs on the dear side. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import mean

#: Characters of ordinary English to a token: the rule of thumb that providers of language models give.
CHARACTERS_PER_TOKEN = 4
#: Where no record tells how much a model wrote or how long it took: a few sentences, and a few seconds.
ASSUMED_TOKENS_OUT, ASSUMED_TOOK = 200, timedelta(seconds=4)
#: What deciding takes without a model: a search and a comparison.
WITHOUT_MODEL = timedelta(milliseconds=50)
_PRICED = 1_000_000


@dataclass(frozen=True)
class Expected:
    """What is known beforehand of one case that may ask a model."""

    #: How much it will be given to read, in characters.
    characters: int
    #: What was recorded when it was decided; None where no model was asked, or it did not say.
    tokens_in: int | None = None
    tokens_out: int | None = None
    took: timedelta | None = None


@dataclass(frozen=True)
class Price:
    """What a million tokens cost, in the operator's currency."""

    read: float
    written: float

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """What so many tokens cost."""
        return (tokens_in * self.read + tokens_out * self.written) / _PRICED


@dataclass(frozen=True)
class Estimate:
    """What a run is expected to take, if every case asks the model once."""

    cases: int
    #: 0 without a model.
    tokens_in: int
    tokens_out: int
    #: None where the prices are not known; 0 without a model.
    cost: float | None
    time: timedelta
    #: Whether tokens and time rest on what was recorded of a model, or on assumptions alone.
    from_records: bool


def estimate(expected: Sequence[Expected], *, model: bool, price: Price | None, at_once: int) -> Estimate:
    """What a run will take.

    Args:
        expected: what is known of each case.
        model: whether a model may be asked.
        price: of that model; None where it is not known.
        at_once: how many cases are decided at once.
    """
    cases = len(expected)
    if not model:
        return Estimate(cases, 0, 0, 0.0, WITHOUT_MODEL * cases, from_records=True)
    written = [one.tokens_out for one in expected if one.tokens_out is not None]
    times = [one.took for one in expected if one.took is not None]
    usual = round(mean(written)) if written else ASSUMED_TOKENS_OUT
    took = sum(times, timedelta()) / len(times) if times else ASSUMED_TOOK
    tokens_in = sum(max(one.tokens_in or 0, one.characters // CHARACTERS_PER_TOKEN) for one in expected)
    tokens_out = sum(usual if one.tokens_out is None else one.tokens_out for one in expected)
    cost = None if price is None else price.of(tokens_in, tokens_out)
    time = took * cases / max(1, min(at_once, cases)) + WITHOUT_MODEL * cases
    return Estimate(cases, tokens_in, tokens_out, cost, time, from_records=bool(written or times))
