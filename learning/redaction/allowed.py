"""What may stand as it is: the workspace's own domains and shared addresses, as an operator lists them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from learning.redaction import emails, phones
from learning.redaction.details import Detail, DetailKind

_DOMAIN = re.compile(r"@?(?P<domain>(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63})")
_ADDRESS = re.compile(r"[^\s@,]+@(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}")
_PHONE = re.compile(r"\+[\d\s().-]{6,24}")


@dataclass(frozen=True)
class Allowed:
    """Details that are nobody's in particular."""

    #: Domains in small letters; every address at one of them, or at a part of it, may stand.
    domains: frozenset[str] = frozenset()
    #: E-mail addresses in small letters, and phone numbers in E.164.
    details: frozenset[str] = frozenset()

    @classmethod
    def of(cls, entries: Iterable[str]) -> "Allowed":
        """What a list of domains, e-mail addresses and international phone numbers allows.

        Raises:
            ValueError: an entry is none of them; the message names it.
        """
        domains, details = set(), set()
        for entry in entries:
            plain = entry.strip().lower()
            domain = _DOMAIN.fullmatch(plain)
            if domain is not None:
                domains.add(domain["domain"])
            elif _ADDRESS.fullmatch(plain):
                details.add(emails.canonical(plain))
            elif _PHONE.fullmatch(plain):
                details.add(phones.canonical(plain))
            else:
                raise ValueError(
                    f"'{entry}' is no domain, e-mail address or phone number, "
                    "such as acme.com, help@acme.com or +4930901820"
                )
        return cls(frozenset(domains), frozenset(details))

    def allows(self, detail: Detail) -> bool:
        """Whether a detail may stand."""
        if detail.kind is DetailKind.EMAIL:
            host = detail.canonical.rpartition("@")[2]
            inside = (host[at:] for at in range(len(host)) if at == 0 or host[at - 1] == ".")
            return detail.canonical in self.details or any(domain in self.domains for domain in inside)
        return detail.kind is DetailKind.PHONE and detail.canonical in self.details
