"""Passwords and other secrets that are known by what is said of them: 'password is …', 'api_key=…', 'Bearer …'."""

import re
from collections.abc import Iterator

from learning.redaction.details import Detail, DetailKind
from learning.redaction.words import words

_NAMES = r"""
    pass(?:word|wort|phrase|code|wd)s? | pass(?=\s*[:=]) | pwd | pw | kennwort | mot\sde\spasse | contraseña | clave
  | wachtwoord | senha
  | palavra-passe | parola | hasło | lösenord | adgangskode | passord | salasana
  | (?:[a-z0-9]{1,24}[_-]){0,4}(?:api[ _-]?key | secret(?:[ _-](?:access[ _-])?key)? | access[ _-]key | account[ _-]?key
      | private[ _-]key | client[ _-]secret | auth[ _-]?token | access[ _-]?token | refresh[ _-]?token | bot[ _-]?token
      | api[ _-]?token | token | password | passwd | pwd | credentials?)
  | pin(?:\s?code)? | puk | cvv2? | cvc2? | cvn | csc | security\scode | otp | passcode | login\scode
  | (?:one[- ]time|verification|recovery|backup|access|unlock|2fa|mfa)\s(?:code|password|pin|key)s?
"""
_NUMBERS = re.compile(
    r"pin|puk|cv[vcn]|csc|otp|security\scode|login\scode|one[- ]time|verification|recovery|backup|access|unlock"
    r"|2fa|mfa",
    re.IGNORECASE,
)
_IS = r"(?:is|was|are|=|ist|war|lautet|est|es|è|é)"
_WORD = r"[^\s\0\"'`“”?!:;,]+"
_SAID = re.compile(
    rf"""(?<![^\W_])(?P<name>{_NAMES})(?![^\W_])["'*_~`]{{0,2}}
        (?:\s+(?:for|to|of|on|für|para|pour)\s+{_WORD}(?:\s+{_WORD}){{0,3}}?)?
        (?P<link>\s*(?:[:=]|:=|=>)\s*|\s+(?:still\s|now\s|just\s)?{_IS}(?:\s*:)?\s+(?:now\s+|set\s+to\s+|still\s+)?|\s*->\s*|\s+(?=[^\s\0]*\d))
        [*_~]{{0,2}}[ ]?(?:(?P<quote>["'`“‘«])(?P<quoted>[^"'`“”’»\n\0]{{1,200}})["'`”’»]|(?P<value>[^\s"'`“”\0]+))""",
    re.IGNORECASE | re.VERBOSE,
)
#: One of these is in every name; looking for them first is quicker by far.
_SIGNS = words(
    "pass pw kennwort contrase clave wachtwoord senha parola hasło lösenord adgang salasana key secret token pin puk "
    "cvv cvc cvn csc otp code credential"
)
_BEARER = re.compile(r"\b(?:bearer|basic)\s+(?P<value>[A-Za-z0-9._~+/-]{12,}=*)", re.IGNORECASE)
#: What follows 'password is' in ordinary sentences and is no password.
_PLAIN_WORDS = words(
    """
    a an the my your our their his her its not no too very so wrong invalid incorrect correct right bad good ok okay
    fine valid weak strong being been still now also only case what where how that this these it in on at to by for
    from with as if when and or but lost gone longer shorter long short old new same different mandatory optional
    secure insecure unsafe safe empty blank missing unknown there here always never just already about between under
    over up down out sent set reset shown known hidden found kept stored case-sensitive alphanumeric numeric none
    null nil true false undefined something anything nothing required default temporary easy hard simple complex
    supposed due back working available visible public private important enough unique allowed free per via using
    sensitive at-least minimum maximum die der das ein eine nicht falsch richtig zu abgelaufen gesperrt le la un une
    pas incorrecto incorrecta incorrecte expiré una el non errata niet onjuist verlopen
    """
)
_GRAMMAR = re.compile(r"[a-z]+(?:ed|ing|ly|able|ible)")
_TRAILING = ".,;:!?)]}>…"
_ASSIGNED = (":", "=", ":=", "=>", "->")
#: Names of what a machine made. Such a thing has digits, or is long; an expression of a program is none.
_KEYS = re.compile("key|token|credential|secret", re.IGNORECASE)
_MADE = re.compile(r"[A-Za-z0-9._~+/=:@!#%^&-]+")
_SHORTEST_KEY = 16
_LONGEST_CODE = 10
#: A password of fewer characters cannot be told from a word.
_SHORTEST = 3


class Passwords:
    """Finds secrets that are called so."""

    def find(self, text: str) -> Iterator[Detail]:
        """Every secret that is called so; the canonical form is the secret."""
        small = text.lower()
        if any(sign in small for sign in _SIGNS):
            for match in _SAID.finditer(text):
                yield from _secret(match)
        for match in _BEARER.finditer(text) if "bearer" in small or "basic" in small else ():
            value = match["value"]
            if any(one.isdigit() for one in value):
                yield Detail(DetailKind.SECRET, *match.span("value"), value, value)


def _secret(match: re.Match[str]) -> Iterator[Detail]:
    quoted = match["quoted"]
    value = quoted or match["value"].rstrip(_TRAILING)
    start = match.start("quoted" if quoted else "value")
    if len(value) >= _SHORTEST and (quoted or _is_secret(match["name"], match["link"], value)):
        yield Detail(DetailKind.SECRET, start, start + len(value), value, value)


def _is_secret(name: str, link: str, value: str) -> bool:
    if value.startswith(("[", "<", "{", "$", "*", "%", "(")) or set(value) <= set("*•.-_x"):
        return False  # a blank to be filled in, or one that was made unreadable
    if value.lower().startswith(("http://", "https://")):
        return False  # where it is to be found, as in mark-up; secrets in addresses are found by who reads these
    numbered, letters = any(map(str.isdigit, value)), any(map(str.isalpha, value))
    if _NUMBERS.match(name):
        return numbered and value.isalnum() and len(value) <= _LONGEST_CODE
    if _KEYS.search(name):
        return _MADE.fullmatch(value) is not None and (
            len(value) >= _SHORTEST_KEY if value.isalpha() or not link.strip() else numbered
        )
    if not link.strip():
        return numbered and letters
    if value.lower() in _PLAIN_WORDS:
        return False
    return link.strip() in _ASSIGNED or not _GRAMMAR.fullmatch(value)
