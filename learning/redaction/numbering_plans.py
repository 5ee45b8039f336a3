"""Numbering plans: whether digits are a telephone number somewhere, and its one international spelling.

The plans are those of phonenumbers (ITU-T E.164 and the national regulators); they are loaded country by country, when
a number asks for them.
"""

import re
from dataclasses import dataclass
from functools import cache

#: Digits of the shortest number that is recognised, and of the longest that exists.
SHORTEST = 7
LONGEST = 15
_COUNTRIES = """
    US GB DE FR IT ES PT NL BE LU CH AT DK SE NO FI IE PL CZ SK HU RO BG GR HR SI RS EE LV LT TR UA RU KZ BY IL AE SA ZA
    NG KE EG IN PK BD LK ID MY SG TH VN PH JP KR CN HK TW AU NZ BR MX AR CL CO PE
"""
#: Countries whose national spellings are understood, in the order in which they are tried.
REGIONS: tuple[str, ...] = tuple(_COUNTRIES.split())


@dataclass(frozen=True)
class Plan:
    """How one country numbers."""

    country_code: str
    #: What is dialled before a national number inside the country: mostly 0.
    trunk: str
    national: re.Pattern[str]
    lengths: frozenset[int]

    def significant(self, digits: str) -> str | None:
        """The national number in the digits as dialled there; None where it is none."""
        if self.trunk and digits.startswith(self.trunk):
            shorter = digits[len(self.trunk) :]
            if len(shorter) in self.lengths and self.national.fullmatch(shorter):
                return shorter
        return digits if len(digits) in self.lengths and self.national.fullmatch(digits) else None


@cache
def plan(region: str) -> Plan:
    """The plan of a country.

    Raises:
        ValueError: there is no such country.
    """
    import phonenumbers

    known = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    if known is None or known.general_desc is None or known.country_code is None:
        raise ValueError(f"'{region}' is no country with a numbering plan; two capital letters such as DE are expected")
    general = known.general_desc
    return Plan(
        country_code=str(known.country_code),
        trunk=known.national_prefix or "",
        national=re.compile(general.national_number_pattern or r"(?!)"),
        lengths=frozenset(general.possible_length),
    )


def international(digits: str) -> str | None:
    """The E.164 spelling of digits that begin with a country's code; None where no number can be as long there."""
    import phonenumbers

    for length in (1, 2, 3):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length] or 0), ())
        if not regions:
            continue
        rest = digits[length:]
        for region in regions:
            if region == "001":
                return f"+{digits}" if SHORTEST <= len(digits) <= LONGEST else None
            there = plan(region)
            # '+49 (0)30 …' has the trunk's 0 in it, which is not dialled from abroad.
            bare = rest[len(there.trunk) :] if there.trunk == "0" and rest.startswith("0") else rest
            if len(bare) in there.lengths:
                return f"+{digits[:length]}{bare}"
        return None
    return None


def national(digits: str, regions: tuple[str, ...]) -> str | None:
    """The E.164 spelling of digits as dialled inside the first of some countries where they are in use."""
    for region in regions:
        there = plan(region)
        significant = there.significant(digits)
        if significant is not None and _in_use(region, there, significant):
            return f"+{there.country_code}{significant}"
    return None


def _in_use(region: str, there: Plan, significant: str) -> bool:
    import phonenumbers

    zeros = len(significant) - len(significant.lstrip("0"))
    number = phonenumbers.PhoneNumber(
        country_code=int(there.country_code),
        national_number=int(significant),
        italian_leading_zero=bool(zeros) or None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )
    return bool(phonenumbers.is_valid_number_for_region(number, region))
