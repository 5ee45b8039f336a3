"""What the words of a message say by themselves: that it is done, what would be right, that another answer is wanted.

All functions are pure and careful: thanks are no success, 'that is wrong' without what is right is no correction, and
'I'll try again tomorrow' asks for nothing. English only, as the packaged model is.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

#: How much of a message is read, in characters: what says something of an answer says it at its beginning.
LONGEST = 1_000
#: Slack's codes and characters for 'done', and for what is meant otherwise than it is said.
_TICK = re.compile(r"✅|☑|✔|:(?:white_check_mark|heavy_check_mark|ballot_box_with_check):")
_IRONY = re.compile(
    r"🙄|😒|🤦|:(?:face_with_)?roll(?:ing)?_?eyes:|:unamused:|:(?:man_|woman_)?face_?palm(?:ing)?:|"
    r"\bnot\.|/s\b|for nothing"
)
_CODE = re.compile(r":[a-z0-9_+'-]+:")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+|\s+[–—]\s+")
_CLAUSE = re.compile(r"[,:;]\s+|\s+[–—-]\s+|(?<=[.!?])\s+|\n+")

# --- done ---

_NEGATED = r"n't\b|\bnot\b|\bnever\b|\bcannot\b"
#: Words under which what is said to be done is not, not yet, or was so once.
_NOT_DONE = re.compile(
    rf"{_NEGATED}|\b(?:but|though|although|however|unfortunately|except|still|if|whether|unless|until|hope|hopefully|"
    r"wish|would|should|will|once|almost|nearly|before|earlier|yesterday|last (?:year|week|month|time)|used to|how)\b|"
    r"'ll\b",
)
_STATE = (
    r"(?:working|stable|online|fine|sorted|solved|fixed|resolved|settled|done|all set|good|connected|gone|"
    r"back (?:in|online|up)|in (?:again|now))"
)
_PRAISE = r"(?:perfect|great|awesome|excellent|brilliant|super|lovely|wonderful|fantastic|amazing)"
_DID = (
    r"(?:found|got|figured|fixed|changed|did|sent|booked|submitted|reported|installed|requested|ordered|updated|entered|"
    r"uploaded|cancelled|solved|sorted|managed|registered|replaced|switched|paired|printed|blocked|activated|"
    r"unlocked|created|downloaded|applied|joined|paid|filled|resolved|enabled|signed)"
)
_DONE = re.compile(
    "|".join(
        (
            r"\bwork(?:s|ed)\b(?! (?:from|in|at|for|on|with)\b)",
            rf"(?:\b(?:is|are|am)|'s|'m|'re) (?:all |now |finally )*{_STATE}\b(?! (?:to|for|idea|question)\b)",
            r"\b(?:i'm|i am|we're|we are) (?:finally )?in\b(?! \w)|\b(?:is|are) in now\b",
            rf"^(?:ok(?:ay)? |yes |great |and |it's |its |now |just |all |i )*(?:{_DID}|done|connected|works)"
            r"(?: (?:it|them|her|him|both|all|out|up|in|the|my|and)\b| now| then|$)",
            rf"\b{_DID} (?:it|them|both)\b",
            r"\b(?:problem|issue|all|everything) (?:is )?(?:solved|sorted|fixed|good|set|done|clear|fine)\b",
            r"\bdid the (?:trick|job)\b|\breset (?:is )?done\b",
            r"\bwhat i (?:needed|need|wanted|was looking for|was after)(?: to know)?\b"
            r"(?! (?:to know |was |is )*(?:is|was)\b)",
            r"\ball (?:that )?i (?:needed|need|wanted)\b|\bthe info(?:rmation)? i (?:needed|wanted|was after)\b",
            r"\b(?:that|this|it) (?:really )?(?:helps|helped|answers (?:it|that|my question)|clears it up)\b",
            r"\bno (?:more )?\w+(?: \w+)? since\b",
            r"\bi (?:can|could) (?:finally |now )?(?:log|sign|get) in\b|\bcan (?:log|sign) in (?:again|now)\b",
            r"\b(?:showed|shows|turned|came|went) (?:up|back|through)\b|\bthere (?:it|they) (?:is|are)\b|"
            r"\b(?:is|are) coming (?:out|in|through) now\b",
            rf"^{_PRAISE}[ ,]+(?:thanks?|thank you|thx|ty|cheers)\b",
        )
    )
)


def says_done(text: str) -> bool:
    """Whether a message says that the thing is done, works, or was just what was needed; mere thanks do not."""
    plain = _plain(text[:LONGEST])
    if _IRONY.search(plain):
        return False
    if _TICK.search(plain) and not re.search(_NEGATED, plain):
        return True
    return any(
        not _NOT_DONE.search(sentence) and any(_DONE.search(part) for part in (sentence, *_clauses(sentence)))
        for sentence in _sentences(plain)
        if not sentence.endswith("?")
    )


# --- corrections ---

_NUMBERS = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    r"eighteen|nineteen|twenty|thirty|forty|fifty|sixty|ninety|hundred|free|half|twice|quarter|noon|midnight|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
)
#: What a sentence can be right or wrong about: figures, codes, addresses, number words.
_FACT = re.compile(rf"\b(?:[\w.-]+@[\w.-]+|\w*\d[\w.,:/-]*\w|\d|{_NUMBERS})\b")
_DENIED = re.compile(
    r"\b(?:wrong|incorrect|false|untrue|mistaken|obsolete|out ?dated|out of date|correction|no longer)\b|"
    r"\bplease (?:update|correct|fix|change)\b|"
    r"\b(?:not|n't) (?:true|right|correct|up to date)\b|\b(?:answer|info|information|page|that|this|it) is old\b|"
    r"\b(?:is|are|was|were|has been|have been) (?:removed|gone|closed|abolished|replaced)\b|^(?:no|nope|nah)[,.!] ",
)
_CONTRAST = re.compile(
    r"\b(?:actually|instead|should be|you mean|you forgot|moved to|renamed|used to be)\b|"
    r"\b(?:was|were|got|has been|have been) (?:raised|lowered|changed|increased|reduced|cut|extended|moved)\b",
)
#: Two of these together say that something is not any more as it was.
_CHANGED = re.compile(r"\b(?:now|nowadays|these days|any ?more|since|only|last year)\b")
_INSTEAD = re.compile(
    r"\b(?:you (?:have|need) to|you must|you should|now called|it's called|it is called|renamed to)\b"
)
_TELLING_CHANGE = 2
_WORD = r"\w[\w.,:/-]*\w|\w"
_NOT_THAT = re.compile(r"\b(?:and |but )?not (\S+)")


def says_right(text: str, answer: str) -> bool:
    """Whether a message says what would be right in the place of an answer.

    Args:
        answer: what was answered.
    """
    plain, given = _plain(text[:LONGEST]), _plain(answer)
    said = " ".join(sentence for sentence in _sentences(plain) if not sentence.endswith("?"))
    known = set(re.findall(_WORD, given))
    facts = set(_FACT.findall(said))
    # 'three, not two' names what the answer said; it is right whether or not the other figure stands there too.
    if facts and any(word.strip(".,!;") in known for word in _NOT_THAT.findall(said)):
        return True
    # The same figure is another fact in another place: 'level 1' beside '€1'.
    pairs = pairwise(re.findall(_WORD, said))
    new = facts - known or any(before not in known for before, fact in pairs if fact in facts)
    changed = len(set(_CHANGED.findall(said))) >= _TELLING_CHANGE
    told = bool(_DENIED.search(said) or _CONTRAST.search(said) or changed)
    return told and bool(new or _INSTEAD.search(said))


# --- another answer ---

_PLEASE = r"(?:(?:please|pls|ok|okay|no|hm+|sorry|just|then|well|bot)[ ,]+)*"
_OTHER = r"(?:another|different|other|better|new|alternative|second|further|simpler|clearer|shorter|longer|easier)"
_ANSWER = r"(?:answer|suggestion|idea|option|opinion|reply|response|solution|explanation)s?"
_AGAIN = (
    r"(?:again|once more|one more (?:time|try|go)|differently|another (?:way|look|go|try|shot)|in other words|"
    r"in (?:plain|simple) \w+)"
)
_DO = r"(?:try|answer|explain|say|look|search|rephrase|phrase|have|put|repeat|check|give it)"
_YOU = r"(?:can|could|would|will) you (?:please |maybe )?"
_WANT = (
    r"(?:give me|got|have you|do you have|any|need|want|like|is there|isn't there|show me|try|find|see|get|find me|"
    r"can i have|can i get)"
)
_ANOTHER = re.compile(
    "|".join(
        (
            rf"^{_PLEASE}(?:{_DO}|regenerate|retry)\b[^?]*\b{_AGAIN}\b",
            rf"^{_PLEASE}{_YOU}{_DO}\b.*\b{_AGAIN}\b",
            rf"^{_PLEASE}(?:{_YOU})?rephrase (?:your|the|that|this)\b",
            rf"^{_PLEASE}(?:regenerate|retry|another(?: one)?)$",
            rf"(?:^{_PLEASE}|\b{_WANT} )(?:an |a |me |any |the )*{_OTHER} {_ANSWER}\b",
            rf"\b{_YOU}give (?:me )?(?:an? )?{_OTHER} (?:{_ANSWER}|one)\b",
            rf"^{_PLEASE}(?:give|show) me another(?: one)?\b",
            r"^(?:(?:have you |do you have )?got |is there |do you have )?anything else$",
            r"\bwhat else (?:have you got|do you have|is there|can you)\b|\bhoping for something else\b",
        )
    )
)
#: 'Once more, please' at the end; before a question it says that the question is meant again.
_BARE = re.compile(rf"^{_PLEASE}{_AGAIN}(?:[ ,]+(?:please|pls))?$")


def wants_another(text: str) -> bool:
    """Whether a message asks for another answer to the same question, without asking it anew."""
    plain = _plain(text[:LONGEST])
    clauses = [clause for clause in _clauses(plain) if clause not in ("please", "pls")]
    return bool(clauses) and (bool(_BARE.search(clauses[-1])) or any(map(_ANOTHER.search, clauses)))


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a message as it was written, with what ends them."""
    return tuple(one.strip() for one in _SENTENCE.split(text[:LONGEST]) if one.strip())


def _sentences(plain: str) -> Iterator[str]:
    for one in sentences(plain):
        yield one.rstrip(".! ") if not one.endswith("?") else one


def _clauses(plain: str) -> list[str]:
    return [clause for part in _CLAUSE.split(plain) if (clause := part.strip(" .!?"))]


def _plain(text: str) -> str:
    """Lower case, straight apostrophes, single spaces; ticks and irony stay, other emoji codes go."""
    folded = text.replace("’", "'").casefold()
    kept = _CODE.sub(lambda code: code[0] if _TICK.search(code[0]) or _IRONY.search(code[0]) else " ", folded)
    return re.sub(r"[^\S\n]+", " ", kept).strip()
