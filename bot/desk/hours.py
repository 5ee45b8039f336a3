"""Support hours: when somebody who asks for a person can expect one."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import preferences
from bot.errors import Misconfigured
from bot.services import Services
from kb.ids import WorkspaceId

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PATTERN = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?\s+(?P<begin>\d\d:\d\d)-(?P<end>\d\d:\d\d)")


@dataclass(frozen=True)
class Hours:
    """The hours in which staff are there, every week."""

    #: Days of the week, Monday is 0.
    days: frozenset[int]
    begin: time
    end: time
    zone: ZoneInfo


def parse(text: str, zone: str) -> Hours:
    """Hours such as `Mon-Fri 09:00-17:00` in a time zone.

    Raises:
        Misconfigured: the text or the zone cannot be read; the message shows how it should look.
    """
    found = _PATTERN.fullmatch(text.strip().lower())
    try:
        if found is None:
            raise ValueError
        first = _DAYS.index(found["first"])
        last = _DAYS.index(found["last"] or found["first"])
        length = (last - first) % 7 + 1
        days = frozenset((first + offset) % 7 for offset in range(length))
        begin, end = time.fromisoformat(found["begin"]), time.fromisoformat(found["end"])
        if begin >= end:
            raise ValueError
    except ValueError:
        raise Misconfigured(
            f"ANSWERLOOP_SUPPORT_HOURS is '{text}'; it should look like 'Mon-Fri 09:00-17:00'."
        ) from None
    try:
        return Hours(days, begin, end, ZoneInfo(zone))
    except (ValueError, OSError, KeyError):
        raise Misconfigured(f"ANSWERLOOP_SUPPORT_TIME_ZONE is '{zone}'; use a name such as Europe/Berlin.") from None


def expected(hours: Hours, asked: datetime, response: timedelta) -> datetime:
    """By when somebody answers who is asked at `asked`: `response` of support time later.

    Args:
        asked: aware.
        response: time of support hours that an answer takes.
    """
    moment = asked.astimezone(hours.zone)
    left = response
    while True:
        begin = datetime.combine(moment.date(), hours.begin, hours.zone)
        end = datetime.combine(moment.date(), hours.end, hours.zone)
        start = max(moment, begin)
        if moment.weekday() in hours.days and start < end:
            if start + left <= end:
                return start + left
            left -= end - start
        moment = datetime.combine(moment.date() + timedelta(days=1), time.min, hours.zone)


def expected_by(services: Services, workspace: WorkspaceId, asked: datetime) -> datetime:
    """By when this workspace's staff answer."""
    with services.sessions() as session:
        text = preferences.effective(session, workspace, services.settings, "support_hours")
        zone = preferences.effective(session, workspace, services.settings, "support_time_zone")
    response = timedelta(minutes=services.settings.support_response_minutes)
    return expected(parse(text, zone), asked, response)
