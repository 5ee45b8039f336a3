"""What a message asks for without any knowledge: a person, nothing but thanks, a greeting, or nothing at all.

All functions are pure and conservative: where a message could also be a question, it is one. A missed greeting
costs a polite 'I am not sure'; a question mistaken for thanks would close somebody's case.
"""

import re
import unicodedata

#: Slack's emoji codes, such as `:tada:` and `:+1::skin-tone-3:`.
_EMOJI_CODE = re.compile(r":[a-z0-9_+'\-]+:", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
#: Longer than this, a sentence says more than a wish, and a message more than thanks; words.
_SHORT = 30


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_THANKS = re.compile(r"\b(?:thanks?|thank you|thankyou|thx|tysm|ty|cheers|appreciate(?:d| it| that| the help))\b")
#: Every word that may stand in a message which is thanks and nothing else; anything else could be a question.
_THANKS_WORDS = _words("""
    thanks thank you thankyou thx ty tysm cheers merci appreciate appreciated much so very really super a lot
    lots million ton many again everyone everybody all guys team folks mate bot for the your this that it its
    it's that's was is were i we my me to help helps helped helping helpful support answer answers answered
    answering reply response info information explanation explaining quick fast prompt assistance time
    everything works worked working solved solves fixed fixes did done sorted resolved trick problem issue
    question perfect perfectly great awesome excellent amazing wonderful brilliant good nice cool fine lovely
    got ok okay yes yep yeah yay oh ah and exactly what needed wanted now just indeed clear kind best you're
    have day one weekend
""")
_GREETING_WORDS = _words("""
    hi hii hiya hello hey heya hallo howdy yo greetings good morning afternoon evening day there all bot
    answerloop everyone everybody team folks again how are you doing today what's up sup
""")
_GREETING = re.compile(
    r"^(?:hi+|hiya|hello|hey+a?|hallo|howdy|yo|greetings|good (?:morning|afternoon|evening|day)|morning)\b"
)
#: Messages that ask what to do with the bot.
_ABOUT_BOT = re.compile(
    r"(?:help|help me|what (?:can|do) you do|(?:who|what) are you|are you a (?:ro)?bot|test|testing|start)"
)

_LEAD_IN = r"(?:(?:please|pls|ok|okay|hi|hello|hey|well|so|no|sorry|thanks|just|actually|and|then),? )*"
#: Somebody of ours, with at most two words of description ('a real live human', 'a damn agent').
_SOMEBODY = (
    r"(?:(?!my |our |their |his |her |in )(?:(?:a|an|some|another|the|your|any) )?(?:(?!in )[\w']+ ){0,2}?"
    r"(?:human(?: being)?|person|agent|representative|rep|operator|assistant|advis[eo]r|somebody|someone|anyone|"
    r"anybody|staff|(?:staff|team) member|people))"
)
_SERVICE = r"(?:(?:the |your )?(?:[\w']+ )?(?:customer )?(?:service|support|assistance|care)(?: team| staff)?)"
_TALK = (
    r"(?:(?:talk|speak|chatt?)(?:ing)? (?:to|with)|get(?:ting)? in (?:touch|contact) with|get(?:ting)? (?:a )?hold of)"
)
_REACH = r"(?:(?:contact|reach|call|ask for|involve|fetch|bring in)(?:ing)?)"
_GET = r"(?:get(?: me| us)?|find me|bring me|give me)"
_PASS_ON = (
    r"(?:(?:connect|transfer|forward|direct|put|hand|pass|escalate)(?: me| us| this| it)(?: through| over| on)? "
    r"(?:to|with))"
)
_WISH = (
    r"(?:(?:want|need|wanna|like|love|prefer|rather|have(?: got)?|got|try|trying|help|assistance|able|possible|how)"
    r"(?: me| you| us)?(?: to| with| in)?|let me|how (?:can|do|could) (?:i|we)|"
    r"(?:can|could|may|might|would) (?:i|we|you)(?: please| just)?|(?:do|have) to do to)"
)
#: What may follow: the wish must end there, or go on to say when, why or about what.
_ENDS = (
    r"(?=,|$| (?:please|pls|now|here|instead|about|because|who can|how|could|can|from|on the|in the|at |today|asap|"
    r"right|directly|for help|to help|help|for this|on this|look|to look|i need|i want))"
)
_WANTS_PERSON = (
    re.compile(rf"\b{_TALK} (?:{_SOMEBODY}|{_SERVICE}){_ENDS}"),
    re.compile(rf"\b{_PASS_ON} (?:{_SOMEBODY}|{_SERVICE}){_ENDS}"),
    re.compile(rf"(?:^{_LEAD_IN}|\b{_WISH} ){_REACH} (?:{_SOMEBODY}|{_SERVICE}){_ENDS}"),
    re.compile(rf"(?:^{_LEAD_IN}|\b{_WISH} ){_GET} {_SOMEBODY}{_ENDS}"),
    re.compile(rf"^{_LEAD_IN}(?:i|we)(?:'d| would| really| just)* (?:want|need|like|prefer) {_SOMEBODY}{_ENDS}"),
    re.compile(
        rf"^{_LEAD_IN}(?:is there )?(?:(?:a|an|any|real|live|human|support) )*"
        r"(?:human|person|agent|operator|representative)(?: (?:please|pls|now|here|there))*$"
    ),
    re.compile(
        r"\b(?:please|can you|could you|want to|need to) escalate (?:this|it|my (?:case|ticket|issue|question))\b"
    ),
    re.compile(rf"^{_LEAD_IN}escalate (?:this|it)?(?: please| now)?$"),
)
#: Reaching other people, or knowing when and where ours are reached, is a question and no wish.
_NO_WISH = re.compile(
    r"\b(?:my|our|their|another|a different) (?:own )?"
    r"(?:team|staff|company|organi[sz]ation|colleagues?|customers?|group|board|department)\b|\boutside\b|"
    r"\b(?:customers?|users?|they|he|she|guests?|visitors?|employees?|members?) (?:[\w']+ ){0,2}"
    r"(?:talk|speak|chat|contact|reach)\b|\b(?:hours?|what time|when|number|phone|e-?mail|address)\b"
)


def is_empty(text: str) -> bool:
    """Whether a message holds nothing that can be read: no letter, no digit, no emoji."""
    return not _WORD.search(_EMOJI_CODE.sub(" ", text)) and not is_emoji_only(text)


def is_emoji_only(text: str) -> bool:
    """Whether a message is emoji and nothing else, as Slack's codes or as characters."""
    if _WORD.search(_EMOJI_CODE.sub(" ", text)):
        return False
    return bool(_EMOJI_CODE.search(text)) or any(unicodedata.category(sign) == "So" for sign in text)


def wants_person(text: str) -> bool:
    """Whether somebody asks to be put through to a person ('talk to a human', 'get me someone').

    A question *about* people ('how do I add a person to my team?') is not such a wish.
    """
    sentences = [sentence.strip() for sentence in re.split(r"[.!?;]+", _plain(text))]
    return any(
        pattern.search(sentence)
        for sentence in sentences
        if sentence and len(sentence.split()) <= _SHORT and not _NO_WISH.search(sentence)
        for pattern in _WANTS_PERSON
    )


def is_thanks(text: str) -> bool:
    """Whether a message is thanks and nothing else, so that it can be taken as 'this is solved'.

    'Thanks but it still fails', 'thanks in advance' and 'thanks, and how do I cancel?' are not.
    """
    plain = _plain(text)
    if "?" in plain or len(plain.split()) > _SHORT:
        return False
    return bool(_THANKS.search(plain)) and set(_WORD.findall(plain)) <= _THANKS_WORDS


def is_greeting(text: str) -> bool:
    """Whether a message is a hello, or asks what the bot is, and nothing else."""
    plain = _plain(text)
    if _ABOUT_BOT.fullmatch(plain.strip(" .!?")):
        return True
    return bool(_GREETING.match(plain)) and set(_WORD.findall(plain)) <= _GREETING_WORDS


def _plain(text: str) -> str:
    """Lower case, straight apostrophes, no emoji, single spaces; commas and full stops stay."""
    text = _EMOJI_CODE.sub(" ", text).replace("’", "'").lower()
    return " ".join(re.sub(r"[^\w\s'.,;!?]", " ", text).split()).strip(" .,;!")
