"""Numbers that states give to people: tax, health, identity. Their check digits are python-stdnum's.

Where the form alone is rare, it is enough that it checks; where it is a plain run of digits, the words before it have
to say what it is as well. Passports and driving licences have no check digits: there the words decide alone.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from learning.redaction.context import Topic, said_before, topic
from learning.redaction.details import Detail, DetailKind
from learning.redaction.digits import DASHES
from learning.redaction.lookalikes import without_lookalikes
from learning.redaction.words import words

#: How digits and letters of one number are held apart.
_S = "[ .-]?"
_SEPARATORS = re.compile(r"[\s./-]")
#: Words that any such number may be called by.
_COMMON = words("national identity identification identidad identité citizen resident taxpayer tax personalausweis")


@dataclass(frozen=True)
class Scheme:
    """The numbers of one register."""

    #: Module of python-stdnum that knows the check digits; empty where there are none.
    module: str
    #: The form, in capitals.
    form: re.Pattern[str]
    #: Words one of which stands before it; empty where the form tells by itself.
    words: frozenset[str]
    #: Words one of which has to stand there besides.
    also: frozenset[str]


def _scheme(module: str, form: str, called: str = "", also: str = "") -> Scheme:
    pattern = re.compile(rf"(?<![^\W_])(?<!\d[.,/-])(?:{form})(?![^\W_])(?![.,/-]\d)", re.IGNORECASE)
    common = _COMMON if called and module else frozenset()
    return Scheme(module, pattern, words(called) | common, words(also))


_LICENCE = r"[A-Z]{0,3}\d[A-Z\d]*(?:[ -](?=[A-Z]*\d)[A-Z\d]{2,}){0,4}"
_TELLING = (
    _scheme("fr.nir", rf"[1278]{_S}\d\d{_S}\d\d{_S}(?:\d\d|2[AB]){_S}\d{{3}}{_S}\d{{3}}{_S}\d\d"),
    _scheme("it.codicefiscale", r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]"),
    _scheme("es.dni", r"\d{8}[ -]?[A-Z]"),
    _scheme("es.nie", r"[XYZ][ -]?\d{7}[ -]?[A-Z]"),
    _scheme("be.nn", r"\d\d\.\d\d\.\d\d-\d{3}[.-]\d\d"),
    _scheme("se.personnummer", r"(?:19|20)?\d{6}[-+]\d{4}"),
    _scheme("fi.hetu", r"\d{6}[-+A-FU-Y]\d{3}[\dA-Y]"),
    _scheme("dk.cpr", r"\d{6}-\d{4}"),
    _scheme("no.fodselsnummer", r"\d{6} ?\d{5}"),
    _scheme("ch.ssn", rf"756{_S}\d{{4}}{_S}\d{{4}}{_S}\d\d"),
    # The British number has no check digit, but prefixes that are given and prefixes that are not.
    _scheme("", r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]"),
    _scheme("br.cpf", r"\d{3}\.\d{3}\.\d{3}-\d\d"),
    _scheme("mx.curp", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d"),
    _scheme("cl.rut", r"\d{1,2}\.\d{3}\.\d{3}-[\dK]"),
    _scheme("ar.cuit", r"\d\d-\d{8}-\d"),
    _scheme("cn.ric", r"\d{17}[\dX]"),
    _scheme("kr.rrn", r"\d{6}-\d{7}"),
    _scheme("my.nric", r"\d{6}-\d\d-\d{4}"),
    _scheme("th.pin", r"\d-\d{4}-\d{5}-\d\d-\d"),
    _scheme("in_.aadhaar", r"[2-9]\d{3}[ -]\d{4}[ -]\d{4}"),
    _scheme("cz.rc", r"\d{6}/\d{3,4}"),
    _scheme("ie.pps", r"\d{7}[A-W][ABWTXZ]?"),
)
_CALLED = (
    _scheme("de.idnr", rf"\d\d{_S}\d{{3}}{_S}\d{{3}}{_S}\d{{3}}", "idnr steuerid steuer identifikationsnummer tin"),
    _scheme("at.vnr", r"\d{4}[ -]?\d{6}", "svnr versicherungsnummer sozialversicherungsnummer svnummer"),
    _scheme("nl.bsn", rf"\d{{4}}{_S}\d\d{_S}\d{{2,3}}", "bsn burgerservicenummer sofi sofinummer"),
    _scheme("be.nn", rf"\d{{6}}{_S}\d{{3}}{_S}\d\d", "rijksregisternummer insz niss registre nn"),
    _scheme("pl.pesel", r"\d{11}", "pesel"),
    _scheme("pt.nif", rf"\d{{3}}{_S}\d{{3}}{_S}\d{{3}}", "nif contribuinte"),
    _scheme("pt.cc", r"\d{8} ?\d ?[A-Z\d]{2}\d", "cidadão cc"),
    _scheme("se.personnummer", r"(?:19|20)?\d{10}", "personnummer"),
    _scheme("dk.cpr", r"\d{10}", "cpr"),
    _scheme("ro.cnp", r"\d{13}", "cnp"),
    _scheme("bg.egn", r"\d{10}", "egn егн"),
    _scheme("cz.rc", r"\d{9,10}", "rč rodné rodne"),
    _scheme("hr.oib", r"\d{11}", "oib"),
    _scheme("si.emso", r"\d{13}", "emšo emso"),
    _scheme("lt.asmens", r"\d{11}", "asmens"),
    _scheme("ee.ik", r"\d{11}", "isikukood ik"),
    _scheme("gr.amka", r"\d{11}", "amka αμκα"),
    _scheme("ua.rntrc", r"\d{10}", "рнокпп іпн rntrc"),
    _scheme("tr.tckimlik", r"\d{11}", "kimlik tckn tc"),
    _scheme("il.idnr", r"\d{8,9}", "teudat zehut"),
    _scheme("za.idnr", r"\d{6} ?\d{4} ?\d{3}", "rsa sa id"),
    _scheme("gb.nhs", rf"\d{{3}}{_S}\d{{3}}{_S}\d{{4}}", "nhs"),
    _scheme("gb.utr", r"\d{5} ?\d{5}", "utr"),
    _scheme("ca.sin", rf"\d{{3}}{_S}\d{{3}}{_S}\d{{3}}", "sin insurance"),
    _scheme("au.tfn", rf"\d{{3}}{_S}\d{{3}}{_S}\d{{2,3}}", "tfn file"),
    _scheme("br.cpf", r"\d{11}", "cpf"),
    _scheme("cl.rut", r"\d{7,8}-?[\dK]", "rut run"),
    _scheme("ar.dni", r"\d\d?\.?\d{3}\.?\d{3}", "dni documento"),
    _scheme("mx.rfc", r"[A-ZÑ&]{4}\d{6}[A-Z\d]{3}", "rfc"),
    _scheme("in_.aadhaar", r"[2-9]\d{11}", "aadhaar aadhar uidai"),
    _scheme("in_.pan", r"[A-Z]{5}\d{4}[A-Z]", "pan"),
    _scheme("id.nik", r"\d{16}", "nik ktp"),
    _scheme("jp.in_", r"\d{4} ?\d{4} ?\d{4}", "mynumber"),
    _scheme("us.itin", r"9\d\d[ -]?\d\d[ -]?\d{4}", "itin"),
    _scheme("", r"[STFGM]\d{7}[A-Z]", "nric fin"),
    _scheme("", r"[A-Z]{0,3}\d[A-Z\d]{5,10}", "passport passports passeport pasaporte reisepass passaporto paspoort"),
    _scheme("", _LICENCE, "driver drivers driver's driving", also="licence license licenses licences permit"),
    _scheme("", _LICENCE, "führerschein führerscheinnummer rijbewijs rijbewijsnummer"),
    _scheme("", r"[A-Z]{0,3}-?\d[\d-]{4,12}", "mrn"),
)
_CALLED_WORDS = frozenset(word for scheme in _CALLED for word in scheme.words)
_WORD = re.compile(r"[^\W\d_]+")
_SSN = re.compile(
    rf"(?<![\w.])(?<!\d[-/])(?P<area>\d{{3}})(?P<s>[ .{DASHES}]?)(?P<group>\d\d)(?P=s)(?P<serial>\d{{4}})"
    r"(?![\w/]|[-.,]\d)"
)
_FEWEST_DIGITS = 6
#: As many digits, near enough to each other to be one number; without them there is nothing to look for.
_DENSE = re.compile(r"\d(?:[ ./+-]?[A-Za-z]{0,2}[ ./+-]?\d){5}")


class NationalIds:
    """Finds numbers that states give to people."""

    def find(self, text: str) -> Iterator[Detail]:
        """Every such number; the canonical form is without separators, in capitals."""
        if not _DENSE.search(text):
            return
        yield from _social_security(text)
        looked_at = without_lookalikes(text)
        called = not _CALLED_WORDS.isdisjoint(_WORD.findall(text.lower()))
        for scheme in (*_TELLING, *_CALLED) if called else _TELLING:
            for match in scheme.form.finditer(looked_at):
                if _is_number(text, match, scheme):
                    yield _detail(DetailKind.ID, match)


def _social_security(text: str) -> Iterator[Detail]:
    """Numbers of the social security of the United States; the dashes are how everybody writes them."""
    for match in _SSN.finditer(text):
        said = topic(text, *match.span())
        if said is Topic.SSN or (
            match["s"] not in ("", " ", ".") and said not in (Topic.PHONE, Topic.OTHER) and _given(match)
        ):
            yield _detail(DetailKind.SSN, match)


def _given(match: re.Match[str]) -> bool:
    from stdnum.us import ssn

    taxpayer = match["area"][0] == "9" and match["group"] >= "50"
    return taxpayer or bool(ssn.is_valid(f"{match['area']}-{match['group']}-{match['serial']}"))


def _is_number(text: str, match: re.Match[str], scheme: Scheme) -> bool:
    if sum(map(str.isdigit, match[0])) < _FEWEST_DIGITS:
        return False
    said = topic(text, *match.span())
    called = said is not Topic.PHONE and said_before(text, match.start(), scheme.words or _COMMON, within=6)
    if scheme.also:
        called = called and said_before(text, match.start(), scheme.also, within=6)
    elif not scheme.words:
        called = called or said not in (Topic.OTHER, Topic.PHONE)
    return called and (not scheme.module or _validator(scheme.module)(match[0].upper()))


@cache
def _validator(module: str) -> Callable[[str], bool]:
    validator: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return validator


def _detail(kind: DetailKind, match: re.Match[str]) -> Detail:
    return Detail(kind, *match.span(), match[0], _SEPARATORS.sub("", match[0]).upper())
