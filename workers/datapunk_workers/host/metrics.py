"""What the host counts, for Prometheus."""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """Counters of one host process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "datapunk_host_requests", "Requests answered.", ("path", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "datapunk_host_request_seconds", "Time to answer.", ("path",), registry=self.registry, buckets=_SECONDS
        )
        self.texts = Counter("datapunk_host_texts", "Texts embedded.", registry=self.registry)
        self.tokens = Counter("datapunk_host_tokens", "Tokens embedded.", registry=self.registry)
        self.batch_texts = Histogram(
            "datapunk_host_batch_texts",
            "Texts in a batch.",
            registry=self.registry,
            buckets=(1, 2, 4, 8, 16, 32, 64, 128),
        )
        self.waiting = Gauge("datapunk_host_waiting_texts", "Texts that wait for a batch.", registry=self.registry)
        self.models = Gauge("datapunk_host_models", "Models in memory.", registry=self.registry)
        self.model_bytes = Gauge("datapunk_host_model_bytes", "Size of their files.", registry=self.registry)
        self.predictions = Counter(
            "datapunk_host_predictions", "Predictions, by whether they were known.", ("cache",), registry=self.registry
        )
        self.evictions = Counter("datapunk_host_evictions", "Models dropped for lack of room.", registry=self.registry)
        pid = Gauge("datapunk_host_pid", "Process id of the host.", registry=self.registry)
        pid.set(os.getpid())
        ProcessCollector(registry=self.registry)

    def text(self) -> bytes:
        """Return the exposition format."""
        return generate_latest(self.registry)
