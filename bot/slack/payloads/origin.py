"""Which installation a payload belongs to: the one that installed the app, never the one a person comes from."""

from dataclasses import dataclass

from bot.slack.payloads.untrusted import first, first_text, text
from kb.ids import WorkspaceId


def workspace_id(team: str, enterprise: str = "") -> WorkspaceId:
    """The workspace's id in our tables: `T1`, or `E1.T1` where the team belongs to an enterprise."""
    return WorkspaceId(".".join(part for part in (enterprise, team) if part))


@dataclass(frozen=True)
class Origin:
    """Which installation a payload belongs to."""

    #: The team that installed the app.
    team: str
    #: The enterprise of that team; empty outside Enterprise Grid.
    enterprise: str = ""

    @property
    def workspace(self) -> WorkspaceId:
        """The id that every row of this workspace carries."""
        return workspace_id(self.team, self.enterprise)


def origin_of(workspace: WorkspaceId) -> Origin:
    """The installation that a workspace's id names."""
    enterprise, _, team = workspace.rpartition(".")
    return Origin(team, enterprise)


def read_origin(body: object) -> Origin | None:
    """The installation: the view's own note first, then the authorization, then the body's ids."""
    authorization = first(body, "authorizations")
    team = (
        text(body, "view", "app_installed_team_id")
        or text(authorization, "team_id")
        or first_text(body, ("team", "id"), ("team_id",), ("user", "team_id"), ("view", "team_id"))
    )
    enterprise = text(authorization, "enterprise_id") or first_text(
        body, ("enterprise", "id"), ("enterprise_id",), ("team", "enterprise_id")
    )
    return Origin(team, enterprise) if team else None
