"""What looks like a number of a person and is none: dates, times, timestamps of messages, amounts, names of files."""

import re

from learning.redaction.details import HIDDEN

_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:19|20)\d\d"
_LOOKALIKE = re.compile(
    rf"""
    (?<![^\W_])(?:
        \d{{10}}\.\d{{6}}(?!\d)                                        # a message's timestamp
      | \d{{4}}([-/.]){_DAY}\1{_DAY}(?!\d|\1\d)                        # 2026-11-20
      | (?<!\d[-/.]){_DAY}([-/.]){_DAY}\2(?:\d{{4}}|\d\d)(?!\d|[-/.]\d)     # 20.11.2026, 11/20/26
      | (?<!\d[ ]){_DAY}[ ]{_DAY}[ ]{_YEAR}(?!\d|[ ]\d)                # 20 11 2026
      | (?<!\d[-. ])[12]\d{{3}}[ ]?[-–][ ]?(?:[12]\d{{3}}|\d\d)(?!\d|[-.]\d)         # 1695-1696, 2024 - 25
      | {_YEAR}(?:0[1-9]|1[0-2]){_DAY}(?:T?[ ]?\d{{4,6}}Z?)?(?!\w)     # 20261120 103000
      | \d\d(?:\d\d)?(?:-\d\d){{5}}(?!-?\d)                            # 20-11-26-10-30-00
      | \d{{1,2}}:\d\d(?::\d\d(?:\.\d+)?)?(?!\d)                       # 10:30:00
      | [0-9A-Fa-f]{{8}}-(?:[0-9A-Fa-f]{{4}}-){{3}}[0-9A-Fa-f]{{12}}(?!\w) # a UUID
      | \d{{1,3}}(?:[ .,]\d{{3}})+(?:[.,]\d\d?)?[ ]?(?:€|\$|£|%|EUR|USD|GBP|CHF|JPY|INR|kB|KB|MB|GB|TB|km|kg)(?!\w)
    )
  | [$€£¥][ ]?\d[\d.,]*(?:[ ]\d{{3}})*
  | (?<![\w.+()-])[\w.+()-]{{1,120}}\.(?:pdf|docx?|xlsx?|pptx?|csv|tsv|txt|md|rtf|log|json|xml|ya?ml|html?|png|jpe?g
        |gif|webp|svg|heic|mp[34]|mov|wav|zip|t?gz|tar|7z|rar|bak|sql|db|eml|msg|ics
        |exe|msi|dmg|iso|py|js|ts|sh|ini|cfg|conf)(?!\w)
    """,
    re.VERBOSE | re.IGNORECASE,
)


def without_lookalikes(text: str) -> str:
    """The text, of the same length, in which what only looks like a number of a person is hidden."""
    return _LOOKALIKE.sub(lambda match: HIDDEN * len(match[0]), text)
