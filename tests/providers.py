"""A small HTTP endpoint that speaks OpenAI's embeddings and Cohere's rerank, and misbehaves when it is told to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], Any]


class Endpoint:
    """Vectors of `dimensions` by the letters of a text. `misbehave` may answer instead: status, headers, JSON body."""

    def __init__(self, dimensions: int = 8) -> None:
        self.dimensions = dimensions
        self.misbehave: Callable[[dict[str, Any]], Answer | None] = lambda body: None
        self.during: Callable[[], None] = lambda: None
        self.bodies: list[dict[str, Any]] = []
        self.authorizations: list[str | None] = []
        self.embedded: list[str] = []
        self.url = ""

    def vector(self, text: str) -> list[float]:
        counts = [1.0] + [0.0] * (self.dimensions - 1)
        for letter in text.lower():
            counts[ord(letter) % self.dimensions] += 1
        return counts

    def answer(self, target: str, body: dict[str, Any]) -> Answer:
        self.bodies.append(body)
        self.during()
        if (odd := self.misbehave(body)) is not None:
            return odd
        if target.endswith("/rerank"):
            words = set(body["query"].lower().split())
            scores = [len(words & set(text.lower().split())) for text in body["documents"]]
            return 200, {}, {"results": [{"index": n, "relevance_score": s} for n, s in enumerate(scores)]}
        self.embedded += body["input"]
        data = [{"index": n, "embedding": self.vector(text)} for n, text in enumerate(body["input"])]
        return 200, {}, {"object": "list", "data": data[::-1], "model": body["model"]}


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[Endpoint]:
    """Serve on a free port of the loopback interface; `endpoint.url` is the base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            endpoint.authorizations.append(self.headers.get("Authorization"))
            status, headers, answer = endpoint.answer(self.path, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
