"""`answerloop redact`: what redaction does to one's own text, line by line; needs no database and loads quickly."""

import json as notation
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import BotError

if TYPE_CHECKING:
    from learning.redaction import Redactor

#: Bytes of a key made for one run.
_KEY_BYTES = 32


class Unreadable(BotError):
    """What was to be redacted cannot be read; the message says what and why."""


def redact(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files to read; standard input where none is named.", show_default=False)
    ] = None,
    key: Annotated[
        str, typer.Option(help="Any secret text: the same key gives the same placeholders. Empty: a new one each time.")
    ] = "",
    allow: Annotated[
        list[str] | None,
        typer.Option(help="Domain, e-mail address or phone number that stays; again for more.", show_default=False),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print each line as JSON: its text redacted, and where something was found.")
    ] = False,
) -> None:
    """Print lines with placeholders in the place of contact details and secrets; names of people are not found here."""
    from learning.redaction import redacted_lines

    redactor = _redactor(key, allow or [])
    try:
        for redacted in redacted_lines(redactor, _lines(files or [])):
            if json:
                spans = [{"type": span.kind, "start": span.start, "end": span.end} for span in redacted.spans]
                print(notation.dumps({"text": redacted.text, "spans": spans}, ensure_ascii=False))
            else:
                print(redacted.text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has seen enough; nothing more can be said to them, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _redactor(key: str, allow: list[str]) -> "Redactor":
    from learning.redaction import Allowed, Redactor

    try:
        allowed = Allowed.of(allow)
    except ValueError as error:
        raise Unreadable(f"--allow: {error}.") from None
    return Redactor(key.encode() or os.urandom(_KEY_BYTES), allowed=allowed)


def _lines(files: list[Path]) -> Iterator[str]:
    """The lines of files, or of standard input, without their ends."""
    if not files:
        yield from _read("standard input", sys.stdin.buffer)
    for path in files:
        try:
            with path.open("rb") as file:
                yield from _read(str(path), file)
        except OSError as error:
            raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None


def _read(name: str, file: Iterator[bytes]) -> Iterator[str]:
    for number, line in enumerate(file, start=1):
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise Unreadable(f"{name}, line {number} is not UTF-8 text; convert it first.") from None
        yield text.removesuffix("\n").removesuffix("\r")
