"""Checks of modals and home tabs. https://docs.slack.dev/reference/views"""

import json
from typing import Any

from bot.sandbox.block_kit.blocks import HOME, MODAL, check_blocks
from bot.sandbox.block_kit.check import Check
from bot.sandbox.rules import Refused, Rule, refuse
from bot.sandbox.wire import Json

_MOST_BLOCKS = 100
#: Bytes of JSON.
_LARGEST_VIEW = 250 * 1024


def checked_view(view: Any, surface: str) -> Json:
    """The definition of a view for `surface` (`modal` or `home`), checked.

    Raises:
        Refused: if it breaks a rule; a block's rules count as `invalid_arguments` here.
    """
    if not isinstance(view, dict) or view.get("type") != surface:
        raise refuse(Rule.VIEW_TYPE, "/view/type")
    if len(json.dumps(view)) > _LARGEST_VIEW:
        raise refuse(Rule.VIEW_TOO_LARGE, "/view")
    check = Check(surface)
    blocks = view.get("blocks")
    if not isinstance(blocks, list) or not 1 <= len(blocks) <= _MOST_BLOCKS:
        check.wrong(Rule.VIEW_BLOCKS, "/view/blocks")
    if isinstance(blocks, list):
        check_blocks(check, blocks, "/view/blocks")
    check.length(view.get("private_metadata"), "/view/private_metadata", Rule.VIEW_METADATA, 3000)
    check.length(view.get("callback_id"), "/view/callback_id", Rule.VIEW_CALLBACK, 255)
    if surface == MODAL:
        _modal(check, view)
    if check.problems:
        raise Refused(*check.problems, error=Rule.INVALID_ARGUMENTS.error)
    return view


def _modal(check: Check, view: Json) -> None:
    check.text(view.get("title"), "/view/title", Rule.MODAL_TITLE, 24)
    check.text(view.get("submit"), "/view/submit", Rule.MODAL_BUTTON, 24, required=False)
    check.text(view.get("close"), "/view/close", Rule.MODAL_BUTTON, 24, required=False)
    blocks = view.get("blocks")
    inputs = isinstance(blocks, list) and any(isinstance(one, dict) and one.get("type") == "input" for one in blocks)
    if inputs and not view.get("submit"):
        check.wrong(Rule.MODAL_NEEDS_SUBMIT, "/view/submit")


__all__ = ["HOME", "MODAL", "checked_view"]
