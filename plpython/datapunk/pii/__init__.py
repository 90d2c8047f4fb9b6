"""Personal data in texts: where it is, of what type, and how sure that is.

`Finder` loads presidio-analyzer and spaCy when it is made, which takes a second and 110 MB where torch is kept away;
importing this package loads neither. Made for processes that live for a while, never for a backend.
"""

from datapunk.pii.finder import Finder
from datapunk.pii.spans import Span, mask

__all__ = ["Finder", "Span", "mask"]
