"""Where the independent pieces of one training run: in this process, or on a Ray cluster, with the same results.

Pieces are functions of what they are given, seeds included, so where they run does not matter. Ray hands them and what
they return between its own processes; nothing of that is kept.
"""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from datapunk.errors import NotReady

Result = TypeVar("Result")
# Hears how many pieces are done, which one that was, and what it gave.
Told = Callable[[int, int, Any], None]


class Spread(Protocol):
    """Runs pieces of a training."""

    def run(
        self, piece: Callable[..., Result], given: Sequence[tuple[Any, ...]], told: Told | None = None
    ) -> list[Result]:  # fmt: skip
        """Return what `piece` gives for each tuple of arguments, in their order; `told` hears of each as it is done."""
        ...


class Here:
    """One after the other, in this process."""

    def run(
        self, piece: Callable[..., Result], given: Sequence[tuple[Any, ...]], told: Told | None = None
    ) -> list[Result]:  # fmt: skip
        """See `Spread.run`."""
        found = []
        for arguments in given:
            found.append(piece(*arguments))
            if told is not None:
                told(len(found), len(found) - 1, found[-1])
        return found


class OnRay:
    """As tasks of a Ray cluster, at the address of one of its nodes; each takes one processor."""

    def __init__(self, address: str) -> None:
        """Connect. Raises NotReady where Ray is not installed or the cluster does not answer."""
        try:
            import ray
        except ModuleNotFoundError as exc:
            raise NotReady(
                "DATAPUNK_RAY names a cluster, and Ray is not installed", hint="pip install 'datapunk[ray]'"
            ) from exc
        self._ray: Any = ray
        if not ray.is_initialized():
            try:
                ray.init(address=address, namespace="datapunk", log_to_driver=False, logging_level=logging.ERROR)
            except ConnectionError as exc:
                raise NotReady(
                    f"no Ray cluster answers at {address!r}", hint="Start it (ray start), or unset DATAPUNK_RAY."
                ) from exc

    def run(
        self, piece: Callable[..., Result], given: Sequence[tuple[Any, ...]], told: Told | None = None
    ) -> list[Result]:  # fmt: skip
        """See `Spread.run`."""
        # Put once: what the piece closes over, as the matrix, is the larger part.
        kept = self._ray.put(piece)
        task = self._ray.remote(num_cpus=1, max_retries=3)(_call)
        running = [task.remote(kept, arguments) for arguments in given]
        waiting = list(running)
        while waiting:
            (done,), waiting = self._ray.wait(waiting, num_returns=1)
            # Raises what the piece raised.
            gave = self._ray.get(done)
            if told is not None:
                told(len(running) - len(waiting), running.index(done), gave)
        found: list[Result] = self._ray.get(running)
        return found


def _call(piece: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    return piece(*arguments)


def spread(environment: Mapping[str, str] | None = None) -> Spread:
    """Return where this training's pieces run: on the cluster that DATAPUNK_RAY names (auto or host:port), else here.

    Raises NotReady.
    """
    address = (os.environ if environment is None else environment).get("DATAPUNK_RAY", "")
    return OnRay(address) if address else Here()
