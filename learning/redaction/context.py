"""What the words around a number say it is: pure, a table of words by topic, of which the nearest one wins.

A run of digits may be a phone, a card, an order or a date. Where its own form does not tell, people have nearly always
said it just before ("call me on …", "order no. …") or just after ("… is my mobile").
"""

import re
from collections.abc import Container, Mapping
from enum import Enum, auto

from learning.redaction.words import words


class Topic(Enum):
    """What a number is said to be."""

    PHONE = auto()
    CARD = auto()
    ACCOUNT = auto()
    SSN = auto()
    #: An order, a ticket, a part, a quantity: whatever is nobody's contact detail.
    OTHER = auto()
    #: A place on a map.
    PLACE = auto()
    NETWORK = auto()
    VERSION = auto()
    #: 'Number' and nothing else.
    NUMBER = auto()


#: Characters before and after a number in which words about it are looked for: about eight words, and four.
BEFORE = 56
AFTER = 32

_WORDS: Mapping[Topic, str] = {
    Topic.PHONE: """
        phone phones telephone tel ph fon telefon telefono teléfono telefone telefoon téléphone tlf telefonnummer
        rufnummer phonenumber mobile mobiles mobil mobiel mobilnummer mobiltelefon mob móvil movil cell cells cellular
        cellphone celular cellulare portable handy handynummer smartphone landline hotline helpline fax telefax sms
        whatsapp viber signal telegram voicemail pager switchboard dial dialed dialled dialing call calls called calling
        caller callback rang phoned rsvp tollfree inquiries enquiries emergency reachable unreachable sim roaming
        telefonisch erreichbar anrufen anruf appeler appelez llamar llame llámame chiamare chiami bel bellen""",
    Topic.CARD: """
        card cards cc visa mastercard amex maestro discover diners jcb unionpay creditcard kreditkarte
        kreditkartennummer karte kartennummer karten tarjeta carte carta kaart kaartnummer pan charge charged exp expiry
        cvv cvc""",
    Topic.ACCOUNT: "iban konto kontonummer rekening rekeningnummer compte cuenta conto bankverbindung",
    Topic.SSN: "ssn ssns social itin taxpayer sozialversicherung sozialversicherungsnummer",
    Topic.OTHER: """
        order orders invoice invoices ticket tickets case cases booking bookings reservation tracking shipment parcel
        package reference ref customer client member membership account accounts serial sn item items article articles
        sku part parts model product isbn issn ean upc gtin asin doi pmid po rma row rows record records transaction
        transactions txn payment confirmation contract incident issue bug commit request job line lines id ids uuid hash
        barcode license licence policy claim quote subscription purchase delivery deposit votes user users views bytes
        error code codes timestamp epoch ts date dates year years population amount total balance price cost sum gate
        flight room seat vat passport driver patient latitude longitude lat lon lng coordinates bestellung bestellnummer
        rechnung rechnungsnummer auftrag auftragsnummer kunde kundennummer vorgang vorgangsnummer sendung
        sendungsnummer vertrag vertragsnummer artikel artikelnummer steuernummer commande facture pedido factura ordine
        fattura bestelling factuur bestelnummer""",
    Topic.PLACE: "address addresses adresse dirección indirizzo adres street straße strasse zip zipcode postcode plz",
    Topic.NETWORK: """
        ip ips ipv4 ipv6 host hosts server subnet network networks lan wan vpn vlan node machine device printer gateway
        router proxy firewall ping dns ssh""",
    Topic.VERSION: """
        v version versions release releases firmware build builds revision rev section sections chapter chapters §
        upgrade upgraded patch drivers bios kernel sdk plugin windows chrome firefox edge safari acrobat macos ios
        android""",
    Topic.NUMBER: "number numbers nummer num nr no numéro número numero",
}
_NAMES_THINGS = (Topic.OTHER, Topic.VERSION)
_NUMBERED = words(_WORDS[Topic.NUMBER])
_TOPICS: Mapping[str, Topic] = {word: topic for topic, listed in _WORDS.items() for word in listed.split()}
#: Words that speak of a phone only when followed by whom or how: 'text me', 'messages to', 'reach us on'.
_VERBS = words(
    "ring ringing text texted texting message messages messaged reach reached contact contacted answer answering "
    "answered answers"
)
_AFTER_VERBS = words("me us him her them at on under via by to from")
#: Of these, the ones that also speak of a phone right before a number, or behind it: 'contact …', '… is not answering'.
_BEFORE_NUMBER = words("ring text texted message contact contacted")
_BEHIND_NUMBER = words("answering ringing reachable unreachable busy engaged")
#: Words that speak of a phone only as a label, with a colon.
_LABELS = words("contact home work desk office direct main day evening t m f p h w o d c")
#: Words that speak of a phone behind a number, as in signatures: '… office', '… (home)'.
_LABELS_BEHIND = ("home", "work", "desk", "office", "direct", "main", "day", "evening")
#: Behind these a number is what somebody is reached by, not what a thing before them is called: 'the code on …'.
_BY_WHAT = words("on at from to via under by me us him her them with using")
#: Between a noun and the number that it names.
_LINKS = words("is was are the as id new ist lautet est es")
_WHOSE = words("my his her your our their")
_TOKEN = re.compile(r"[^\W\d_]+:?|[#§\n]|[.!?](?=\s+[^\W\d_a-z])")
_LABEL_BEHIND = re.compile(
    rf"[ \t]{{1,2}}[(\[|-]?[ ]?(?:{'|'.join(_LABELS_BEHIND)}|[tmfhwocdp])[)\]]?[ \t]*(?:[\n,;|/]|$)", re.IGNORECASE
)
#: What may stand between a number and what is said of it afterwards.
_BRIDGE = words("is was are isn wasn t not no longer always as being my his her our your their the a an this new old")


def words_before(text: str, start: int) -> list[str]:
    """The words of the sentence before a place, nearest first, in small letters; a label keeps its colon."""
    found: list[str] = []
    for token in reversed(_TOKEN.findall(text, max(0, start - BEFORE), start)):
        if token in ".!?":
            break
        found.append(token.lower())
    return found


def said_before(text: str, start: int, named: Container[str], within: int = 5) -> bool:
    """Whether one of some words is among the nearest ones before a place."""
    return any(word.rstrip(":") in named for word in words_before(text, start)[:within])


def topic(text: str, start: int, end: int) -> Topic | None:
    """What a number at a place is said to be; None where nothing is said.

    What is said right before it counts most, then what is said right behind it, then what is said earlier.
    """
    before, near = _said_before(text, start)
    if before is not None and near:
        return before
    return _said_after(text, end) or before


def _said_before(text: str, start: int) -> tuple[Topic | None, bool]:
    """What the words before a place say, and whether nothing but 'number is' stands between."""
    counted: Topic | None = None
    following, reached, near = "", False, True
    for word in words_before(text, start):
        bare = word.rstrip(":")
        found = _topic(word, bare, following)
        reached = reached or bare in _BY_WHAT
        if found is Topic.NUMBER or bare == "#":
            # 'Phone number' and 'card #' are what the word before says; alone, '#' numbers anything.
            counted = counted or found
        elif found is not None and not (reached and found in _NAMES_THINGS):
            return found, near
        elif counted is Topic.NUMBER and bare in _WHOSE and following in _NUMBERED:
            return Topic.PHONE, near  # 'my number'
        else:
            near = near and bare in _LINKS
        following = bare
    return counted, False


def _topic(word: str, bare: str, following: str) -> Topic | None:
    if bare == "#":
        return Topic.OTHER
    if bare in _VERBS and (following in _AFTER_VERBS or (not following and bare in _BEFORE_NUMBER)):
        return Topic.PHONE
    if bare in _LABELS and bare != word:
        return Topic.PHONE
    return _TOPICS.get(bare)


def _said_after(text: str, end: int) -> Topic | None:
    if _LABEL_BEHIND.match(text, end):
        return Topic.PHONE
    for token in _TOKEN.findall(text, end, end + AFTER):
        word = token.lower()
        if word not in _BRIDGE:
            # With a colon it is the label of what comes next.
            found = Topic.PHONE if word in _BEHIND_NUMBER else _TOPICS.get(word)
            return found if found in (Topic.PHONE, Topic.CARD, Topic.ACCOUNT, Topic.SSN) else None
    return None
