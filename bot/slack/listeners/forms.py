"""Forms: what a sent modal is, and how its errors are shown beside its fields."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.slack.actions import ButtonValue, decode
from bot.slack.payloads import Asker, FormSubmission
from bot.slack.payloads.state import FormState
from bot.slack.views.kit import View
from kb.ids import WorkspaceId

#: Block id to what is wrong with the field; empty where the form was taken.
FormErrors = Mapping[str, str]


@dataclass(frozen=True)
class Next:
    """The form was taken; another takes its place."""

    view: View


#: What becomes of a form that was sent.
FormAnswer = FormErrors | Next


@dataclass(frozen=True)
class Form:
    """A modal that was sent."""

    asker: Asker
    #: What the form is about, as its private metadata carried it.
    carried: ButtonValue
    values: FormState

    @property
    def workspace(self) -> WorkspaceId:
        """The workspace it was sent in."""
        return self.asker.origin.workspace

    @property
    def about(self) -> str:
        """The id of the one thing it is about."""
        return self.carried.id

    def block(self, name: str) -> str:
        """The block id under which a field's error is shown: the field's, or the first of its parts."""
        return next((key for key in self.values.fields if key == name or key.startswith(f"{name}_")), name)

    @classmethod
    def read(cls, submission: FormSubmission) -> "Form | None":
        """The form, or None where what it is about cannot be read."""
        carried = decode(submission.private_metadata)
        return None if carried is None else cls(submission.asker, carried, submission.values)
