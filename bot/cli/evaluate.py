"""`answerloop evaluate`: how well a knowledge base would answer, before it answers anybody."""

from pathlib import Path
from typing import Annotated, Any

import typer


def evaluate(
    knowledge: Annotated[Path, typer.Option(help="What is known: any file that ingest reads, or rows with topics.")],
    questions: Annotated[Path, typer.Option(help="Questions with their topics: JSON lines or CSV, also gzipped.")],
    question: Annotated[str, typer.Option(help="The field that holds the question.")] = "question",
    topic: Annotated[str, typer.Option(help="The field that holds the topic; empty: `topic`.")] = "",
    outside: Annotated[
        str | None, typer.Option(help="The topic of questions that nothing should answer, such as `oos`.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Ask questions whose answers are known, and print how often the first answer is right and how honest the
    confidence is, with 95 % intervals. Rows of one topic in the knowledge are wordings of one entry; a question whose
    topic is not known has no right answer. The live workspace is neither read nor changed.
    """
    from bot.cli.console import errors, print_json, progress
    from bot.evaluation import evaluate as run
    from bot.past import Fields
    from bot.settings import load

    fields = Fields(question=question, topic=topic, outside=outside)
    with progress("Asking") as report:
        found = run(load(), knowledge, questions, fields, report)
    if found["left_out"]:
        errors.print(f"{found['left_out']} rows could not be used and are left out.", highlight=False)
    if json:
        print_json(found)
    else:
        _show(found)


def _show(found: dict[str, Any]) -> None:
    from rich.table import Table

    from bot.cli.console import output

    answerable, asked = found["answerable"], found["questions"]
    output.print(f"{asked} questions, {answerable} of them with an answer that is known.\n", highlight=False)
    table = Table("figure", "value", "95 % interval", box=None, pad_edge=False)
    names = {
        "accuracy": "first hit right",
        "mrr": "mean reciprocal rank",
        "recall_at_3": "right among three",
        "recall_at_5": "right among five",
        "auroc": "AUROC of the confidence",
        "answered_at_95": "answered at 95 % precision",
        "answered_at_98": "answered at 98 % precision",
    }
    for key, name in names.items():
        if key in found:
            table.add_row(name, f"{found[key]['value']:.3f}", _range(found[key]))
    output.print(table)
    table = Table("answered from", "answered", "wrong, of all", "promised", "right", "95 %", box=None, pad_edge=False)
    for row in found["thresholds"]:
        if row["precision"] is None:
            continue
        table.add_row(
            f"{row['threshold']:.2f}",
            f"{row['answered']['value']:.3f}",
            f"{row['wrong']['value']:.3f}",
            f"{row['promised']:.3f}",
            f"{row['precision']['value']:.3f}",
            _range(row["precision"]),
        )
    output.print()
    output.print(table)


def _range(value: dict[str, float]) -> str:
    return f"{value['low']:.3f} – {value['high']:.3f}"
