"""The workspace's own people by name: whole names, and those parts of them that are nobody's everyday word.

Always: a name gives the placeholder of the person's id, so that '<@U012AB3CD>' and 'Jane Doe' stay one person; a part
that several people share gives one of its own. A part is only taken where it is written as a name, with a capital; one
that is also a word ('Will', 'Rose') only after a greeting or a title, or inside the whole name.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from learning.redaction.details import Detail, DetailKind
from learning.redaction.words import words

_PIECE = re.compile(r"[^\W\d_]+")
#: Letters of the shortest part that is looked for alone.
_SHORTEST_PART = 3
#: Names that are words of everyday or of this trade as well.
_EVERYDAY = words(
    """
    abe admin ai alert amber amen angel answer app april archer art ash august aurora autumn bailey baker bank banks
    barber bay bean bear beck bell berry best bill bird bishop black blank blue bond book booker booth bot bow bowl
    boy brand bright brook brooks brown buck bud bug burns bush butler call candy carol carpenter carter case cash
    chance chandler charity chase chat cherry chip christian church clark clay clear cliff close cloud coach code
    cole cook cooper count court cox cross crystal curry customer daisy dale dash data dawn day dean dell demo desk
    destiny dev dick dot dove drew duke dusty earl early east eden ember engineer error eve ever faith fall fay
    field finance fish fisher flora florence flower ford forest fort foster fox frank free french friend frost full
    gale game garden gardener gay gene german gill glass glen gold golden good grace grant gray green greene grey
    group grove guest gun gus guy hall hand harbor hardy hart haven hawk hay hazel head heart heath heather help
    herb hill hilton holiday holland holly home honey hook hope house hr hunt hunter info iris iron it ivy jack jade
    jan jasmine jay jean jersey jet jewel job joy joyce june junior justice key king knight lace lake lamb lance
    land lane law lee legal less lily link list little lock london long lord loss love low lucky mac major man
    manager mark market marketing marks marsh marshall mason masters max may mays mead melody mercedes mercy merry
    mike mile miles mill miller mills mint miss mobile moon moore more morning moss mountain myth nash nation new
    news nick night noble noon norm north novel office olive online page pages paris park parker parks pat patience
    paul peace pearl penny people pepper perry pierce pike pilot pine piper pitt plant pond pool poole pope porter
    post potter pound powers price pride prince print prize product queen question quick quinn rain rally ray read
    red reed reese reeves reid rice rich rivera rivers rob robin rock roman root rose ross round rowan royal ruby
    rush rusty sage sales sam savage sawyer scott sea security see service shane sharp shaw shell shepherd short
    silver singer sky small smart smith snow somebody son south spring staff star stark steel sterling stone storm
    street strong sue summer summers sunny support swan sweet system tab tailor taylor team tech temple test tester
    thomas thorn tiger tim tip tom toni tower town trinity troy true turner user van victor victory vince viola
    violet virginia wade walker wall ward warden warner washington watch waters way weaver web webb weeks wells west
    wheeler white will winter wise wolf wood woods work worth wright york young
    """
)
_GREETED = re.compile(
    r"(?:\b(?:hi|hello|hey|dear|thanks|thank\syou|thx|mr|mrs|ms|mx|miss|dr|prof|herr|frau|señora?|sr|sra|mme|"
    r"monsieur|madame|hallo|lieber?|hola|bonjour|ciao)[.,:]?\s{1,2}|@)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class KnownPerson:
    """Somebody of the workspace."""

    #: The outside id; the same as in a mention.
    external: str
    #: Display name, as it is written.
    name: str


class Names:
    """Finds the names of known people."""

    def __init__(self, people: Iterable[KnownPerson]) -> None:
        """Take the people; those without a name are not found."""
        whole: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        parts: defaultdict[str, set[str]] = defaultdict(set)
        for person in people:
            pieces = tuple(piece.casefold() for piece in _PIECE.findall(person.name))
            if not pieces:
                continue
            whole[pieces].add(person.external)
            if len(pieces) == 2:
                whole[pieces[::-1]].add(person.external)  # 'Doe, Jane'
            for piece in pieces:
                if len(piece) >= _SHORTEST_PART:
                    parts[piece].add(person.external)
        self._parts: Mapping[str, set[str]] = parts
        by_first: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
        for pieces in whole:
            if len(pieces) > 1:
                by_first[pieces[0]].append(pieces)
        self._whole: Mapping[tuple[str, ...], set[str]] = whole
        self._by_first = {first: sorted(names, key=len, reverse=True) for first, names in by_first.items()}

    def find(self, text: str) -> Iterator[Detail]:
        """Every name of a known person; the canonical form is their id, or the part that several share."""
        if not self._parts and not self._whole:
            return
        written = list(_PIECE.finditer(text))
        place = 0
        while place < len(written):
            length = self._whole_at(text, written, place)
            if length:
                pieces = tuple(word[0].casefold() for word in written[place : place + length])
                start, end = written[place].start(), written[place + length - 1].end()
                yield _detail(text, start, end, self._whole[pieces], pieces)
            elif self._is_part(text, written[place]):
                piece = written[place][0].casefold()
                yield _detail(text, *written[place].span(), self._parts[piece], (piece,))
            place += length or 1

    def _whole_at(self, text: str, written: list[re.Match[str]], place: int) -> int:
        """How many words from a place on are a whole name; 0 where none is."""
        for pieces in self._by_first.get(written[place][0].casefold(), ()):
            there = written[place : place + len(pieces)]
            if tuple(word[0].casefold() for word in there) == pieces and _together(text, there):
                return len(pieces)
        return 0

    def _is_part(self, text: str, word: re.Match[str]) -> bool:
        shown = word[0]
        if shown.casefold() not in self._parts:
            return False
        greeted = _GREETED.search(text, max(0, word.start() - 16), word.start()) is not None
        if text[word.start() - 1 : word.start()] == "@":
            return True
        return not shown[0].islower() and (greeted or shown.casefold() not in _EVERYDAY)


def _together(text: str, written: list[re.Match[str]]) -> bool:
    """Whether words stand side by side as those of a name do."""
    between = (text[one.end() : other.start()] for one, other in pairwise(written))
    return all(re.fullmatch(r"[.,]?\s{1,2}|[-.'’·_]", gap) for gap in between)


def _detail(text: str, start: int, end: int, who: set[str], pieces: tuple[str, ...]) -> Detail:
    canonical = next(iter(who)) if len(who) == 1 else "name " + " ".join(sorted(pieces))
    return Detail(DetailKind.PERSON, start, end, text[start:end], canonical)
