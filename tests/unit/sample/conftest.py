from __future__ import annotations

import pytest

from datapunk.sample import write
from unit.sample.reading import Sample


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return Sample(write(tmp_path_factory.mktemp("sample")))
