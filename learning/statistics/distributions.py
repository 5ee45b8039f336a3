"""The few distributions that the other files need, from their textbook expansions. Pure, scalar, and without scipy.

Numbers of formulas are those of the NIST Digital Library of Mathematical Functions (dlmf.nist.gov).
"""

from collections.abc import Callable
from math import erfc, exp, inf, lgamma, log, log1p, pi, sqrt
from statistics import NormalDist

#: When a series or a continued fraction has settled: well below what any interval shows.
_SETTLED = 1e-14
#: Stands in for a zero denominator in a continued fraction (Lentz 1976, as modified by Thompson and Barnett 1986).
_TINY = 1e-300
_MOST_TERMS = 100_000
#: Each step at least halves the bounds, so that these use up the precision of a float.
_MOST_STEPS = 200


def normal_quantile(share: float) -> float:
    """The value below which `share` (0 to 1, both excluded) of a standard normal lies."""
    return NormalDist().inv_cdf(share)


def normal_cdf(value: float) -> float:
    """The share of a standard normal that lies below `value`."""
    return 0.5 * erfc(-value / sqrt(2))


def two_sided(z: float) -> float:
    """The chance that a standard normal lies as far from zero as `z`, on either side."""
    return erfc(abs(z) / sqrt(2))


def margin(level: float) -> float:
    """How many standard errors a two-sided interval of a level spans to each side: 1.96 for .95."""
    return normal_quantile(0.5 + level / 2)


def gamma_cdf(value: float, shape: float) -> float:
    """The share of a gamma distribution with scale 1 that lies below `value`: DLMF 8.2.4.

    The series 8.11.4 where it is quick, the continued fraction 8.9.2 elsewhere.
    """
    if value <= 0:
        return 0.0
    front = exp(shape * log(value) - value - lgamma(shape))
    if value < shape + 1:
        term = total = 1.0 / shape
        for step in range(1, _MOST_TERMS):
            term *= value / (shape + step)
            total += term
            if term < total * _SETTLED:
                break
        return min(1.0, front * total)

    def part(step: int) -> tuple[float, float]:
        return -step * (step - shape), value + 2 * step + 1 - shape

    return max(0.0, 1.0 - front / _continued_fraction(value + 1 - shape, part))


def gamma_quantile(share: float, shape: float) -> float:
    """The value below which `share` (0 to 1) of a gamma distribution with scale 1 lies."""
    if share <= 0:
        return 0.0
    if share >= 1:
        return inf
    high = max(1.0, shape)
    while gamma_cdf(high, shape) < share:
        high *= 2
    return _solve(lambda value: gamma_cdf(value, shape), share, 0.0, high)


def chi_square_tail(value: float, degrees: float) -> float:
    """The chance that chi-square with some degrees of freedom exceeds `value`."""
    return 1.0 - gamma_cdf(value / 2, degrees / 2)


def beta_cdf(value: float, a: float, b: float) -> float:
    """The share of a beta distribution that lies below `value`: DLMF 8.17.22, the continued fraction."""
    if value <= 0:
        return 0.0
    if value >= 1:
        return 1.0
    if value > (a + 1) / (a + b + 2):
        return 1.0 - beta_cdf(1 - value, b, a)

    def part(step: int) -> tuple[float, float]:
        half, odd = divmod(step, 2)
        if odd:
            top = -(a + half) * (a + b + half) * value / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            top = half * (b - half) * value / ((a + 2 * half - 1) * (a + 2 * half))
        return top, 1.0

    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(value) + b * log1p(-value)) / a
    return min(1.0, front / _continued_fraction(1.0, part))


def beta_quantile(share: float, a: float, b: float) -> float:
    """The value below which `share` (0 to 1) of a beta distribution lies."""
    return _solve(lambda value: beta_cdf(value, a, b), share, 0.0, 1.0)


def student_quantile(share: float, degrees: float) -> float:
    """The value below which `share` (.5 to 1) of Student's t with some degrees of freedom lies.

    Newton's steps from the normal quantile, which lies below: the distribution bends down there, so that every step
    comes nearer from the same side. Its tail is a beta law: DLMF 8.17.
    """
    front = lgamma((degrees + 1) / 2) - lgamma(degrees / 2) - 0.5 * log(degrees * pi)
    value = normal_quantile(share)
    for _ in range(_MOST_STEPS):
        tail = 0.5 * beta_cdf(degrees / (degrees + value * value), degrees / 2, 0.5)
        density = exp(front - (degrees + 1) / 2 * log1p(value * value / degrees))
        step = (share - 1 + tail) / density
        value += step
        if step <= 1e-12 * value:
            break
    return value


def binomial_tail(successes: int, trials: int, chance: float) -> float:
    """The chance of at least `successes` in `trials`: DLMF 8.17.5."""
    if successes <= 0:
        return 1.0
    if successes > trials:
        return 0.0
    return beta_cdf(chance, successes, trials - successes + 1)


def binomial_chance(successes: int, trials: int, chance: float) -> float:
    """The chance of exactly `successes` in `trials`."""
    if not 0 <= successes <= trials:
        return 0.0
    if chance in (0.0, 1.0):
        return float(successes == trials * chance)
    ways = lgamma(trials + 1) - lgamma(successes + 1) - lgamma(trials - successes + 1)
    return exp(ways + successes * log(chance) + (trials - successes) * log1p(-chance))


def _continued_fraction(first: float, part: Callable[[int], tuple[float, float]]) -> float:
    """`first` + a1 / (b1 + a2 / (b2 + …)), where `part(n)` gives (an, bn)."""
    value = c = first or _TINY
    d = 0.0
    for step in range(1, _MOST_TERMS):
        top, bottom = part(step)
        d = 1.0 / (bottom + top * d or _TINY)
        c = bottom + top / c or _TINY
        value *= c * d
        if abs(c * d - 1.0) < _SETTLED:
            break
    return value


def _solve(rising: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Where a rising function reaches a target between two bounds, by Ridders' method (1979)."""
    below, above = rising(low) - target, rising(high) - target
    for _ in range(_MOST_STEPS):
        if below >= 0 or above <= 0 or high - low <= _SETTLED * high:
            break
        middle = 0.5 * (low + high)
        value = rising(middle) - target
        guess = middle - (middle - low) * value / sqrt(value * value - below * above)
        for at in sorted((middle, min(max(guess, low), high))):
            if not low < at < high:
                continue
            found = value if at == middle else rising(at) - target
            if found < 0:
                low, below = at, found
            else:
                high, above = at, found
    return low if below >= 0 else high if above <= 0 else 0.5 * (low + high)
