"""Phone numbers, by numbering plans, by how they are written, and by what is said around them.

A number with its country's code is a phone number wherever one can be as long. A national one is told by its form: the
groups of North America, an area code in brackets, a leading 0 or several groups in use in some country, an extension, a
line of a signature. Anything else has to be called a phone: bare digits may be an order, and what is called an order is
none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from learning.redaction.context import Topic, topic
from learning.redaction.details import Detail, DetailKind, apart
from learning.redaction.digits import DASHES, SPACES, Group, ascii_digits, groups, stretches
from learning.redaction.lookalikes import without_lookalikes
from learning.redaction.numbering_plans import LONGEST, REGIONS, SHORTEST, international, national

_SPACE = rf"[{SPACES}]"
_BETWEEN = (
    rf"(?:{_SPACE}{{1,2}}|{_SPACE}?[{DASHES}/]{_SPACE}?|\.|{_SPACE}?[{DASHES}]?\({_SPACE}?"
    rf"|{_SPACE}?\)[./]?{_SPACE}?[{DASHES}]?{_SPACE}?)"
)
_RUN = re.compile(rf"(?<![\w,@$€£¥])(?<!\d[./-])(?<![^\W\d_][-/])\+?\(?\+?\d+(?:{_BETWEEN}\d+)*+")
_EXTENSION = re.compile(
    rf"{_SPACE}{{0,2}}(?:,{_SPACE})?(?:x|ext(?:ension)?[.:]?|durchwahl|dw|poste|#){_SPACE}?\d{{1,6}}(?!\w)",
    re.IGNORECASE,
)
#: What goes on in a word, a fraction or a share behind it is no phone.
_GOES_ON = re.compile(r"[^\W_]|[,.:]\d|[$£°@]|\s?[%€]")
_NORTH_AMERICA = re.compile(
    rf"(?:\+?1[{SPACES}{DASHES}.]{{0,2}})?(?:\([2-9]\d\d\)[{SPACES}{DASHES}.]{{0,2}}|[2-9]\d\d[{SPACES}{DASHES}.])"
    rf"[2-9]\d\d[{SPACES}{DASHES}.]\d{{4}}"
)
#: '(030) 901820', '8 (200) 182-6330'; a year in brackets is a year.
_AREA_IN_BRACKETS = re.compile(rf"(?:\d{{1,3}}{_SPACE}?)?\((?!(?:19|20)\d\d\))\d{{1,5}}\)")
_THOUSANDS = re.compile(rf"\d{{1,3}}(?:{_SPACE}\d{{3}})+")
#: Dots stand between all the groups of a number, or in a version or a fraction.
_DOTTED = re.compile(r"\d{2,4}(?:\.\d{2,4}){2,4}")
_FRACTION = re.compile(r"\d+\.\d+")
_MOST_GROUPS = 8
#: Digits of a number with a leading 0 and without a gap that hardly anything else has.
_LED = range(10, 12)
#: Digits of a national number in full, and of a North American one.
_NATIONAL = range(8, 13)
_NORTH_AMERICAN = 10
_SOMETHING_ELSE = frozenset({Topic.OTHER, Topic.CARD, Topic.ACCOUNT, Topic.SSN, Topic.VERSION, Topic.NETWORK})


@dataclass(frozen=True)
class _Candidate:
    """Groups of digits that may be a phone number."""

    text: str
    start: int
    #: Behind the extension, if there is one.
    end: int
    parts: list[Group]
    #: Whether they are all the groups that stand together.
    whole: bool
    extended: bool

    @property
    def shown(self) -> str:
        """How it is written, without the extension."""
        return self.text[self.start : self.parts[-1].end]

    @property
    def digits(self) -> str:
        """Its digits, without the extension."""
        return "".join(part.digits for part in self.parts)

    @property
    def is_north_american(self) -> bool:
        """Whether its groups are those of North America."""
        return _NORTH_AMERICA.fullmatch(self.shown) is not None


class Phones:
    """Finds phone numbers."""

    def __init__(self, regions: tuple[str, ...] = REGIONS) -> None:
        """Take the countries whose national spellings are understood, ISO 3166 in two letters, likely ones first."""
        self._regions = regions

    def find(self, text: str) -> Iterator[Detail]:
        """Every phone number; the canonical form is E.164 where the country is known, else the digits."""
        if sum(map(str.isdigit, text)) < SHORTEST:
            return
        looked_at = without_lookalikes(text)
        for run in _RUN.finditer(looked_at):
            if sum(map(str.isdigit, run[0])) >= SHORTEST:
                yield from apart(self._in_run(text, looked_at, run))

    def _in_run(self, text: str, looked_at: str, run: re.Match[str]) -> Iterator[Detail]:
        """What may be a number in a run, surest first: all of it, then what is written as in North America."""
        for one in sorted(_candidates(looked_at, run), key=lambda one: (not one.whole, not one.is_north_american)):
            if self._is_phone(one):
                shown = text[one.start : one.end]
                yield Detail(DetailKind.PHONE, one.start, one.end, shown, canonical(shown, self._regions))
                if one.whole:
                    return

    def _is_phone(self, one: _Candidate) -> bool:
        if one.shown.lstrip("(").startswith("+"):
            return international(one.digits) is not None or (one.whole and len(one.digits) > SHORTEST)
        if _FRACTION.fullmatch(one.shown):
            return False
        said = topic(one.text, one.start, one.end)
        if said is Topic.PHONE:
            return one.whole or self._is_written(one)
        if said in _SOMETHING_ELSE:
            return False
        if self._is_written(one):
            return True
        several = one.whole and len(one.parts) > 1 and not _THOUSANDS.fullmatch(one.shown)
        return several and said is Topic.NUMBER

    def _is_written(self, one: _Candidate) -> bool:
        """Whether the form alone tells."""
        if one.is_north_american or (one.extended and len(one.digits) >= _NORTH_AMERICAN):
            return True
        if one.digits.startswith("00") and len(one.parts) > 1:
            return international(one.digits[2:]) is not None
        signed = one.whole and _alone_on_its_line(one.text, one.start, one.end)
        if len(one.parts) > 1 and (signed or _AREA_IN_BRACKETS.match(one.shown)):
            return True
        return self._is_national(one, signed=signed)

    def _is_national(self, one: _Candidate, *, signed: bool) -> bool:
        """Whether it is written as numbers are inside a country, and in use in one."""
        dotted = "." not in one.shown or _DOTTED.fullmatch(one.shown) is not None
        if not dotted or any(len(part.digits) == 1 for part in one.parts):
            return False
        led = one.digits.startswith("0") and (len(one.parts) > 1 or signed or len(one.digits) in _LED)
        grouped = (
            one.whole and len(one.digits) in _NATIONAL and len(one.parts) > 2 and not _THOUSANDS.fullmatch(one.shown)
        )
        return (led or grouped) and national(one.digits, self._regions) is not None


def canonical(number: str, regions: tuple[str, ...] = REGIONS) -> str:
    """One spelling of a phone number: E.164 where its country is known, else the digits; extensions are left out."""
    digits = ascii_digits(_EXTENSION.split(number)[0])
    if number.lstrip(" (").startswith("+"):
        return international(digits) or f"+{digits}"
    abroad = international(digits[2:]) if digits.startswith("00") else None
    return abroad or national(digits, regions) or digits


def _candidates(text: str, run: re.Match[str]) -> Iterator[_Candidate]:
    """Every stretch of a run of groups that is long enough, the longest first from each group on."""
    found = groups(text, *run.span())
    for parts, whole in stretches(found, longest=LONGEST, most=_MOST_GROUPS):
        extension = _EXTENSION.match(text, parts[-1].end)
        end = extension.end() if extension is not None else parts[-1].end
        one = _Candidate(text, _start(text, parts, run.start()), end, parts, whole, extension is not None)
        if len(one.digits) >= SHORTEST and not _GOES_ON.match(text, end):
            yield one


def _start(text: str, parts: list[Group], least: int) -> int:
    """Where the number begins: a plus belongs to it, and a bracket that it closes itself."""
    start = parts[0].start
    if start > least and text[start - 1] == "+":
        start -= 1
    inside = text[start : parts[-1].end]
    if start > least and text[start - 1] == "(" and inside.count(")") > inside.count("("):
        start -= 1
        if start > least and text[start - 1] == "+":
            start -= 1
    return start


def _alone_on_its_line(text: str, start: int, end: int) -> bool:
    """Whether a line of several holds nothing else, as in a signature: a name, a street, a number."""
    before, after = text[:start].rstrip(" \t"), text[end:].lstrip(" \t")
    return before.endswith("\n") and bool(before.strip()) and after[:1] in ("", "\n", "\r")
