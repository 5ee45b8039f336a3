"""Support hours: when somebody who asks for a person can expect one."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.hours import expected, parse
from bot.errors import Misconfigured

HOUR = timedelta(hours=1)
WEEK = "Mon-Fri 09:00-17:00"
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("2026-01-05 10:00", "2026-01-05 11:00"),  # a Monday, within the hours
        ("2026-01-05 06:00", "2026-01-05 10:00"),  # before they begin
        ("2026-01-05 16:30", "2026-01-06 09:30"),  # half of it is left for the next day
        ("2026-01-05 16:00", "2026-01-05 17:00"),  # just in time
        ("2026-01-05 18:00", "2026-01-06 10:00"),  # after they end
        ("2026-01-09 16:30", "2026-01-12 09:30"),  # over the weekend
        ("2026-01-10 12:00", "2026-01-12 10:00"),  # on it
    ],
)
def test_an_hour_of_support_time_later(asked: str, answered: str) -> None:
    assert expected(parse(WEEK, "Europe/Berlin"), at(asked), HOUR) == at(answered)


def test_the_time_zone_of_who_asks_does_not_matter() -> None:
    tokyo = at("2026-01-05 19:00", ZoneInfo("Asia/Tokyo"))  # eleven in Berlin
    assert expected(parse(WEEK, "Europe/Berlin"), tokyo, HOUR) == at("2026-01-05 12:00")


def test_more_than_a_days_work_takes_days() -> None:
    assert expected(parse(WEEK, "UTC"), at("2026-01-05 09:00", ZoneInfo("UTC")), 20 * HOUR) == at(
        "2026-01-07 13:00", ZoneInfo("UTC")
    )


def test_hours_stay_where_they_are_when_clocks_change() -> None:
    # Germany puts its clocks forward in the night to 29 March 2026.
    assert expected(parse(WEEK, "Europe/Berlin"), at("2026-03-27 16:30"), HOUR) == at("2026-03-30 09:30")
    assert expected(parse(WEEK, "Europe/Berlin"), at("2026-03-27 16:30"), HOUR).astimezone(UTC).hour == 7


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Mon-Fri 09:00-17:00", {0, 1, 2, 3, 4}),
        ("sat-mon 09:00-17:00", {5, 6, 0}),
        ("Wed 09:00-17:00", {2}),
        ("  Mon-Sun   00:00-23:59 ", {0, 1, 2, 3, 4, 5, 6}),
    ],
)
def test_days_are_read(text: str, days: set[int]) -> None:
    assert parse(text, "UTC").days == days


@pytest.mark.parametrize(
    "text", ["", "always", "Mon-Fri", "Mon-Fri 9-17", "Mon-Fri 17:00-09:00", "Mon-Fri 09:00-25:00", "Xyz 09:00-17:00"]
)
def test_hours_that_cannot_be_read_say_how_they_should_look(text: str) -> None:
    with pytest.raises(Misconfigured, match=r"ANSWERLOOP_SUPPORT_HOURS.*Mon-Fri 09:00-17:00"):
        parse(text, "UTC")


@pytest.mark.parametrize("zone", ["", "Berlin", "../etc/passwd", "Europe/Nowhere"])
def test_a_zone_that_is_none_says_how_it_should_look(zone: str) -> None:
    with pytest.raises(Misconfigured, match=r"ANSWERLOOP_SUPPORT_TIME_ZONE.*Europe/Berlin"):
        parse(WEEK, zone)


@given(
    asked=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    minutes=st.integers(1, 3000),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
)
def test_somebody_is_always_expected_within_the_hours_and_never_before_the_question(
    asked: datetime, minutes: int, zone: str
) -> None:
    hours = parse(WEEK, zone)
    moment = expected(hours, asked, timedelta(minutes=minutes))
    local = moment.astimezone(ZoneInfo(zone))
    assert local.weekday() < 5
    assert hours.begin < local.time() <= hours.end
    # An hour less where clocks change on the way.
    assert moment >= asked + timedelta(minutes=minutes) - HOUR
