"""ONNX models in this process: what the model host runs, and what a backend falls back to."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import onnxruntime
import orjson
from tokenizers import Tokenizer

from datapunk.errors import InvalidArgument, UnsupportedFile
from datapunk.inference.scores import KEY_WIDTH, ScoreForm, Scores

# Tokens a batch, padding included: beyond it the attention matrices leave the cache and throughput falls.
BATCH_TOKENS = 2048
_PACKED = {"v4": ">f4", "f4": "<f4"}
# Head of a packed vector; what stands for a missing number in it.
_HEAD, _ABSENT = "V4", np.finfo(np.float32).max
_NUMPY_TYPES: dict[str, type] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(string)": np.object_,
}


def open_session(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    """Return a CPU session of a serialised graph. Raises UnsupportedFile when it is none."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # A spinning pool would take the processor from PostgreSQL between two requests.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as exc:
        raise UnsupportedFile(f"not a usable ONNX graph: {exc}", hint="Export the model again.") from exc


class Embedder:
    """Tokenizer and graph: texts to unit vectors."""

    def __init__(self, files: Mapping[str, bytes], *, threads: int) -> None:
        self._session = open_session(files["model.onnx"], threads)
        try:
            self._tokenizer = Tokenizer.from_str(files["tokenizer.json"].decode())
        except Exception as exc:
            raise UnsupportedFile(f"not a usable tokenizer.json: {exc}", hint="Export the model again.") from exc
        names = {node.name for node in self._session.get_inputs()}
        if names != {"input_ids", "attention_mask"}:
            raise UnsupportedFile(
                f"an embedder takes input_ids and attention_mask, this graph {sorted(names)}",
                hint="Export it with datapunk_forge.export.",
            )

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each text, truncated to the model's limit."""
        # One by one: the batch call starts a thread pool, which has no place in a backend.
        return [self._tokenizer.encode(text).ids for text in texts]

    def run(self, batch: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        """Return (texts, dimensions) float32 for token ids, padded to the longest of the batch."""
        longest = max(len(ids) for ids in batch)
        input_ids = np.zeros((len(batch), longest), np.int64)
        attention_mask = np.zeros((len(batch), longest), np.int64)
        for row, ids in enumerate(batch):
            input_ids[row, : len(ids)] = ids
            attention_mask[row, : len(ids)] = 1
        vectors = self._session.run(None, {"input_ids": input_ids, "attention_mask": attention_mask})[0]
        return cast(npt.NDArray[np.float32], vectors)

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return one packed little-endian float32 unit vector a text, in the order given."""
        token_ids = self.tokenize(texts)
        vectors: list[bytes] = [b""] * len(token_ids)
        for batch in batches(list(map(len, token_ids))):
            for index, vector in zip(batch, self.run([token_ids[i] for i in batch]), strict=True):
                vectors[index] = pack(vector)
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has as a whole, without those that mark begin and end."""
        return [len(self._whole.encode(text, add_special_tokens=False).ids) for text in texts]

    @cached_property
    def _whole(self) -> Tokenizer:
        tokenizer = Tokenizer.from_str(self._tokenizer.to_str())
        tokenizer.no_truncation()
        return tokenizer


class Reranker:
    """Tokenizer and graph of a cross-encoder: a query and documents to scores."""

    def __init__(self, files: Mapping[str, bytes], *, threads: int) -> None:
        self._session = open_session(files["model.onnx"], threads)
        try:
            self._tokenizer = Tokenizer.from_str(files["tokenizer.json"].decode())
        except Exception as exc:
            raise UnsupportedFile(f"not a usable tokenizer.json: {exc}", hint="Export the model again.") from exc
        names = {node.name for node in self._session.get_inputs()}
        if names != {"input_ids", "attention_mask", "token_type_ids"}:
            raise UnsupportedFile(
                f"a reranker takes input_ids, attention_mask and token_type_ids, this graph {sorted(names)}",
                hint="Export it with datapunk_forge.export.",
            )

    def rerank(self, query: str, documents: Sequence[str]) -> list[float]:
        """Return one score a document, higher for more relevant."""
        pairs = [self._tokenizer.encode(query, document) for document in documents]
        scores = [0.0] * len(pairs)
        for batch in batches([len(pair.ids) for pair in pairs]):
            longest = max(len(pairs[index].ids) for index in batch)
            feed = {
                name: np.zeros((len(batch), longest), np.int64)
                for name in ("input_ids", "attention_mask", "token_type_ids")
            }
            for row, index in enumerate(batch):
                length = len(pairs[index].ids)
                feed["input_ids"][row, :length] = pairs[index].ids
                feed["attention_mask"][row, :length] = 1
                feed["token_type_ids"][row, :length] = pairs[index].type_ids
            for index, score in zip(batch, self._session.run(None, feed)[0], strict=True):
                scores[index] = float(score)
        return scores


class Predictor:
    """A graph with named inputs and outputs."""

    def __init__(self, files: Mapping[str, bytes], *, threads: int) -> None:
        self._session = open_session(files["model.onnx"], threads)
        self._types = {node.name: node.type for node in self._session.get_inputs()}

    def predict(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return every output as nested lists. `inputs` maps each input's name to nested lists of its type."""
        if set(inputs) != set(self._types):
            raise InvalidArgument(
                f"the model takes {sorted(self._types)}, given {sorted(inputs)}", hint="Give each input by its name."
            )
        feed = {name: _tensor(name, self._types[name], values) for name, values in inputs.items()}
        try:
            results = self._session.run(None, feed)
        except Exception as exc:
            raise InvalidArgument(f"the model rejects these inputs: {exc}", hint="Check their shapes.") from exc
        names = [node.name for node in self._session.get_outputs()]
        return {name: _plain(result) for name, result in zip(names, results, strict=True)}

    def score(self, packed: bytes, form: ScoreForm) -> Scores:
        """Return the scores of packed rows. Raises InvalidArgument when they don't fit the graph."""
        outputs = [node.name for node in self._session.get_outputs()]
        if len(self._types) != 1 or form.output not in outputs:
            raise InvalidArgument(
                f"the model takes {sorted(self._types)} and gives {outputs}", hint="Packed rows need one input."
            )
        ((name, kind),) = self._types.items()
        parts: list[tuple[str, str, tuple[int, ...]]] = []
        fields: list[tuple[Any, ...]] = []
        for i, (part, count) in enumerate(form.parts):
            parts.append((f"p{i}", _PACKED[part], (count,)))
            fields += [(f"h{i}", _HEAD), parts[-1]] if part == "v4" else [parts[-1]]
        dtype = np.dtype(fields)
        if kind not in ("tensor(float)", "tensor(double)") or len(packed) % dtype.itemsize:
            raise InvalidArgument(
                f"the bytes are no whole rows of a {kind}", hint="Packed rows are numbers; check how many columns."
            )
        packed_rows = np.frombuffer(packed, dtype)
        rows = np.concatenate([packed_rows[part].astype(_NUMPY_TYPES[kind]) for part, *_ in parts], axis=1)
        rows[np.abs(rows) >= _ABSENT] = np.nan
        keys = "{}"
        if form.keyed:
            rows, key = np.ascontiguousarray(rows[:, :-KEY_WIDTH]), rows[:, -KEY_WIDTH:]
            keys = _key_array(key)
        try:
            result = np.asarray(self._session.run([form.output], {name: rows})[0])
        except Exception as exc:
            raise InvalidArgument(f"the model rejects these rows: {exc}", hint="Check the columns.") from exc
        if form.result == "value":
            return Scores(keys=keys, values=_sql_array(result.reshape(len(rows))))
        best = result.argmin(axis=1) if form.result == "nearest" else result.argmax(axis=1)
        taken = _sql_array(result[np.arange(len(best)), best])
        if form.result == "nearest":
            return Scores(keys=keys, values=taken, labels=_sql_array(best + 1))
        return Scores(keys=keys, labels=_sql_array(best + 1), probabilities=taken)


MODEL_CLASSES: dict[str, type[Embedder] | type[Predictor] | type[Reranker]] = {
    "embedder": Embedder,
    "predictor": Predictor,
    "reranker": Reranker,
}


def batches(lengths: Sequence[int], limit: int = BATCH_TOKENS) -> list[list[int]]:
    """Group indices into batches of similar length, each of at most `limit` tokens with padding (one text at least)."""
    groups: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if groups and (len(groups[-1]) + 1) * lengths[index] <= limit:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def pack(vector: npt.NDArray[np.float32]) -> bytes:
    """Return a vector as packed little-endian float32."""
    return vector.astype("<f4", copy=False).tobytes()


def _tensor(name: str, kind: str, values: Any) -> npt.NDArray[Any]:
    if kind not in _NUMPY_TYPES:
        raise InvalidArgument(f"input {name!r} has type {kind}", hint=f"Supported: {', '.join(sorted(_NUMPY_TYPES))}.")
    try:
        return np.asarray(values, dtype=_NUMPY_TYPES[kind])
    except (TypeError, ValueError, OverflowError) as exc:
        raise InvalidArgument(
            f"input {name!r} does not make a {kind}: {exc}", hint="Give a rectangular array of one type."
        ) from exc


def _sql_array(numbers: npt.NDArray[Any]) -> str:
    """Return numbers as PostgreSQL reads an array, each as short as tells it from all others of its type."""
    if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
        return "{" + ",".join(["%.9g"] * len(numbers)) % tuple(numbers.tolist()) + "}"
    text = orjson.dumps(np.ascontiguousarray(numbers), option=orjson.OPT_SERIALIZE_NUMPY).decode()
    return "{" + text[1:-1] + "}"


def _key_array(parts: npt.NDArray[Any]) -> str:
    """Return keys, shape (rows, KEY_WIDTH), as PostgreSQL reads an array."""
    absent = np.isnan(parts[:, 0])
    upper, middle, last = np.where(absent[:, None], 0, parts).astype(np.int64).T
    keys = (upper << 42) + (middle << 21) + last
    if absent.any():
        return (
            "{" + ",".join("NULL" if a else str(k) for a, k in zip(absent.tolist(), keys.tolist(), strict=True)) + "}"
        )
    return _sql_array(keys)


def _plain(result: Any) -> Any:
    if isinstance(result, np.ndarray):
        return result.tolist()
    if isinstance(result, dict):
        return {str(key): _plain(value) for key, value in result.items()}
    if isinstance(result, list):
        return [_plain(value) for value in result]
    return result
