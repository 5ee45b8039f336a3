"""Spot checks: staff say with one click whether an answer was right."""

from bot.desk import spot_checks
from bot.services import Services
from bot.slack.listeners.conduct import actor, on_click
from bot.slack.payloads import ButtonClick
from learning.ids import SpotCheckId
from learning.spot_checks import Verdict


def right(services: Services, click: ButtonClick) -> None:
    """It answers the question."""
    _judge(services, click, Verdict.RIGHT)


def wrong(services: Services, click: ButtonClick) -> None:
    """It does not."""
    _judge(services, click, Verdict.WRONG)


def cannot_tell(services: Services, click: ButtonClick) -> None:
    """Who was asked does not know."""
    _judge(services, click, Verdict.CANNOT_TELL)


def _judge(services: Services, click: ButtonClick, verdict: Verdict) -> None:
    def act(check: str) -> None:
        workspace, staff = click.asker.origin.workspace, actor(services, click.asker)
        spot_checks.judge(services, workspace, SpotCheckId(check), staff, verdict, channel=click.channel)

    on_click(services, click, act)
