"""Nothing an app sends breaks the workspace: it is accepted, or refused by a rule."""

import copy
import re
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.block_kit import MESSAGE, checked_blocks, texts, with_ids
from bot.sandbox.block_kit.interactive import elements, first_state
from bot.sandbox.rules import Refused, Rule
from bot.sandbox.state import State
from bot.sandbox.web_api import METHODS
from tests.bot.sandbox.bolt_app import ANSWER_BLOCKS, FORM
from tests.bot.sandbox.broken_blocks import BROKEN_BLOCKS
from tests.bot.sandbox.raw_app import Slack

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "x"]), inner),
    max_leaves=5,
)

#: Blocks of every type, right and nearly right.
SAMPLES: list[list[Any]] = [ANSWER_BLOCKS, FORM["blocks"], *(blocks[:3] for _, blocks in BROKEN_BLOCKS)]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside `value`."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from places(one, (*path, key))


@st.composite
def spoilt_blocks(draw: st.DrawFn) -> Any:
    """Blocks in which one value was replaced by another of any kind."""
    blocks: Any = copy.deepcopy(draw(st.sampled_from(SAMPLES)))
    path = draw(st.sampled_from(list(places(blocks))))
    if not path:
        return draw(anything)
    target = blocks
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = draw(anything)
    return blocks


@given(spoilt_blocks())
@settings(max_examples=600, deadline=None)
def test_blocks_of_any_shape_are_shown_or_refused(blocks: Any) -> None:
    try:
        accepted = with_ids(checked_blocks(blocks, MESSAGE, "/blocks"), State())
    except Refused as refused:
        assert all(isinstance(problem.rule, Rule) for problem in refused.problems)
        return
    first_state(accepted)
    list(elements(accepted))
    list(texts(accepted))


ARGUMENTS = st.sampled_from(
    re.findall(
        r"\w+",
        """
        channel channel_id ts thread_ts timestamp text markdown_text blocks metadata user users user_id view view_id
        trigger_id prompts status files file length filename limit cursor oldest latest types name chunks
        loading_messages usergroup attachments message_ts recipient_user_id recipient_team_id hash external_id
        """,
    )
)
KNOWN = st.sampled_from(["C0HELP", "D0UMA", "U0UMA", "T0ANSWER", "S0SUPPORT", "1", "eyes"])


@given(method=st.sampled_from(sorted(METHODS)), args=st.dictionaries(ARGUMENTS, KNOWN | anything, max_size=8))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_calls_with_any_arguments_are_answered(slack: Slack, method: str, args: dict[str, Any]) -> None:
    response = slack.respond(method, args)
    assert response.status_code == 200
    answer = response.json()
    assert answer["ok"] is True or answer["error"]
