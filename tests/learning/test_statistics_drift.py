"""A change of the mean is found soon, no change gives no alarm, and memory stays small."""

import numpy as np
import pytest

from learning.statistics import Adwin, shifts

#: Two hundred runs of half a year at 25 conversations a working day; one in twenty may give a false alarm at most.
RUNS, LENGTH, PROMISED = 200, 3_000, 10


@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_no_change_gives_no_alarm(rate: float) -> None:
    generator = np.random.default_rng(51)
    streams = (generator.random((RUNS, LENGTH)) < rate).astype(float)
    assert sum(bool(shifts(stream.tolist())) for stream in streams) <= PROMISED


def test_no_change_of_numbers_gives_no_alarm() -> None:
    generator = np.random.default_rng(52)
    seconds = np.minimum(generator.exponential(2.0, (RUNS // 4, LENGTH)), 30.0)
    assert sum(bool(shifts(stream.tolist(), span=30.0)) for stream in seconds) <= PROMISED // 4


@pytest.mark.parametrize(("before", "after", "soon"), [(0.05, 0.15, 600), (0.3, 0.5, 350), (0.6, 0.3, 250)])
def test_a_shift_is_found_soon_and_told_once_with_its_evidence(before: float, after: float, soon: int) -> None:
    generator = np.random.default_rng(53)
    delays = []
    for _ in range(40):
        stream = np.r_[generator.random(1_500) < before, generator.random(1_500) < after].astype(float)
        found = shifts(stream.tolist())
        assert len(found) in (1, 2)  # the first cut may leave some of the old behind, which is then told as well
        first = found[0]
        assert first.found_after > 1_500
        assert first.before == pytest.approx(before, abs=0.06) and (first.after > first.before) is (after > before)
        assert first.began_after == pytest.approx(1_500, abs=600)
        assert first.before_cases + first.after_cases == first.found_after
        delays.append(first.found_after - 1_500)
    assert np.median(delays) <= soon


def test_what_was_told_stays_told_when_the_stream_goes_on() -> None:
    generator = np.random.default_rng(54)
    stream = np.r_[generator.random(800) < 0.1, generator.random(800) < 0.5, generator.random(800) < 0.1]
    whole = shifts(stream.astype(float).tolist())
    for end in (1_000, 1_600, 2_000):
        part = shifts(stream[:end].astype(float).tolist())
        assert part == whole[: len(part)]
    assert len(whole) >= 2


def test_the_window_is_the_stream_in_few_buckets() -> None:
    window = Adwin()
    for count in range(1, 20_001):
        window.add(float(count % 2))
    assert window.cases == 20_000
    assert window.buckets <= 6 * (np.log2(20_000 / 5) + 1)


def test_a_window_that_has_shifted_holds_the_new_mean_only() -> None:
    window, found = Adwin(), []
    for value in [0.0] * 500 + [1.0] * 500:
        shift = window.add(value)
        if shift:
            found.append(shift)
    assert found[0].before == 0.0 and found[0].began_after <= 500
    assert window.cases < 1_000 - found[0].began_after + 1


def test_the_span_scales_what_counts_as_a_change() -> None:
    generator = np.random.default_rng(55)
    stream = np.r_[generator.random(600) < 0.2, generator.random(600) < 0.6].astype(float)
    one, thousand = shifts(stream.tolist()), shifts((1_000 * stream).tolist(), span=1_000)
    assert [each.found_after for each in one] == [each.found_after for each in thousand] != []
    with pytest.raises(ValueError, match="span"):
        Adwin(span=0)
