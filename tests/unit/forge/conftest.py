from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """As in the process of a training with the default of `cpus`: small problems only wait for more threads."""
    with threadpool_limits(1):
        yield
