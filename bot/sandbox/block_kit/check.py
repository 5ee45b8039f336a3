"""What every check of Block Kit needs: a place to note problems, and the checks of texts, lists and ids."""

from collections.abc import Sequence
from typing import Any

from bot.sandbox.rules import Problem, Rule
from bot.sandbox.wire import Json

PLAIN = ("plain_text",)
ANY_TEXT = ("plain_text", "mrkdwn")


class Check:
    """Collects the problems of one message or view."""

    def __init__(self, surface: str) -> None:
        #: Where the blocks will stand: `message`, `modal` or `home`.
        self.surface = surface
        self.problems: list[Problem] = []

    def wrong(self, rule: Rule, at: str) -> None:
        """Note that `rule` is broken at `at`."""
        self.problems.append(Problem(rule, at))

    def text(
        self, value: Any, at: str, rule: Rule, longest: int, kinds: Sequence[str] = PLAIN, *, required: bool = True
    ) -> None:
        """A text object of one of `kinds` with 1 to `longest` characters."""
        if value is None:
            if required:
                self.wrong(rule, at)
            return
        if not isinstance(value, dict) or value.get("type") not in ANY_TEXT or not isinstance(value.get("text"), str):
            self.wrong(Rule.TEXT_OBJECT, at)
        elif value["type"] not in kinds or not 1 <= len(value["text"]) <= longest:
            self.wrong(rule, f"{at}/text")

    def length(self, value: Any, at: str, rule: Rule, longest: int, *, required: bool = False) -> None:
        """Text of at most `longest` characters; of at least one where it is required."""
        if value is None:
            if required:
                self.wrong(rule, at)
        elif not isinstance(value, str) or len(value) > longest or (required and not value):
            self.wrong(rule, at)

    def objects(self, value: Any, at: str, rule: Rule, most: int, *, least: int = 1) -> list[tuple[Json, str]]:
        """A list of `least` to `most` objects.

        Returns: each object with its pointer; those that are no objects are noted and left out.
        """
        if not isinstance(value, list) or not least <= len(value) <= most:
            self.wrong(rule, at)
        if not isinstance(value, list):
            return []
        found: list[tuple[Json, str]] = []
        for place, one in enumerate(value):
            if isinstance(one, dict):
                found.append((one, f"{at}/{place}"))
            else:
                self.wrong(rule, f"{at}/{place}")
        return found
