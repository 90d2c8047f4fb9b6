"""Elements of an XML text of any length, one in memory at a time; nothing is fetched, no entity is resolved."""

from collections.abc import Iterator
from typing import Any

from datapunk.lake.record import SAMPLE_BYTES, Rejected
from datapunk.lake.stream import MemberStream


def elements(stream: MemberStream, *names: str) -> Iterator[Any]:
    """Yield each element (of lxml) of these local names when it is complete, inner ones before outer ones.

    It is emptied and taken away afterwards, so outer ones come without inner ones. Where the text breaks, a Rejected
    ends the iteration.
    """
    from lxml import etree

    parser = etree.iterparse(
        stream, events=("end",), tag=tuple(f"{{*}}{name}" for name in names), no_network=True, resolve_entities=False,
        load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    done: Any = None
    try:
        for _, element in parser:
            # An element must not leave the tree while the parser is still behind its end.
            if done is not None and (parent := done.getparent()) is not None:
                parent.remove(done)
            yield element
            element.clear(keep_tail=False)
            done = element
    except etree.XMLSyntaxError as exc:
        yield Rejected(
            reason=f"broken XML: {exc.msg}", byte_offset=stream.position, sample=stream.chunk[-SAMPLE_BYTES:]
        )


def local(element: Any) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def text(element: Any, *path: str) -> str | None:
    """Return the text of the first element that lies below along these local names; None where there is none."""
    for name in path:
        element = next((child for child in element if local(child) == name), None)
        if element is None:
            return None
    found = element.text
    return found.strip() or None if isinstance(found, str) else None
