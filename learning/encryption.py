"""Text at rest: AES-256-GCM under one key per person, each key wrapped by the master key that the caller holds.

Always: a sealed text opens only with its person's key and in the place it was sealed for; deleting the person's key
makes every text of theirs unreadable, copies and backups of it included. What belongs to nobody is sealed under a key
of the workspace. Keys are read anew each time, so that a key deleted by another process is gone at once.

Keys may stand in a database of their own, which is kept out of the back-ups of the other: otherwise a back-up that is
restored brings back the keys of people who were erased.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete
from sqlalchemy.orm import Session

from kb.database import Sessions, reading
from kb.ids import WorkspaceId
from learning.errors import MasterKeyWrong, Tampered
from learning.ids import PersonId
from learning.rows import fetch, insert_if_absent
from learning.tables import PersonKeyRow, WorkspaceKeyRow

#: Bytes of a key; AES-256.
KEY_BYTES = 32
#: First byte of every sealed text, so that the format can change.
_FORMAT = b"\x01"
_NONCE_BYTES = 12
#: A sealed text names the key it needs, so that a deleted key is told from a changed text.
_KEY_MARK_BYTES = 8
#: The workspace's key for texts that belong to no person.
_NOBODYS = "texts"


class Vault:
    """Seals and opens texts with keys that are kept in a database, wrapped by a master key."""

    def __init__(self, master_key: bytes, *, keys: Sessions | None = None) -> None:
        """Take a master key.

        Args:
            master_key: 32 secret bytes; whoever has them and the database can read everything.
            keys: of a database for the keys alone, with the tables of this library; without it they stand beside
                what they open and are made and deleted in the caller's transaction.

        Raises:
            ValueError: the key is not 32 bytes long.
        """
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"The master key must be {KEY_BYTES} bytes long; {len(master_key)} were given.")
        self._master = AESGCM(master_key)
        self._keys = keys

    @classmethod
    def from_secret(cls, secret: str) -> "Vault":
        """A vault whose master key is derived from a long random secret (HKDF-SHA256; not meant for passwords)."""
        kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"answerloop master key")
        return cls(kdf.derive(secret.encode()))

    def encrypt(
        self,
        session: Session,
        workspace: WorkspaceId,
        person: PersonId | None,
        text: str,
        *,
        bound_to: str,
        now: datetime,
    ) -> bytes:
        """Seal a text under a person's key, which is made if there is none.

        Args:
            person: whose text it is; None for the workspace itself.
            bound_to: the place the text belongs to; it opens only with the same.
        """
        if person is None:
            key = self.workspace_key(session, workspace, _NOBODYS, now=now)
        else:
            key = self._person_key(session, workspace, person) or self._make_key(session, workspace, person, now)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, text.encode(), _bind(workspace, person, bound_to))
        return _FORMAT + _mark(key) + nonce + sealed

    def decrypt(
        self, session: Session, workspace: WorkspaceId, person: PersonId | None, sealed: bytes, *, bound_to: str
    ) -> str | None:
        """Open a text; None where the key it needs was deleted.

        Raises:
            Tampered: the key is there, but the text or its place is not what was sealed.
            MasterKeyWrong: the master key is not the one that wrapped the person's key.
        """
        if person is None:
            key = self._workspace_key(session, workspace, _NOBODYS)
        else:
            key = self._person_key(session, workspace, person)
        head = len(_FORMAT) + _KEY_MARK_BYTES
        if key is None or sealed[len(_FORMAT) : head] != _mark(key):
            return None
        nonce, body = sealed[head : head + _NONCE_BYTES], sealed[head + _NONCE_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, body, _bind(workspace, person, bound_to)).decode()
        except InvalidTag:
            raise Tampered("A stored text was changed outside of this program; it is not shown.") from None

    def workspace_key(self, session: Session, workspace: WorkspaceId, purpose: str, *, now: datetime) -> bytes:
        """The workspace's key for a purpose, made if there is none.

        Raises:
            MasterKeyWrong: the master key is not the one that wrapped it.
        """
        key = self._workspace_key(session, workspace, purpose)
        if key is None:
            values = {
                "workspace": workspace,
                "purpose": purpose,
                "wrapped": self._wrap(os.urandom(KEY_BYTES), f"{workspace}|workspace|{purpose}"),
                "created_at": now,
            }
            with self._writing(session) as keys:
                insert_if_absent(keys, WorkspaceKeyRow, values)
            key = self._workspace_key(session, workspace, purpose)
        if key is None:
            raise Tampered("The key that was just made is gone; try again.")
        return key

    def forget(self, session: Session, workspace: WorkspaceId, person: PersonId) -> bool:
        """Delete a person's key, and with it every text under it; whether there was one."""
        with self._writing(session) as keys:
            there = fetch(keys, PersonKeyRow, workspace=workspace, person=person) is not None
            mine = (PersonKeyRow.workspace == workspace, PersonKeyRow.person == person)
            keys.execute(delete(PersonKeyRow).where(*mine))
        return there

    def _make_key(self, session: Session, workspace: WorkspaceId, person: PersonId, now: datetime) -> bytes:
        row = {
            "workspace": workspace,
            "person": person,
            "wrapped": self._wrap(os.urandom(KEY_BYTES), f"{workspace}|person|{person}"),
            "created_at": now,
        }
        with self._writing(session) as keys:
            insert_if_absent(keys, PersonKeyRow, row)
        key = self._person_key(session, workspace, person)
        if key is None:
            raise Tampered("The key that was just made is gone; try again.")
        return key

    def _person_key(self, session: Session, workspace: WorkspaceId, person: PersonId) -> bytes | None:
        with self._reading(session) as keys:
            row = fetch(keys, PersonKeyRow, workspace=workspace, person=person)
            wrapped = None if row is None else row.wrapped
        return None if wrapped is None else self._unwrap(wrapped, f"{workspace}|person|{person}")

    def _workspace_key(self, session: Session, workspace: WorkspaceId, purpose: str) -> bytes | None:
        with self._reading(session) as keys:
            row = fetch(keys, WorkspaceKeyRow, workspace=workspace, purpose=purpose)
            wrapped = None if row is None else row.wrapped
        return None if wrapped is None else self._unwrap(wrapped, f"{workspace}|workspace|{purpose}")

    @contextmanager
    def _reading(self, session: Session) -> Iterator[Session]:
        if self._keys is None:
            yield session
        else:
            with reading(self._keys) as keys:
                yield keys

    @contextmanager
    def _writing(self, session: Session) -> Iterator[Session]:
        if self._keys is None:
            yield session
        else:
            # Committed before what needs the key is, so that no text ever waits for a key that is not there.
            with self._keys.begin() as keys:
                yield keys

    def _wrap(self, key: bytes, label: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._master.encrypt(nonce, key, label.encode())

    def _unwrap(self, wrapped: bytes, label: str) -> bytes:
        try:
            return self._master.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], label.encode())
        except InvalidTag:
            raise MasterKeyWrong(
                "The master key does not open this workspace's keys; set the one they were made with."
            ) from None


def _mark(key: bytes) -> bytes:
    return hashlib.sha256(b"answerloop key mark" + key).digest()[:_KEY_MARK_BYTES]


def _bind(workspace: WorkspaceId, person: PersonId | None, bound_to: str) -> bytes:
    return "\x1f".join((workspace, person or "", bound_to)).encode()
