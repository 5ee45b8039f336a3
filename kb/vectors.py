"""The vectors of texts, kept in SQL per workspace and model, in the caller's transaction; nothing here commits.

What is here is never embedded again, and whatever the vector index loses can be written back from here.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.database import insert_missing
from kb.ids import WorkspaceId
from kb.tables import VectorRow

Vector = NDArray[np.float32]
#: How many hashes go into one `IN (...)`.
_CHUNK = 500


def known(session: Session, workspace: WorkspaceId, model: str, hashes: Iterable[str]) -> dict[str, Vector]:
    """The vectors of the texts with these hashes; texts never embedded are left out."""
    wanted = list(dict.fromkeys(hashes))
    found: dict[str, Vector] = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = session.execute(
            select(VectorRow.text_hash, VectorRow.vector).where(
                VectorRow.workspace == workspace,
                VectorRow.model == model,
                VectorRow.text_hash.in_(wanted[start : start + _CHUNK]),
            )
        )
        found.update((text_hash, np.frombuffer(vector, dtype="<f4")) for text_hash, vector in rows)
    return found


def remember(session: Session, workspace: WorkspaceId, model: str, vectors: Mapping[str, Vector]) -> None:
    """Keep vectors under their texts' hashes; the first one kept for a text stays."""
    rows = [
        {
            "workspace": workspace,
            "model": model,
            "text_hash": text_hash,
            "dimension": len(vector),
            "vector": vector.astype("<f4").tobytes(),
        }
        for text_hash, vector in vectors.items()
    ]
    insert_missing(session, VectorRow, rows)
