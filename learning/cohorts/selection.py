"""Cohorts: which decisions belong together, by their versions, by a tag, by when they were made. Pure.

Every decision is in one automatic cohort, that of its versions. What grows with every approval or label is no version
in this sense, or each would open a cohort of its own: the knowledge base's count is left out, and of a calibration that
follows the workspace's labels only what it began with counts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from learning.cohorts.observations import Observation
from learning.errors import NotUnderstood

#: What makes an automatic cohort, and what the names in conditions are.
VERSIONS = ("model", "prompt_hash", "instructions", "embedding", "ranking", "calibration", "code")
#: Parts a shipped calibration from what this workspace's labels made of it.
_FOLLOWS = "+"
#: Characters of an automatic cohort's name.
_NAME = 8

Condition = Callable[[Observation], bool]


@dataclass(frozen=True)
class Cohort:
    """Decisions that share versions or a tag."""

    #: What is typed to mean it: the hash of its versions, or `tag=value`.
    name: str
    #: What its decisions share; versions that are empty are left out.
    shared: Mapping[str, str]
    since: datetime
    until: datetime
    questions: int
    conversations: int


@dataclass(frozen=True)
class Selector:
    """What somebody typed to mean a cohort."""

    typed: str
    conditions: tuple[Condition, ...]

    def holds(self, observation: Observation) -> bool:
        """Whether a decision belongs to it."""
        return all(holds(observation) for holds in self.conditions)


def name_of(observation: Observation) -> str:
    """The name of the automatic cohort that a decision is in."""
    lines = "\n".join(f"{name}={began_with(observation.versions.get(name, ''))}" for name in VERSIONS)
    return sha256(lines.encode()).hexdigest()[:_NAME]


def began_with(version: str) -> str:
    """A version without what labels of this workspace added to it."""
    return version.partition(_FOLLOWS)[0]


def automatic(observations: Iterable[Observation]) -> tuple[Cohort, ...]:
    """The automatic cohorts, the newest first."""
    groups: dict[str, list[Observation]] = defaultdict(list)
    for one in observations:
        groups[name_of(one)].append(one)
    found = [_cohort(name, _versions(group[0]), group) for name, group in groups.items()]
    return tuple(sorted(found, key=lambda cohort: (cohort.since, cohort.name), reverse=True))


def tagged(observations: Iterable[Observation]) -> tuple[Cohort, ...]:
    """The cohorts of every tag that was ever set, by name."""
    groups: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for one in observations:
        for tag in one.tags.items():
            groups[tag].append(one)
    return tuple(_cohort(f"{tag}={value}", {tag: value}, group) for (tag, value), group in sorted(groups.items()))


def parse(typed: str) -> Selector:
    """Read what somebody typed: a cohort's name, or conditions by commas, all of which must hold.

    A condition is `version=value` (a calibration by itself or by what it began with), `tag=value`, `since=DAY` or
    `until=DAY` (days in UTC, ISO 8601, the second one not included).

    Raises:
        NotUnderstood: it is neither.
    """
    return Selector(typed, tuple(_condition(part.strip()) for part in typed.split(",")))


def _condition(part: str) -> Condition:
    name, equals, value = (piece.strip() for piece in part.partition("="))
    if not name or (equals and not value):
        raise NotUnderstood(
            f"'{part}' names no cohort. Give a name as `cohorts list` prints it, or conditions such as "
            "code=0.1.0,experiment=arm,since=2026-11-01."
        )
    if not equals:
        return lambda one: name_of(one) == name
    if name in ("since", "until"):
        day = _day(value)
        return (lambda one: one.at >= day) if name == "since" else (lambda one: one.at < day)
    if name in VERSIONS:
        return lambda one: value in (one.versions.get(name), began_with(one.versions.get(name, "")))
    return lambda one: one.tags.get(name) == value


def _day(typed: str) -> datetime:
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        raise NotUnderstood(f"'{typed}' is no day; write it like 2026-11-01.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _versions(one: Observation) -> dict[str, str]:
    return {name: began_with(one.versions[name]) for name in VERSIONS if one.versions.get(name)}


def _cohort(name: str, shared: Mapping[str, str], group: list[Observation]) -> Cohort:
    moments = [one.at for one in group]
    return Cohort(name, shared, min(moments), max(moments), len(group), len({one.conversation for one in group}))
