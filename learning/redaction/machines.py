"""Addresses of machines: IP, version 4 and 6, and MAC. Version numbers look like the first, times like the last."""

import ipaddress
import re
from collections.abc import Iterator

from learning.redaction.context import Topic, said_before, topic
from learning.redaction.details import Detail, DetailKind

_OCTET = r"(?:25[0-5]|2[0-4]\d|[01]?\d?\d)"
_IPV4 = re.compile(rf"(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?!\w|\.\d)")
_IPV6 = re.compile(r"(?<![\w.])(?:::|[0-9A-Fa-f]{1,4}:)[0-9A-Fa-f:]{2,37}(?:\.\d{1,3}){0,3}(?<!(?<!:):)(?![^\W_])")
_MAC = re.compile(
    r"""(?<![\w:.-])(?:
        (?:[0-9A-F]{2}:){5}(?:[0-9A-F]{2}:[0-9A-F]{2}:)?[0-9A-F]{2}
      | (?:[0-9A-F]{2}-){5}(?:[0-9A-F]{2}-[0-9A-F]{2}-)?[0-9A-F]{2}
      | [0-9A-F]{4}\.[0-9A-F]{4}\.[0-9A-F]{4}
      | [0-9A-F]{12}
    )(?![\w:-]|\.\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_MAC_NAMES = frozenset({"mac", "macs", "ethernet", "hwaddr", "ether", "bssid", "bluetooth"})
_NAMED = re.compile("mac|ether|hwaddr|bssid|bluetooth", re.IGNORECASE)
#: The masks of whole networks: ones, then zeros.
_NETMASKS = frozenset(str(ipaddress.IPv4Address((0xFFFFFFFF << zeros) & 0xFFFFFFFF)) for zeros in range(25))


class MachineAddresses:
    """Finds the addresses of machines."""

    def find(self, text: str) -> Iterator[Detail]:
        """Every address; loopback, 'any' and network masks stand in every manual and say nothing about anyone."""
        if text.count(".") >= 3:
            for match in _IPV4.finditer(text):
                if topic(text, *match.span()) is not Topic.VERSION:
                    yield from _address(text, *match.span())
        if text.count(":") >= 2:
            for match in _IPV6.finditer(text):
                yield from _address(text, match.start(), _end_of_v6(match))
        # Pairs have five separators, and fours two; without any, somebody has to say what it is.
        if text.count(":") >= 5 or text.count("-") >= 5 or text.count(".") >= 2 or _NAMED.search(text):
            for match in filter(lambda one: _is_mac(text, one), _MAC.finditer(text)):
                yield Detail(DetailKind.MAC, *match.span(), match[0], re.sub(r"[:.-]", "", match[0]).lower())


def _end_of_v6(match: re.Match[str]) -> int:
    """Where an address ends: behind eight parts a port may follow."""
    parts = match[0].split(":")
    return match.start() + len(":".join(parts[:8])) if len(parts) > 8 and "::" not in match[0] else match.end()


def _address(text: str, start: int, end: int) -> Iterator[Detail]:
    shown = text[start:end]
    # Zeros in front of a part are written by some programs and refused by the library.
    plain = shown if ":" in shown else ".".join(str(int(part)) for part in shown.split("."))
    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        return
    everywhere = address.is_loopback or address.is_unspecified or str(address) in _NETMASKS
    if not everywhere and (address.version == 4 or _is_written_address(shown)):
        yield Detail(DetailKind.IP, start, end, shown, address.compressed)


def _is_written_address(shown: str) -> bool:
    """Whether it is more than the `::` of a program: three parts or more, or one that begins as given addresses do."""
    parts = [part for part in shown.split(":") if part]
    given = re.match(r"[23][0-9a-f]{3}:|f[cd][0-9a-f]{2}:|fe80:", shown, re.IGNORECASE)
    return any(one.isdigit() for one in shown) and (len(parts) >= 3 or given is not None)


def _is_mac(text: str, match: re.Match[str]) -> bool:
    shown = match[0].lower()
    if set(shown) <= set("0:.-") or set(shown) <= set("f:.-"):
        return False
    # Pairs with colons are hardly anything else; of the other forms, digits alone may be a date, letters a hash.
    return (
        shown[2] == ":"
        or said_before(text, match.start(), _MAC_NAMES)
        or (not shown.isalnum() and any(one in "abcdef" for one in shown) and any(one.isdigit() for one in shown))
    )
