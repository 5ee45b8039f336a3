"""`answerloop backtest`: what the loop would have done on past questions, before it answers anybody."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bot.backtest import Report


def _share(text: str) -> Any:
    return typer.Option(min=0, max=1, help=text)


def backtest(
    file: Annotated[Path, typer.Argument(help="Past questions: JSON lines or CSV, also gzipped.")],
    question: Annotated[str, typer.Option(help="The field that holds the question.")] = "question",
    topic: Annotated[
        str,
        typer.Option(help="The field that holds the topic; empty: `topic`, else the answers say what is one topic."),
    ] = "",
    answer: Annotated[
        str, typer.Option(help="The field that holds what people answered; empty: `answer`, where there is one.")
    ] = "",
    time: Annotated[
        str, typer.Option(help="The field that holds when it was asked; without it the order is drawn with the seed.")
    ] = "",
    outside: Annotated[
        str | None, typer.Option(help="The topic of questions that the knowledge base should never answer.")
    ] = None,
    known_share: Annotated[float, _share("Share of the topics that is known at the start.")] = 0.6,
    known_phrasings: Annotated[
        int, typer.Option(min=1, help="By how many of its questions each of these is known; they are not asked.")
    ] = 1,
    periods: Annotated[int, typer.Option(min=1, help="Into how many periods the questions are cut.")] = 3,
    limit: Annotated[int, typer.Option(min=0, help="How many questions are asked at most; 0: all.")] = 0,
    max_wrong: Annotated[
        float, typer.Option(min=0.001, max=0.5, help="The promise: which share of all questions may be wrong.")
    ] = 0.03,
    vote_share: Annotated[float, _share("How often a wrong answer is voted down; who does gets a person.")] = 0.5,
    praise_share: Annotated[float, _share("How often a right answer is voted up.")] = 0.0,
    click_share: Annotated[float, _share("How often the right one of the questions offered is clicked.")] = 0.9,
    wrong_click_share: Annotated[
        float, _share("How often a wrong one is clicked where the right one is not there.")
    ] = 0.1,
    approve_share: Annotated[float, _share("How many of the right proposals admins approve.")] = 1.0,
    review_delay: Annotated[
        int, typer.Option(min=0, help="How many questions are asked until an admin looks at a proposal.")
    ] = 0,
    resolve_delay: Annotated[
        int, typer.Option(min=0, help="How many questions are asked until staff settle one, or judge a spot check.")
    ] = 10,
    near_wording: Annotated[
        float,
        _share("From which likeness to a known wording on admins are not asked about a new one of the same answer."),
    ] = 0.9,
    seed: Annotated[
        int, typer.Option(help="What is drawn is drawn with this; the same seed gives the same result.")
    ] = 1,
    html: Annotated[Path | None, typer.Option(help="Draw the curves into this file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Run the real loop over past questions, on a workspace that is gone afterwards, and say how it fared.

    The people are simulated. The rows are shuffled with the seed, or ordered by --time. Some topics are known at the
    start, each by some of its rows; the others are asked, one after the other. Rows of one topic have one right answer:
    what people answered most often. Without --topic, rows whose answers say the same are one topic: equal words, or
    answers that are near to each other and agree in every figure, link, sign and negation. Without answers, topic 17 is
    answered by a sentence of no meaning.

    A wrong answer that the bot gave alone is voted down now and then, and who does that gets a person. Where the bot is
    not sure and offers questions, the right one is clicked now and then, if it is there; if not, now and then a wrong
    one; else none, and a person is called. A person answers rightly, after a while, and ticks what the same answer
    settles. Admins approve what is right (or, now and then, do not want it) and reject what does not fit. Spot checks
    are judged truthfully. What is outside is never known, and people settle it without anything to learn.

    The bot answers with approved answers alone; no language model is asked, nothing is posted, and the live workspace
    is neither read nor changed.
    """
    from bot.backtest import Plan, plain, run
    from bot.backtest.page import page
    from bot.cli.console import errors, print_json, progress
    from bot.past import Fields, read_past
    from bot.settings import load

    if html is not None:
        _check_place(html)  # minutes of work shall not end at a folder that is not there
    past = read_past(file, Fields(question, topic, answer, time, outside))
    if past.left_out:
        first = past.left_out[0]
        errors.print(
            f"{len(past.left_out)} rows are left out; {first.position}: {first.reason}", markup=False, highlight=False
        )
    plan = Plan(
        known_share=known_share,
        known_phrasings=known_phrasings,
        periods=periods,
        limit=limit,
        max_wrong=max_wrong,
        vote_share=vote_share,
        praise_share=praise_share,
        click_share=click_share,
        wrong_click_share=wrong_click_share,
        approve_share=approve_share,
        review_delay=review_delay,
        resolve_delay=resolve_delay,
        near_wording=near_wording,
        seed=seed,
    )
    with progress("Asking") as report:
        found = run(load(), past, plan, report)
    if json:
        print_json(plain(found))
    else:
        _show(found)
    if html is not None:
        _write(html, page(found))


def _check_place(path: Path) -> None:
    from bot.errors import Unusable

    if not path.parent.is_dir():
        raise Unusable(f"{path} cannot be written: there is no folder {path.parent}.")
    if path.is_dir():
        raise Unusable(f"{path} cannot be written: it is a folder.")


def _write(path: Path, text: str) -> None:
    from bot.errors import Unusable

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror}.") from None


def _show(found: "Report") -> None:
    from rich.table import Table

    from bot.cli.console import output

    asked = sum(period.shares.asked for period in found.periods)
    output.print(
        f"{asked} questions ({found.outside} outside) about {found.topics} topics, of which {found.known_topics} were "
        f"known at the start; {found.seconds:.0f} s.\n",
        highlight=False,
    )
    table = Table("", *(f"period {number}" for number in range(1, len(found.periods) + 1)), box=None, pad_edge=False)
    for name, values in _rows(found).items():
        table.add_row(name, *values)
    output.print(table)
    first = found.first
    output.print(
        f"\nFirst {first.asked} questions: {first.wrong_rate:.1%} answered wrongly, {first.wrong_clicks:.1%} wrong "
        "clicks.",
        highlight=False,
    )
    promise = f"At most {found.plan.max_wrong:.1%} wrong answers and wrong clicks were promised"
    output.print(f"{promise}; that {'held' if found.held else '[bold red]did not hold[/]'}.", highlight=False)
    for alarm in found.alarms:
        output.print(f"The bot raised an alarm: {alarm}", markup=False, highlight=False)


def _rows(found: "Report") -> dict[str, list[str]]:
    periods = found.periods
    return {
        "asked": [str(one.shares.asked) for one in periods],
        "answered rightly": [f"{one.shares.autonomy:.1%}" for one in periods],
        "answered wrongly": [f"{one.shares.wrong_rate:.1%}" for one in periods],
        "  as the bot thought": [f"{one.shares.promised:.1%}" for one in periods],
        "resolved by a click": [f"{one.shares.clicked:.1%}" for one in periods],
        "wrong clicks": [f"{one.shares.wrong_clicks:.1%}" for one in periods],
        "handed over": [str(one.handed_over) for one in periods],
        "  saved by grouping": [str(one.saved_by_grouping) for one in periods],
        "entries": [str(one.known.entries) for one in periods],
        "phrasings": [str(one.known.phrasings) for one in periods],
        "reviews for 100 questions": [f"{one.reviews:.1f}" for one in periods],
        "spot checks": [str(one.spot_checks) for one in periods],
    }
