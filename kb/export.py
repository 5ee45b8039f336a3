"""The one-time export of a sentence-transformers model to ONNX; the only file that imports sentence-transformers.

The whole model goes into the graph, pooling and word weights and all, and its parts are fused where ONNX Runtime knows
how. What was exported must give the vectors that the model gives, or it is not kept.
"""

import json
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from filelock import FileLock

from kb.errors import ModelMissing
from kb.word_weights import WordWeights

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_log = logging.getLogger(__name__)

#: Changes when exports made earlier must not be used any more.
EXPORT_FORMAT = "onnx2"
_OPSET = 17
#: Two texts of different length, so that padding is part of what is compared.
PROBES = (
    "How do I reset my password?",
    "It works. The second text is longer, so that the first one has to be padded.",
)
_TOLERANCE = 1e-3


def export(source: Path, target: Path, *, model: str, longest: int, words: WordWeights | None = None) -> None:
    """Export the model in `source` to the folder `target`; two processes that do it at once do it once.

    Args:
        source: a sentence-transformers folder.
        target: made whole or not at all.
        model: the identity that its vectors shall carry.
        longest: what texts are cut to, in tokens; less where the model reads less.
        words: what pieces of words weigh in the mean that the model takes; None for its own mean.

    Raises:
        ModelMissing: the folder cannot be loaded as such a model, or its export differs from it.
    """
    make_once(target, lambda work: _export_into(work, source, model=model, longest=longest, words=words))


def make_once(target: Path, make: Callable[[Path], None]) -> None:
    """Make the folder of a model, whole or not at all; two processes that do it at once do it once.

    Args:
        target: the folder; it is there when it holds an `export.json`.
        make: writes all that belongs in there into the folder that it is given.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_suffix(".lock")):
        if (target / "export.json").exists():
            return
        work = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
        try:
            make(work)
            for each in work.rglob("*"):
                if each.is_file():
                    _let_go(each)
            shutil.rmtree(target, ignore_errors=True)
            work.rename(target)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _let_go(path: Path) -> None:
    """Have Linux let go of what it still holds in memory of a file that was just written.

    It holds that in large pieces, and who maps the file is charged for whole pieces: of the vectors of thirty thousand
    word pieces, of which a process uses some hundred, for all.
    """
    if not hasattr(os, "posix_fadvise"):
        return
    with path.open("rb") as written:
        os.fsync(written.fileno())  # what is not on disk yet cannot be let go
        os.posix_fadvise(written.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _export_into(work: Path, source: Path, *, model: str, longest: int, words: WordWeights | None) -> None:
    with quiet():
        loaded = _load(source)
        if words is not None:
            _weigh(loaded, words)
        facts = _write_tokenizer(loaded, work)
        facts |= {"model": model, "longest": min(longest, loaded.max_seq_length or longest)}
        facts["dimension"] = len(loaded.encode(PROBES[0], show_progress_bar=False))
        (work / "export.json").write_text(json.dumps(facts, indent=1))
        plain, fused = work / "plain.onnx", work / "model.onnx"
        inputs = _write_graph(loaded, plain)
        _log.info("exported %s with inputs %s", model, ", ".join(inputs))
        if not (_fuse(loaded, plain, fused) and _agrees(loaded, work)):
            shutil.copyfile(plain, fused)
            fused.with_suffix(".onnx.data").unlink(missing_ok=True)
            if not _agrees(loaded, work):
                raise ModelMissing(
                    f"The embedding model in {source} does not give the same vectors once exported to ONNX. "
                    "Set ANSWERLOOP_EMBEDDING_MODEL to another model."
                )
        plain.unlink()


def _load(source: Path) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as messages

    cast(Any, messages).disable_progress_bar()
    try:
        # Only attention that is written out step by step is known to the optimizer, which makes one operation of it.
        eager = {"attn_implementation": "eager"}
        return SentenceTransformer(str(source), device="cpu", local_files_only=True, model_kwargs=eager)
    except (OSError, ValueError, KeyError) as error:
        raise ModelMissing(
            f"{source} cannot be loaded as a sentence-transformers model: {str(error).splitlines()[0]} "
            "Set ANSWERLOOP_EMBEDDING_MODEL to one that can."
        ) from error


def _weigh(loaded: "SentenceTransformer", words: WordWeights) -> None:
    """Let pieces of words count by their weights in the mean that the model takes."""
    from sentence_transformers.sentence_transformer.modules import WordWeights as Weighing

    vocabulary = cast(Any, loaded.tokenizer).get_vocab()
    pieces = sorted(vocabulary, key=vocabulary.__getitem__)
    loaded.insert(1, Weighing(pieces, dict(words.pieces), words.others))


def _write_tokenizer(loaded: "SentenceTransformer", work: Path) -> dict[str, Any]:
    fast = getattr(loaded.tokenizer, "backend_tokenizer", None)
    if fast is None:
        raise ModelMissing(
            "The embedding model has no fast tokenizer, which serving needs. "
            "Set ANSWERLOOP_EMBEDDING_MODEL to one that has."
        )
    fast.save(str(work / "tokenizer.json"))
    return {"pad_id": loaded.tokenizer.pad_token_id}


def _write_graph(loaded: "SentenceTransformer", path: Path) -> list[str]:
    import torch

    class Whole(torch.nn.Module):
        """The model from token ids to the sentence's vector, with its inputs by position."""

        def __init__(self, names: list[str]) -> None:
            super().__init__()
            self.inner = loaded
            self.names = names

        def forward(self, *given: torch.Tensor) -> torch.Tensor:
            features: dict[str, Any] = dict(zip(self.names, given, strict=True))
            found: torch.Tensor = self.inner(features)["sentence_embedding"]
            return found

    features = loaded.preprocess(list(PROBES))
    known = ("input_ids", "attention_mask", "token_type_ids")
    names = [name for name in known if name in features and name in (*loaded.tokenizer.model_input_names, *known[:2])]
    example = tuple(features[name] for name in names)
    loaded.eval()
    with torch.no_grad():
        torch.onnx.export(
            Whole(names),
            example,
            str(path),
            input_names=names,
            output_names=["sentence_embedding"],
            dynamic_axes={name: {0: "texts", 1: "tokens"} for name in names} | {"sentence_embedding": {0: "texts"}},
            opset_version=_OPSET,
            dynamo=False,
        )
    return names


def _fuse(loaded: "SentenceTransformer", plain: Path, fused: Path) -> bool:
    """Write the fused graph; whether that was possible."""
    try:
        from onnxruntime.transformers import optimizer
    except ImportError:
        return False
    config = cast(Any, loaded[0]).auto_model.config
    try:
        optimised = optimizer.optimize_model(
            str(plain),
            model_type="bert",
            num_heads=getattr(config, "num_attention_heads", 0),
            hidden_size=getattr(config, "hidden_size", 0),
            opt_level=0,
        )
        # Weights in a file of their own are mapped into memory instead of being read and copied at each start.
        optimised.save_model_to_file(str(fused), use_external_data_format=True)
    except Exception as error:
        # The optimizer knows some shapes of graph and fails on others in its own ways; the plain graph serves as well.
        _log.warning("the embedding model is served unfused, which is slower: %s", error)
        return False
    return True


def _agrees(loaded: "SentenceTransformer", work: Path) -> bool:
    from kb.embedding import OnnxEmbedder

    expected = np.asarray(loaded.encode(list(PROBES), normalize_embeddings=True, show_progress_bar=False))
    try:
        found = OnnxEmbedder(work, threads=1).embed(PROBES)
    except RuntimeError as error:
        _log.info("the exported graph does not run: %s", error)
        return False
    return bool(np.abs(found - expected).max() < _TOLERANCE)


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing is said of what is normal in making a model ready."""
    # Tracing and fusing talk a lot about what is normal.
    noisy = [logging.getLogger(name) for name in ("root", "fusion_base", "onnx_model", "onnx_model_bert", "optimizer")]
    before = [logger.level for logger in noisy]
    for logger in noisy:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(noisy, before, strict=True):
            logger.setLevel(level)
