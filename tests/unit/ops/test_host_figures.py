"""The page of a model host as rows."""

from pathlib import Path

from datapunk.ops.host_figures import Figure, host_figures, read_figures
from datapunk.settings import Settings
from datapunk_workers.host.metrics import Metrics


def test_counters_keep_their_labels() -> None:
    metrics = Metrics()
    metrics.predictions.labels("hit").inc(3)
    metrics.predictions.labels("miss").inc()
    metrics.seconds.labels('/a"b').observe(0.25)
    found = {(f.name, *f.labels.values()): f.value for f in read_figures(metrics.text().decode())}
    assert found["datapunk_host_predictions_total", "hit"] == 3
    assert found["datapunk_host_predictions_total", "miss"] == 1
    assert found["datapunk_host_request_seconds_sum", '/a"b'] == 0.25
    assert found["datapunk_host_waiting_texts",] == 0


def test_buckets_and_the_process_are_left_out() -> None:
    names = {f.name for f in read_figures(Metrics().text().decode())}
    assert names
    assert not [n for n in names if n.endswith(("_bucket", "_created", "_pid")) or not n.startswith("datapunk_host_")]


def test_a_figure_without_labels_is_read() -> None:
    assert list(read_figures("# HELP a b\ndatapunk_host_models 2.0")) == [
        Figure(name="datapunk_host_models", labels={}, value=2.0)
    ]


def test_no_host_has_no_figures(tmp_path: Path) -> None:
    assert host_figures(Settings(inference="resident", host_socket=str(tmp_path / "none"))) == []
    assert host_figures(Settings(inference="in_process", host_socket=str(tmp_path / "none"))) == []
