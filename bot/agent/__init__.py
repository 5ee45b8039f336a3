"""The agent: chooses and, with a model, writes the reply to a question. Its face is `Agent` and the values of
`Reply`."""

from bot.agent.answer import Agent, AgentSettings, OnText, Search, questions_of
from bot.agent.follow_up import own_part
from bot.agent.reply import NOTHING_ASKED, Nearest, Reply, ReplyKind, Rule, Source, Speaker, Tokens, Turn, Writing
from bot.agent.small_talk import is_thanks, wants_person

__all__ = [
    "NOTHING_ASKED",
    "Agent",
    "AgentSettings",
    "Nearest",
    "OnText",
    "Reply",
    "ReplyKind",
    "Rule",
    "Search",
    "Source",
    "Speaker",
    "Tokens",
    "Turn",
    "Writing",
    "is_thanks",
    "own_part",
    "questions_of",
    "wants_person",
]
