"""Texts become vectors: the embedder that serves, on ONNX Runtime; torch is not imported here.

A model's identity is its name, the beginning of its weights' hash, what words weigh and how weights are kept, so that
different vectors never mix. The first use of a model exports it (`kb.export`), and makes its weights small where that
is asked for (`kb.quantisation`); after that it is opened in a fraction of a second.
"""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from kb import word_weights
from kb.embedding_models import PACKAGED, FoundModel, find_model, weights_hash
from kb.word_weights import WordWeights

if TYPE_CHECKING:
    from tokenizers import Encoding

#: What a text is cut to, in tokens. The packaged tokenizer says 128, which is not what its model was made for.
LONGEST = 256
#: How many tokens are computed at once, padding included. What lies between two layers then stays near the processor:
#: texts of 130 tokens went through half as fast again one by one as 32 at once, texts of 15 fastest by eights.
_TOKENS_AT_ONCE = 128
#: How a model's weights are kept, and so how they are multiplied: in full, or in eight bits (`kb.quantisation`), which
#: takes a quarter of the space and about half the time, and gives vectors that are a little off.
Weights = Literal["fp32", "int8"]


class Embedder(Protocol):
    """Turns texts into unit vectors; the same text alone gives the same vector every time."""

    @property
    def model(self) -> str:
        """Identity of the model: its name, the beginning of its weights' hash, and what else makes its vectors."""
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
        # Eight bits are scaled by the largest number of what is computed at once, so that a text computed beside others
        # would get another vector.
        self._alone = facts.get("weights") == "int8"
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
        self._tokenizer.no_padding()
        self._padding: int = facts["pad_id"]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of `texts`, (len(texts), dimension), each of unit length."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        encoded = self._tokenizer.encode_batch(list(texts))
        for batch in _batches(texts, [len(each.ids) for each in encoded], 1 if self._alone else _TOKENS_AT_ONCE):
            vectors[batch] = self._run([encoded[index] for index in batch])
        return vectors

    def _run(self, encoded: "list[Encoding]") -> NDArray[np.float32]:
        ids = np.full((len(encoded), max(len(each.ids) for each in encoded)), self._padding, dtype=np.int64)
        there, types = np.zeros_like(ids), np.zeros_like(ids)
        for row, each in enumerate(encoded):
            ids[row, : len(each.ids)] = each.ids
            there[row, : len(each.ids)] = 1
            types[row, : len(each.ids)] = each.type_ids
        given = {"input_ids": ids, "attention_mask": there, "token_type_ids": types}
        (found,) = self._session.run(None, {name: given[name] for name in self._inputs})
        vectors: NDArray[np.float32] = np.asarray(found, dtype=np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: NDArray[np.float32] = vectors / np.maximum(lengths, 1e-12)
        return unit


def _batches(texts: Sequence[str], lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """The texts that are computed together, by their places.

    Neighbours in length share a batch, so that little is computed for padding. What a text shares it with shows in the
    last digits of its vector, so that the order in which different texts are given must not decide it.

    Args:
        texts: the texts.
        lengths: of each text, in tokens.
        most: how many tokens a batch may have; one text may have more.
    """
    batch: list[int] = []
    for index in sorted(range(len(texts)), key=lambda each: (lengths[each], texts[each])):
        if batch and (len(batch) + 1) * lengths[index] > most:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def open_embedder(model: str = "", *, cache: Path, threads: int = 1, weights: Weights = "fp32") -> OnnxEmbedder:
    """The embedder for a model, exported first where it has not been.

    Args:
        model: empty for the packaged model, a folder, or a sentence-transformers name in the local cache.
        cache: where exports are kept, by the hash of their weights.
        threads: how many threads one call may use.
        weights: how its weights are kept.

    Raises:
        ModelMissing: the model is not on this machine, its weights are not the expected ones, or it cannot be exported
            or made small.
    """
    _stay_offline()
    found = find_model(model)
    digest = weights_hash(found, cache)
    from kb.export import export

    words = _words_of(found)
    exported = _exported(digest, cache, words)
    if not (exported / "export.json").exists():
        identity = "+".join([f"{found.name}@{digest[:12]}", *([words.version] if words else [])])
        export(found.folder, exported, model=identity, longest=LONGEST, words=words)
    if weights == "int8":
        from kb.quantisation import quantise

        small = _exported(digest, cache, words, weights)
        if not (small / "export.json").exists():
            quantise(exported, small)
        exported = small
    return OnnxEmbedder(exported, threads=threads)


def is_exported(model: str, *, cache: Path, weights: Weights = "fp32") -> bool:
    """Whether a model was exported already; args as of `open_embedder`.

    Raises:
        ModelMissing: the model is not on this machine, or its weights are not the expected ones.
    """
    _stay_offline()
    found = find_model(model)
    return (_exported(weights_hash(found, cache), cache, _words_of(found), weights) / "export.json").exists()


def open_exported(model: str, *, cache: Path, threads: int = 1) -> OnnxEmbedder | None:
    """The embedder with this identity, if it was ever exported on this machine.

    Args:
        model: an identity as vectors carry it.
        cache: where exports are kept.
        threads: how many threads one call may use.
    """
    for facts in sorted(cache.glob("*/export.json")):
        if json.loads(facts.read_text())["model"] == model:
            return OnnxEmbedder(facts.parent, threads=threads)
    return None


def _words_of(model: FoundModel) -> WordWeights | None:
    """What words weigh in a model: the packaged one is the only one that this was measured with."""
    return word_weights.shipped() if model.name == PACKAGED else None


def _exported(digest: str, cache: Path, words: WordWeights | None, weights: Weights = "fp32") -> Path:
    from kb.export import EXPORT_FORMAT

    parts = [digest, EXPORT_FORMAT, words.version if words else "", "" if weights == "fp32" else weights]
    return cache / "-".join(filter(None, parts))


def _stay_offline() -> None:
    # Both are read when the libraries are first imported, which happens after this.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
