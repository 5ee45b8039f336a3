"""Keys and tokens of common services, by the forms that the services publish for them.

A new service is one line here: its prefix and what may follow. Nothing is guessed from randomness alone, because hashes
of commits and files look the same.
"""

import re
from collections.abc import Iterator

from learning.redaction.details import Detail, DetailKind

_FORMS = r"""
    xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,} | xapp-[A-Za-z0-9-]{8,} | xwfp-[A-Za-z0-9-]{8,}    # Slack
  | sk-(?:ant|proj|svcacct|admin|or)-[A-Za-z0-9_-]{16,} | sk-(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{20,}  # chat models
  | [spr]k[-_](?:live|test|prod)[-_][A-Za-z0-9_-]{10,} | whsec_[A-Za-z0-9+/=]{20,}              # Stripe
  | (?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}                                               # Amazon
  | gh[pousr]_[A-Za-z0-9]{20,} | github_pat_[A-Za-z0-9_]{20,}                                   # GitHub
  | gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct|oas)-[A-Za-z0-9_=.-]{16,}                     # GitLab
  | AIza[A-Za-z0-9_-]{30,} | ya29\.[A-Za-z0-9_-]{20,} | GOCSPX-[A-Za-z0-9_-]{20,}               # Google
  | eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?                             # JSON web tokens
  | npm_[A-Za-z0-9]{30,} | pypi-[A-Za-z0-9_-]{30,} | rubygems_[a-f0-9]{40,} | cio[A-Za-z0-9]{32} # packages
  | hf_[A-Za-z0-9]{20,} | r8_[A-Za-z0-9]{30,} | gsk_[A-Za-z0-9]{30,} | pplx-[A-Za-z0-9]{30,}    # models
  | dckr_pat_[A-Za-z0-9_-]{20,} | do[opr]_v1_[a-f0-9]{40,} | hvs\.[A-Za-z0-9_-]{20,}            # hosting
  | HRKU-[A-Za-z0-9_-]{30,} | fo1_[A-Za-z0-9_-]{30,} | sbp_[a-f0-9]{40} | pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{30,}
  | SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,} | key-[a-f0-9]{32} | [a-f0-9]{32}-us\d{1,2}      # mail
  | (?:AC|SK)[a-f0-9]{32}                                                                       # Twilio
  | \d{8,10}:AA[A-Za-z0-9_-]{30,} | [MNO][A-Za-z\d_-]{23,25}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,} # Telegram, Discord
  | shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32} | sq0[a-z]{3}-[A-Za-z0-9_-]{22,} | EAAA[A-Za-z0-9_-]{50,} # shops
  | ATATT3[A-Za-z0-9_=-]{20,} | ATCTT3[A-Za-z0-9_=-]{20,} | ATBB[A-Za-z0-9]{24,}                # Atlassian
  | lin_api_[A-Za-z0-9]{30,} | ntn_[A-Za-z0-9]{30,} | secret_[A-Za-z0-9]{40,} | pat[A-Za-z0-9]{14}\.[a-f0-9]{64}
  | PMAK-[a-f0-9]{24}-[a-f0-9]{34} | dp\.(?:pt|st|ct)\.[A-Za-z0-9.]{30,} | dapi[a-f0-9]{32}      # tools
  | gl(?:c|sa)_[A-Za-z0-9_=+/]{30,} | NRA[KL]-?[A-Z0-9]{27,} | sntry[su]_[A-Za-z0-9_=+/-]{30,} | phc_[A-Za-z0-9]{30,}
  | [A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,} | figd_[A-Za-z0-9_-]{30,} | AGE-SECRET-KEY-1[0-9A-Z]{58}
"""
_TOKEN = re.compile(rf"(?<![A-Za-z0-9])(?:{_FORMS})", re.VERBOSE)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?"
    r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
#: The address of such a page is the key to it.
_HOOK = re.compile(
    r"(?<=hooks\.slack\.com/)(?:services|workflows|triggers)/[A-Za-z0-9/_-]{8,}"
    r"|(?<=/api/webhooks/)\d{8,}/[A-Za-z0-9_-]{20,}"
)


class Tokens:
    """Finds keys and tokens of services, private keys, and addresses that are keys."""

    def find(self, text: str) -> Iterator[Detail]:
        """Every token; the canonical form is the token."""
        patterns = [_TOKEN]
        if "PRIVATE KEY" in text:
            patterns.insert(0, _PRIVATE_KEY)
        if "hooks" in text:
            patterns.insert(0, _HOOK)
        for pattern in patterns:
            for match in pattern.finditer(text):
                yield Detail(DetailKind.SECRET, *match.span(), match[0], match[0])
