"""Past questions: what a team was asked before, read from a file of tickets in JSON lines or CSV, also gzipped.

Rows that cannot be used are left out and named, the others count; a file in which nothing can be used is an error that
says which fields there are. Nothing is written anywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.errors import Unusable
from kb.errors import UnreadableSource
from kb.readings import Notice, clean
from kb.rows import field, line_rows, table_rows
from kb.sources import read_text
from kb.text import has_words


@dataclass(frozen=True)
class Fields:
    """Which fields of a row say what; an empty name takes the usual one where the file has it."""

    question: str = "question"
    topic: str = ""
    answer: str = ""
    #: When it was asked; without it rows have no order of their own.
    time: str = ""
    #: The topic (where there are no topics: the answer) of what has no right answer; None where there is no such.
    outside: str | None = None


@dataclass(frozen=True)
class PastQuestion:
    """One row that can be used."""

    #: Such as `row 12`.
    position: str
    text: str
    #: What it is about, as the file calls it; None where the file has no topics.
    topic: str | None = None
    #: What people answered; None where the file has no answers.
    answer: str | None = None
    #: As it stands in the file; None where no field was named.
    time: str | None = None
    #: Whether nothing answers it.
    outside: bool = False

    @property
    def key(self) -> str:
        """What it is about: its topic, else its answer."""
        return (self.answer if self.topic is None else self.topic) or ""


@dataclass(frozen=True)
class Past:
    """What a file says."""

    #: The file's name, for messages.
    name: str
    questions: tuple[PastQuestion, ...]
    #: Rows that cannot be used, with the reason.
    left_out: tuple[Notice, ...]


@dataclass(frozen=True)
class Table:
    """The rows of a file, as they are."""

    name: str
    #: Position and values by field.
    rows: tuple[tuple[str, Mapping[str, Any]], ...]
    broken: tuple[Notice, ...]
    #: The names of all fields, in the order in which they turn up.
    fields: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Whether any row has the field."""
        return field(name) in self.fields

    def check(self, name: str, option: str) -> str:
        """The field's name as the rows have it.

        Raises:
            Unusable: no row has it.
        """
        if not self.has(name):
            raise Unusable(
                f"{self.name}: no row has a field '{name}'. Its fields are: {', '.join(self.fields)}. "
                f"Name the right one with {option}."
            )
        return field(name)


def read_past(path: Path, fields: Fields) -> Past:
    """The past questions in a file.

    Raises:
        Unusable: the file cannot be read, holds no rows, lacks a field that was named, or has neither topics nor
            answers.
    """
    named = [name for name in (fields.question, fields.topic, fields.answer, fields.time) if name]
    table = read_table(path, named)
    question = table.check(fields.question, "--question")
    topic = _optional(table, fields.topic, "topic", "--topic")
    answer = _optional(table, fields.answer, "answer", "--answer")
    time = table.check(fields.time, "--time") if fields.time else None
    if topic is None and answer is None:
        raise Unusable(
            f"{table.name}: neither topics nor answers are known, so nothing says when an answer is right. "
            f"Its fields are: {', '.join(table.fields)}. Name the one that holds the topic (--topic) or the answer "
            "(--answer)."
        )
    found: list[PastQuestion] = []
    left_out = list(table.broken)
    for position, values in table.rows:
        try:
            said = {
                what: None if name is None else text_of(values, name)
                for what, name in (("topic", topic), ("answer", answer), ("time", time))
            }
            asked = PastQuestion(position, text_of(values, question), said["topic"], said["answer"], said["time"])
        except ValueError as error:
            left_out.append(Notice(table.name, f"{error}.", position))
            continue
        asked = replace(asked, outside=fields.outside is not None and asked.key == fields.outside)
        reason = _unusable(asked)
        if reason:
            left_out.append(Notice(table.name, reason, position))
        else:
            found.append(asked)
    if not found:
        raise Unusable(f"{table.name}: none of its rows can be used; {left_out[0].position}: {left_out[0].reason}")
    return Past(table.name, tuple(found), tuple(left_out))


def read_table(path: Path, wanted: Sequence[str]) -> Table:
    """The rows of a file.

    Args:
        wanted: names of fields that should be there.

    Raises:
        Unusable: the file cannot be read or holds no rows.
    """
    try:
        text = read_text(path)
        lines = path.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson", ".json"))
        names = [field(name) for name in wanted]
        if not lines and text.lstrip().startswith("{"):
            lines = True  # whatever it is called
        rows = list(line_rows(text, "an object with fields") if lines else table_rows(text, names))
    except UnreadableSource as error:
        raise Unusable(f"{path.name}: {error}") from None
    fields: dict[str, None] = {}
    good: list[tuple[str, Mapping[str, Any]]] = []
    broken: list[Notice] = []
    for position, values in rows:
        if isinstance(values, str):
            broken.append(Notice(path.name, values, position))
        else:
            row = {field(name): value for name, value in values.items()}
            fields |= dict.fromkeys(row)
            good.append((position, row))
    if not good:
        why = f"none of its rows can be read; {broken[0].position}: {broken[0].reason}" if broken else "it has no rows."
        raise Unusable(f"{path.name}: {why}")
    return Table(path.name, tuple(good), tuple(broken), tuple(fields))


def text_of(values: Mapping[str, Any], name: str) -> str:
    """A field's text; numbers are read as they are written, and what is not there is empty.

    Raises:
        ValueError: it is a list or an object.
    """
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise ValueError(f"Its {name} is not text")
    return clean(str(value))


def _optional(table: Table, name: str, usual: str, option: str) -> str | None:
    if name:
        return table.check(name, option)
    return usual if table.has(usual) else None


def _unusable(asked: PastQuestion) -> str:
    """Why a row cannot be used; empty where it can."""
    if not has_words(asked.text):
        return "It asks nothing."
    if not asked.outside and not has_words(asked.key):
        return f"It has no {'answer' if asked.topic is None else 'topic'}, so nothing says what would be right."
    return ""
