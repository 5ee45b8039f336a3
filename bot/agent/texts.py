"""The agent's own words, in plain English Markdown. One reply for each reason, so that nobody is left without
one."""

from bot.agent.reply import Rule

#: What the reply says where nothing of the knowledge base is quoted.
WORDS: dict[Rule, str] = {
    Rule.NOT_SURE: "I am not sure enough to answer this one, so I would rather not guess.",
    Rule.NOTHING_NEAR: "I have no answer to this yet.",
    Rule.NOTHING_ELSE: "I have no other answer to this than the one above.",
    Rule.MODEL_DOES_NOT_KNOW: "What I know does not answer this, so I would rather not guess.",
    Rule.NO_VALID_CITATION: "I could not back an answer with what I know, so I would rather not guess.",
    Rule.MODEL_REFUSED: "I could not write an answer to this one: the language model declined.",
    Rule.MODEL_TIMED_OUT: "I could not write an answer: the language model took too long. Asking again may help.",
    Rule.MODEL_FAILED: (
        "I could not write an answer: the language model is not available right now. Asking again may help."
    ),
    Rule.INDEX_UNAVAILABLE: "I cannot look things up right now. Please ask again in a few minutes, or get a person.",
    Rule.EMPTY_QUESTION: "I see no question in your message. Tell me in a few words what you would like to know.",
    Rule.EMOJI_ONLY: "I cannot read a question from emoji alone. Tell me in a few words what you would like to know.",
    Rule.OTHER_LANGUAGE: (
        "I can only look things up in English at the moment. Please ask again in English, or get a person."
    ),
    Rule.GREETING: (
        "Hello! Ask me a question in your own words, and I will look it up. If I am not sure, I say so, and a person "
        "can take over."
    ),
    Rule.THANKS: "You are welcome!",
    Rule.ASKED_FOR_PERSON: "Of course. A person from the team can take this over.",
}

#: Stands before parts of documents, so that nobody takes them for the answer.
MAY_HELP = "I have no approved answer to this. This part of our documents may help:"
MAY_HELP_MANY = "I have no approved answer to this. These parts of our documents may help:"
#: Stands after a written answer whose model stopped half-way.
CUT_OFF = "_The answer was cut off here. Ask again, or get a person, for the rest._"


def too_long(length: int, limit: int) -> str:
    """What is said to a message that is too long to be one question; both in characters."""
    return (
        f"Your message is too long for me: it has {length:,} characters, and I read up to {limit:,}. "
        "Please ask your question in a few sentences."
    )
