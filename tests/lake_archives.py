"""Small archives, made on the spot."""

import io
import json
import zipfile
from typing import Any

ENTRY = {"header": "Search", "title": "Searched for tea", "time": "2025-01-01T10:00:00Z", "products": ["Search"]}


def zipped(files: dict[str, Any]) -> bytes:
    """A zip of JSON files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return buffer.getvalue()
