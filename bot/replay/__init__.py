"""Replay: recorded answers decided again by the real agent, with another model, prompt, confidence or knowledge. Dry.

What decides again is built on connections that only read and holds nothing that has an effect (`decide`); what comes of
it is compared, judged and kept by `learning.replay`.
"""

from bot.replay.choosing import NO_MODEL, NOW, ONLY, RECORDED, Wish
from bot.replay.decide import BotReplay, Budgets, DryServices
from bot.replay.intent import Intent, intent_of
from bot.replay.run import Planned, begin, listed, plan, resume
from bot.replay.setup import Setup

__all__ = [
    "NOW",
    "NO_MODEL",
    "ONLY",
    "RECORDED",
    "BotReplay",
    "Budgets",
    "DryServices",
    "Intent",
    "Planned",
    "Setup",
    "Wish",
    "begin",
    "intent_of",
    "listed",
    "plan",
    "resume",
]
