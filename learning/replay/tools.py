"""Tools in a replay: what they gave back then, and nothing else. Pure.

Always: nothing is run. A call that was made then gets what it gave back then; any other gets 'not recorded'.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from learning.recorder import RecordedDecision, ToolCall
from learning.replay.dry import Dry

#: What a model is told where it calls a tool in another way than it did then.
NOT_RECORDED = "not recorded"


class RecordedTools(Dry):
    """The tools of one agent's run, as they answered then."""

    def __init__(self, calls: Iterable[RecordedDecision]) -> None:
        """Take the recorded calls of a run, oldest first; of two equal ones the later answers the second time."""
        self._results: dict[str, list[str]] = {}
        for one in calls:
            for call in one.decision.calls:
                self._results.setdefault(_key(call), []).append(one.decision.answer)

    def result(self, call: ToolCall) -> str:
        """What a tool gave back to this call then, or that this is not recorded."""
        found = self._results.get(_key(call))
        if not found:
            return NOT_RECORDED
        return found.pop(0) if len(found) > 1 else found[0]


@dataclass(frozen=True)
class ToolDifference:
    """One call that differs; None where the other side has no such call."""

    before: ToolCall | None
    after: ToolCall | None

    @property
    def arguments(self) -> dict[str, tuple[Any, Any]]:
        """The arguments that differ, by name; None where one side has no such argument."""
        one = {} if self.before is None else self.before.arguments
        other = {} if self.after is None else self.after.arguments
        names = sorted({*one, *other})
        return {name: (one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)}


def differences(before: Sequence[ToolCall], after: Sequence[ToolCall]) -> tuple[ToolDifference, ...]:
    """The calls that differ, in order: of the same tool with other arguments, left out, or added.

    Calls are lined up by the names of their tools.
    """
    found: list[ToolDifference] = []
    matcher = SequenceMatcher(a=[one.name for one in before], b=[one.name for one in after], autojunk=False)
    for tag, first, last, begin, end in matcher.get_opcodes():
        if tag == "equal":
            pairs = zip(before[first:last], after[begin:end], strict=True)
            found += [ToolDifference(one, other) for one, other in pairs if _key(one) != _key(other)]
        else:
            found += [ToolDifference(one, None) for one in before[first:last]]
            found += [ToolDifference(None, other) for other in after[begin:end]]
    return tuple(found)


def _key(call: ToolCall) -> str:
    arguments: Mapping[str, Any] = call.arguments
    return f"{call.name} {json.dumps(arguments, sort_keys=True, ensure_ascii=False, default=str)}"
