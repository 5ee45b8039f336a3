"""Whether a question is in a language that the knowledge base is not searched in.

A guess from letters and function words, used only to give a better reason where no answer is given: it never
stands between a question and an answer.
"""

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENGLISH = _words("""
    the a an is are was were be do does did how what when where why who which can could should would will i
    you we he she it they my your our their this that these those to of in on for with from at by and or not
    no if there have has had get
""")
#: Function words that mark other languages.
_OTHERS = {
    "German": _words("""
    der die das ein eine einen ich wie kann mein meine meinen nicht und ist für mit wo wir auf den dem zu
    warum wann gibt es sie bitte
"""),
    "French": _words("""
    le la les un une des je comment puis mon ma mes est ce que pour avec où nous dans du et pas peut pourquoi
    quand il vous quel quelle
"""),
    "Spanish": _words("""
    el la los las un una yo cómo como puedo mi mis es para con dónde donde nosotros en del y no por qué que
    cuándo hay se cuál
"""),
    "Italian": _words("""
    il lo la gli un una io come posso mio mia miei è per con dove noi nel del e non perché quando che di sono
"""),
    "Portuguese": _words("""
    o os as um uma eu como posso meu minha meus é para com onde nós no na do da e não por que quando há
"""),
    "Dutch": _words("""
    de het een ik hoe kan mijn niet en is voor met waar wij op van te waarom wanneer er je wat dit
"""),
    "Polish": _words("""
    jak czy nie mogę moje moja mój jest dla z gdzie my na do i dlaczego kiedy się co w to
"""),
    "Swedish": _words("""
    en ett jag hur kan min mitt mina inte och är för med var vi på av att varför när det den
"""),
    "Turkish": _words("""
    bir nasıl ve için ile nerede neden ne zaman bu şu mi mı benim hesabımı değil var
"""),
}


def is_other_language(text: str) -> bool:
    """Whether a text is clearly not English. Short or mixed texts count as English."""
    letters = [letter for letter in text if letter.isalpha()]
    if len(letters) < 4:
        return False
    foreign = sum(not unicodedata.name(letter, "LATIN").startswith("LATIN") for letter in letters)
    if foreign > len(letters) / 2:
        return True
    words = [word.lower() for word in _WORD.findall(text)]
    if len(words) < 3:
        return False
    english = sum(word in _ENGLISH for word in words)
    other = max(sum(word in known for word in words) for known in _OTHERS.values())
    return other >= 2 and other > 2 * english
