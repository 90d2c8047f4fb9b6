"""Clients at once, timed from when all are warm. Also read by peers in an environment of their own."""

import threading
import time
from collections.abc import Callable


def seconds_together(clients: int, work: Callable[[threading.Barrier], object]) -> float:
    """Run `work` in so many threads; return the seconds from when all are at the barrier to the end of the last."""
    ready = threading.Barrier(clients + 1)
    threads = [threading.Thread(target=work, args=(ready,)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started
