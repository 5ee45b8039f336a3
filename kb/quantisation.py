"""Small weights: from an exported model to one that keeps its weights in eight bits.

Weights are scaled per column, what is multiplied with them is scaled as it comes (dynamic quantisation, as ONNX Runtime
does it). On processors that multiply eight bits at once questions and long texts take about half the time to embed, and
the model is a quarter of the size. What it gains and costs is measured by `python -m tests.benchmarks.weights`.
"""

import json
import logging
import shutil
from pathlib import Path

import numpy as np

from kb.embedding import OnnxEmbedder
from kb.embedding_models import SETTING
from kb.errors import ModelMissing
from kb.export import PROBES, make_once, quiet

_log = logging.getLogger(__name__)

#: Below this cosine of a text under both weights the model does not bear eight bits; the packaged one has .98 and more.
_LEAST_COSINE = 0.95
_INSTEAD = f"Set ANSWERLOOP_EMBEDDING_WEIGHTS to fp32, or {SETTING} to another model."


def quantise(source: Path, target: Path) -> None:
    """Make a model with small weights of an exported one; two processes that do it at once do it once.

    Args:
        source: what `kb.export` wrote.
        target: the folder that is made, whole or not at all.

    Raises:
        ModelMissing: the model gives other vectors in eight bits, or cannot be brought there.
    """
    make_once(target, lambda work: _quantise_into(work, source))


def _quantise_into(work: Path, source: Path) -> None:
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic

    facts = json.loads((source / "export.json").read_text())
    facts |= {"model": f"{facts['model']}+int8", "weights": "int8"}
    (work / "export.json").write_text(json.dumps(facts, indent=1))
    shutil.copyfile(source / "tokenizer.json", work / "tokenizer.json")
    useless = f"The embedding model {facts['model']} cannot be used with small weights"
    try:
        with quiet():
            quantize_dynamic(
                source / "model.onnx",
                work / "model.onnx",
                weight_type=QuantType.QInt8,
                per_channel=True,
                # The graph does not say of every value what it is; all that is multiplied here is this.
                extra_options={"DefaultTensorType": TensorProto.FLOAT},
            )
            full, small = OnnxEmbedder(source, threads=1), OnnxEmbedder(work, threads=1)
            cosines = np.vecdot(full.embed(PROBES), small.embed(PROBES))
    except Exception as error:
        # It fails on graphs that it does not know in its own ways: its first line for the operator, all for the log.
        _log.info("no small weights of %s", facts["model"], exc_info=True)
        raise ModelMissing(f"{useless}: {_first_line(error)} {_INSTEAD}") from error
    if cosines.min() < _LEAST_COSINE:
        raise ModelMissing(f"{useless}: its vectors are too far off (cosine {cosines.min():.2f}). {_INSTEAD}")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
