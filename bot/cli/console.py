"""Where commands write: results to standard output, progress and errors to standard error."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

# What stands between colons is shown as it is: ids hold ':question:', which would come out as a picture.
output = Console(emoji=False)
errors = Console(stderr=True, emoji=False)

#: Told how far long work is: (done, total).
Report = Callable[[int, int], None]


def print_json(value: Any) -> None:
    """One JSON document on one line, for other programs."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


@contextmanager
def progress(label: str) -> Iterator[Report]:
    """A bar on standard error for as long as the block runs."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task(label, total=None)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield report
