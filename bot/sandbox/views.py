"""Views: the modals stacked on a person's screen, and the person's home tab of the app.

https://docs.slack.dev/surfaces/modals: a trigger is exchanged once for a view; at most three are stacked.
"""

import secrets
from typing import Any

from bot.sandbox import objects
from bot.sandbox.block_kit import HOME, MODAL, checked_view, with_ids
from bot.sandbox.block_kit.interactive import first_state
from bot.sandbox.faults import FaultKind, Faults
from bot.sandbox.rules import Rule, refuse
from bot.sandbox.state import State, Trigger, View
from bot.sandbox.stream import Stream
from bot.sandbox.transport import Timing
from bot.sandbox.wire import Json

#: How many views a stack holds.
MOST_VIEWS = 3


class Views:
    """Opens, changes and closes views."""

    def __init__(self, state: State, stream: Stream, timing: Timing, faults: Faults) -> None:
        self._state = state
        self._stream = stream
        self._timing = timing
        self._faults = faults

    def trigger(self, person: str, view_id: str | None = None) -> str:
        """A trigger for what `person` just did, in the modal `view_id` if it was in one."""
        late = self._faults.take(FaultKind.EXPIRED_TRIGGER) is not None
        lifetime = 0.0 if late else self._timing.trigger.total_seconds()
        number = str(int(self._state.now() * 1000))
        trigger = Trigger(f"{number}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}", person, 0.0, view_id)
        trigger.expires = self._state.now() + lifetime
        self._state.triggers[trigger.id] = trigger
        return trigger.id

    def exchange(self, trigger_id: str) -> Trigger:
        """Use up a trigger.

        Raises:
            Refused: if there is none such, it is too old, or it was used.
        """
        trigger = self._state.triggers.get(trigger_id)
        if trigger is None:
            raise refuse(Rule.INVALID_TRIGGER, "/trigger_id")
        if trigger.used:
            raise refuse(Rule.EXCHANGED_TRIGGER, "/trigger_id")
        if self._state.now() >= trigger.expires:
            raise refuse(Rule.EXPIRED_TRIGGER, "/trigger_id")
        trigger.used = True
        return trigger

    def open(self, person: str, definition: Any) -> View:
        """Show a modal alone on a person's screen; what was there is closed."""
        view = self._made(person, definition, MODAL, None)
        self.clear(person)
        self._state.stacks[person] = [view.id]
        self._tell(view, "view_opened")
        return view

    def push(self, person: str, definition: Any) -> View:
        """Show a modal on top of the ones on a person's screen."""
        stack = self._state.stacks.get(person) or []
        if len(stack) >= MOST_VIEWS:
            raise refuse(Rule.PUSH_LIMIT, "/view")
        below = self._state.views[stack[-1]] if stack else None
        view = self._made(person, definition, MODAL, below)
        self._state.stacks[person] = [*stack, view.id]
        self._tell(view, "view_opened")
        return view

    def find(self, view_id: str, external_id: str = "") -> View:
        """The view that an app names, by Slack's id or its own."""
        if view_id in self._state.views:
            return self._state.views[view_id]
        for view in self._state.views.values():
            if external_id and view.external_id == external_id:
                return view
        raise refuse(Rule.VIEW_NOT_FOUND, "/view_id")

    def update(self, view: View, definition: Any) -> View:
        """Show a view with another definition; what was filled in stays where the element stays."""
        surface = str(view.body.get("type") or MODAL)
        body = checked_view(definition, surface)
        self._unique(str(body.get("external_id") or ""), view)
        kept = view.values
        view.body = {**body, "blocks": with_ids(body["blocks"], self._state)}
        view.hash = self._hash()
        fresh = first_state(view.body["blocks"])
        for block_id, actions in fresh.items():
            for action_id, first in actions.items():
                before = kept.get(block_id, {}).get(action_id)
                if before is not None and before["type"] == first["type"]:
                    fresh[block_id][action_id] = before
        view.values = fresh
        self._tell(view, "home" if surface == HOME else "view_updated")
        return view

    def publish(self, person: str, definition: Any) -> View:
        """Show a person's home tab of the app."""
        home = self._state.homes.get(person)
        if home is None:
            home = self._made(person, definition, HOME, None)
            self._state.homes[person] = home
            self._tell(home, "home")
            return home
        home.values = {}
        return self.update(home, definition)

    def close(self, view: View) -> None:
        """Take one view off its person's screen."""
        stack = self._state.stacks.get(view.user, [])
        if view.id in stack:
            stack.remove(view.id)
            self._tell(view, "view_closed")
        self._state.views.pop(view.id, None)

    def clear(self, person: str) -> None:
        """Take all modals off a person's screen."""
        for view in reversed(self._state.stack(person)):
            self.close(view)

    def _made(self, person: str, definition: Any, surface: str, below: View | None) -> View:
        body = checked_view(definition, surface)
        self._unique(str(body.get("external_id") or ""), None)
        blocks = with_ids(body["blocks"], self._state)
        view_id = self._state.new_id("V")
        view = View(
            id=view_id,
            user=person,
            body={**body, "blocks": blocks},
            hash=self._hash(),
            root_view_id=below.root_view_id if below else view_id,
            previous_view_id=below.id if below else None,
            values=first_state(blocks),
        )
        self._state.views[view.id] = view
        return view

    def _unique(self, external_id: str, own: View | None) -> None:
        others = (view for view in self._state.views.values() if view is not own)
        if external_id and any(view.external_id == external_id for view in others):
            raise refuse(Rule.DUPLICATE_EXTERNAL_ID, "/view/external_id")

    def _hash(self) -> str:
        return f"{int(self._state.now())}.{secrets.token_hex(4)}"

    def _tell(self, view: View, event: str) -> None:
        data: Json = {"view": objects.view(view)}
        self._stream.tell([view.user], event, data)
