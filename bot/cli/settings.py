"""`answerloop settings`: every setting, as the README's table shows it."""

from typing import Any


def settings() -> None:
    """Print the table of settings (Markdown)."""
    print(table())


def table() -> str:
    """The table of settings made from the settings class, in Markdown."""
    from bot.settings import Settings

    rows = ["| variable | default | what it is |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        rows.append(f"| `ANSWERLOOP_{name.upper()}` | {_default(field.default)} | {field.description} |")
    return "\n".join(rows)


def _default(value: Any) -> str:
    from pydantic import SecretStr
    from pydantic_core import PydanticUndefined

    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is PydanticUndefined or value in (None, "", frozenset(), {}):
        return "—"
    return f"`{value}`"
