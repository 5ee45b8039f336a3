"""The master key: it wraps the keys of people's words and never leaves this machine."""

import base64
import os
import secrets
from pathlib import Path

from bot.errors import Misconfigured
from bot.settings import Settings

KEY_BYTES = 32


def master_key(settings: Settings) -> bytes:
    """The key from the settings, or the one kept in the data folder, made at the first start.

    Raises:
        Misconfigured: the set key is not 32 bytes in base64, or the kept one is damaged.
    """
    given = settings.secret_key.get_secret_value()
    if given:
        return _decode(given, "ANSWERLOOP_SECRET_KEY")
    path = settings.data_dir / "secret.key"
    if not path.exists():
        _make(path)
    return _decode(path.read_text(), f"The key file {path.name} in the data folder")


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return  # another process was first; its key is read
    with os.fdopen(handle, "w") as file:
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() + "\n")


def _decode(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise Misconfigured(f"{where} is not {KEY_BYTES} bytes in base64; without it stored messages cannot be read.")
    return key
