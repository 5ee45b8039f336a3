"""Every message and modal is exactly what was looked at last, and what Slack accepts.

`ANSWERLOOP_UPDATE_SNAPSHOTS=1` writes the snapshots anew; look at the difference before committing it.
"""

import inspect
import json
import os
from pathlib import Path
from types import ModuleType

import pytest
from slack_sdk.errors import SlackObjectFormationError

from bot.sandbox.block_kit import MESSAGE, checked_blocks, checked_view
from bot.sandbox.rules import Refused
from bot.slack.views import alarms, answers, forms, handoffs, home, notices, proposals, records, spot_checks
from bot.slack.views.kit import Message
from tests.bot.slack import view_samples
from tests.bot.slack.slack_limits import check_message, check_view
from tests.bot.slack.view_samples import Shown, every_view

SNAPSHOTS = Path(__file__).parent / "snapshots"
MODULES = (alarms, answers, forms, handoffs, home, notices, proposals, records, spot_checks)
VIEWS = every_view()
UPDATE = os.environ.get("ANSWERLOOP_UPDATE_SNAPSHOTS") == "1"


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_a_view_is_what_was_looked_at_last(name: str) -> None:
    path = SNAPSHOTS / f"{name}.json"
    text = json.dumps(VIEWS[name], indent=2, ensure_ascii=False) + "\n"
    if UPDATE:
        SNAPSHOTS.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"no snapshot of {name}: look at the view, then set ANSWERLOOP_UPDATE_SNAPSHOTS=1"
    assert text == path.read_text(encoding="utf-8")


def test_no_snapshot_is_left_of_a_view_that_is_gone() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.json")} == set(VIEWS)


@pytest.mark.parametrize("module", MODULES, ids=lambda it: it.__name__)
def test_every_view_has_a_snapshot(module: ModuleType) -> None:
    samples = Path(view_samples.__file__).read_text(encoding="utf-8")
    prefix = module.__name__.rpartition(".")[2]
    for name, view in inspect.getmembers(module, inspect.isfunction):
        if name.startswith("_") or name == "suggested_prompts" or view.__module__ != module.__name__:
            continue
        if inspect.signature(view).return_annotation in {Message, tuple[Message, ...]}:
            assert f"{prefix}.{name}(" in samples, f"{prefix}.{name} has no sample"


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_slack_accepts_every_view(name: str) -> None:
    check(VIEWS[name])


def check(shown: Shown) -> None:
    if isinstance(shown, tuple):
        assert shown, "nothing would be posted"
        for message in shown:
            check(message)
    elif "type" in shown:
        check_view(shown)
        assert checked_view(shown, shown["type"]), "the local workspace takes it too"
    else:
        check_message(shown)
        assert checked_blocks(shown["blocks"], MESSAGE, "/blocks")


HOSTILE = {
    "40,000 characters": "All work and no play makes Jack a dull boy. " * 910,
    "one word of 40,000 characters": "x" * 40_000,
    "only ampersands": "&" * 9_000,
    "mentions of everyone": "<!channel> <!here> <@U0ADA> <#C0HELP> <!subteam^S0ADMINS> @channel " * 60,
    "links that lie": "<https://evil.example|https://bank.example> [bank.example](https://evil.example) ",
    "endless addresses": f"https://a.example/{'&' * 5000} https://a.example/{'&' * 900} ",
    "endless links": f"[{'b' * 4000}](https://a.example/{'c' * 900}) [d](https://a.example/{'e' * 5000}) ",
    "right to left": "‮שלום <!channel> مرحبا ‏" * 30,
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 400,
    "open code": "```\n<!channel>\n" + "code & more\n" * 700,
    "marks": "*_~`>|<&" * 300,
    "blank": "   \n\n\t ",
    "empty": "",
    "lines": "a\n" * 5_000,
    "quotes and lists": "> - 1. # " * 2_000,
    "table": "| a | b |\n|---|---|\n" + "| <!channel> | & |\n" * 500,
    "many small paragraphs": "Word.\n\n" * 4_000,
}


@pytest.mark.parametrize("many", [1, 200])
@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_no_text_and_no_number_of_things_takes_a_view_over_slacks_limits(kind: str, many: int) -> None:
    refused = {}
    for name, shown in every_view(lambda _: HOSTILE[kind], many).items():
        try:
            check(shown)
        except (AssertionError, SlackObjectFormationError, Refused) as error:
            refused[name] = str(error)
    assert not refused
