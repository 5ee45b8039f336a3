"""Moments as people say them, in their own time zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def spoken(moment: datetime, zone: str, now: datetime) -> str:
    """A coming moment in words: `today at 15:00`, `tomorrow at 09:30`, `Monday at 10:00`, `Mon 3 Aug at 10:00`.

    Args:
        moment: aware.
        zone: IANA name of the reader's time zone; UTC is used and named where it is unknown.
        now: aware, the present moment.
    """
    try:
        place, note = ZoneInfo(zone), ""
    except (ValueError, OSError, KeyError):
        place, note = ZoneInfo("UTC"), " UTC"
    there, here = moment.astimezone(place), now.astimezone(place)
    days = (there.date() - here.date()).days
    names = {0: "today", 1: "tomorrow"}
    week = f"{there:%A}" if 1 < days < 7 else f"{there:%a} {there.day} {there:%b}"
    return f"{names.get(days, week)} at {there:%H:%M}{note}"


def length(past: timedelta) -> str:
    """How long something has lasted, in its largest unit: `less than a minute`, `5 minutes`, `an hour`, `3 days`."""
    minutes = int(past.total_seconds() // 60)
    for unit, one, size in (("days", "a day", 24 * 60), ("hours", "an hour", 60), ("minutes", "a minute", 1)):
        count = minutes // size
        if count:
            return one if count == 1 else f"{count} {unit}"
    return "less than a minute"


def everyone(moment: datetime) -> str:
    """A moment that Slack shows to each reader in their own time zone, with UTC as the fallback."""
    fallback = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def exactly(moment: datetime) -> str:
    """As `everyone`, to the second."""
    fallback = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time_secs}}|{fallback}>"
