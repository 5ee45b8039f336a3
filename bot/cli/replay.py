"""`answerloop replay`: what would have been said with another model, prompt, confidence or knowledge."""

import json as json_lines
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Annotated, Any

import typer

#: Exit status of who was interrupted, by convention.
_INTERRUPTED = 130


def replay(
    cohort: Annotated[
        str,
        typer.Option(help="What to replay: a cohort as for `cohorts compare`, such as since=2026-10-01,code=0.1.0."),
    ] = "",
    only: Annotated[
        str, typer.Option(help="Only a part of the cohort: escalated, answered, abstained or voted_down.")
    ] = "",
    decisions: Annotated[
        str,
        typer.Option(
            help="Instead of a cohort: record ids by commas, or - for one a line on standard input (also as `records "
            "list --json` prints them)."
        ),
    ] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the newest so many of the cohort.")] = None,
    model: Annotated[
        str | None, typer.Option(help="Chat model that writes; `none` for none. Default: ANSWERLOOP_MODEL_NAME.")
    ] = None,
    instructions: Annotated[
        Path | None,
        typer.Option(
            help="A file whose text replaces the program's own prompt, whole; of earlier prompts the record holds only "
            "the hash. Answers without citations such as [1] are withheld as ever, and NO_ANSWER still says that the "
            "evidence has none."
        ),
    ] = None,
    kb_version: Annotated[
        str,
        typer.Option(
            help="Search the knowledge base as it stood at this version, or `now`; `recorded` takes the evidence and "
            "the confidence as they were."
        ),
    ] = "recorded",
    calibration: Annotated[
        int | None, typer.Option(min=0, help="Calibration for a new search; default the newest, 0 is what is shipped.")
    ] = None,
    answer_threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Confidence from which an answer is given; default as then.")
    ] = None,
    offer_threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Probability from which questions are offered; default as then.")
    ] = None,
    price_input: Annotated[
        float | None, typer.Option(min=0, help="What a million tokens cost that the model reads.")
    ] = None,
    price_output: Annotated[
        float | None, typer.Option(min=0, help="What a million tokens cost that it writes.")
    ] = None,
    at_once: Annotated[int, typer.Option(min=1, max=64, help="How many cases at a time.")] = 4,
    estimate: Annotated[bool, typer.Option("--estimate", help="Say what it would take, and stop.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before it begins.")] = False,
    resume: Annotated[str, typer.Option(help="Go on with a run; of a finished one, say again what it shows.")] = "",
    list_runs: Annotated[bool, typer.Option("--list", help="List the newest runs.")] = False,
    workspace: Annotated[str, typer.Option(help="Workspace id; needed only where there are several.")] = "",
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document, with both sides of every case.")
    ] = False,
) -> None:
    """Decide recorded questions again, and say what changed and how sure that is.

    Whatever is not named stays as it was recorded. Nothing is posted, no tool is run, nothing is recorded or learned:
    the replay holds no Slack client, and its connections only read. A tool that an agent calls gives what is recorded,
    or 'not recorded'. Both sides stand on the record's redacted text.

    First it says what the run will take, and asks. Ctrl-C stops it when what is under way is finished; nothing that has
    its pair is asked again when it is resumed. Exits with 1 where a case has no pair, because that is no pass, or has
    become unsafe.
    """
    from bot.cli.console import print_json, progress
    from bot.cli.replay_shown import estimate_line, show, show_list
    from bot.replay import Wish, begin, listed, plan
    from bot.replay import resume as carry_on
    from bot.settings import load

    settings = load()
    if list_runs:
        show_list(listed(settings, workspace), json=json)
        return
    run = resume
    if not run:
        wish = Wish(
            cohort=cohort,
            only=only,
            limit=limit,
            decisions=_ids(decisions),
            model=model,
            instructions=instructions,
            knowledge=kb_version,
            calibration=calibration,
            answer_threshold=answer_threshold,
            offer_threshold=offer_threshold,
            price_input=price_input,
            price_output=price_output,
        )
        with progress("Reading the records") as report:
            planned = plan(settings, workspace, wish, at_once=at_once, report=report)
        told = planned.plain()
        if estimate and json:
            print_json(told)
        else:
            _say(estimate_line(told))
        if estimate:
            return
        _agree(yes)
        run = begin(settings, planned)
        _say(f"Run {run}. If it is cut off: answerloop replay --resume {run}")
    with _interruptible() as stop, progress("Replaying") as report:
        found = carry_on(settings, workspace, run, at_once=at_once, report=report, stop=stop, texts=json)
    if json:
        print_json(found)
    else:
        show(found)
    _end(found)


def _ids(typed: str) -> tuple[str, ...]:
    from bot.errors import BotError

    if typed != "-":
        return tuple(part.strip() for part in typed.split(",") if part.strip())
    found = []
    for line in filter(None, map(str.strip, sys.stdin)):
        if not line.startswith("{"):
            found.append(line)
            continue
        try:
            found.append(str(json_lines.loads(line)["id"]))
        except (ValueError, KeyError):
            raise BotError("A line on standard input is neither an id nor a record with one.") from None
    return tuple(found)


def _agree(yes: bool) -> None:
    from bot.errors import BotError

    if yes:
        return
    if not sys.stdin.isatty():
        raise BotError("Nothing was replayed: say --yes to begin without being asked, or --estimate to know only that.")
    typer.confirm("Begin?", abort=True, err=True)


@contextmanager
def _interruptible() -> Iterator[Event]:
    """The first interrupt sets the event, the second one interrupts."""
    stop = Event()

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        _say("Stopping when what is under way is finished; once more to stop at once.")

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _end(found: dict[str, Any]) -> None:
    progress = found["progress"]
    left = progress["waiting"] + progress["failed"]
    if progress["why"]:
        _say(f"It stopped by itself: {progress['why']}")
    if left:
        tried = progress["total"] - progress["waiting"]
        _say(f"{tried} of {progress['total']} were tried. Go on with: answerloop replay --resume {found['run']}")
    if progress["stopped"] and not progress["why"]:
        raise typer.Exit(_INTERRUPTED)
    if not found["passed"]:
        raise typer.Exit(1)


def _say(line: str) -> None:
    from bot.cli.console import errors

    errors.print(line, markup=False, highlight=False, soft_wrap=True)
