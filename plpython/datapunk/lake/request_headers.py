"""What the headers of an HTTP request say of the file in its body."""

from email.message import Message

from datapunk.errors import InvalidArgument


def filename_of(disposition: str | None) -> str:
    """Return the file name of a Content-Disposition (RFC 6266), in any of its spellings.

    Raises InvalidArgument where there is none.
    """
    message = Message()
    if disposition:
        message["Content-Disposition"] = disposition
    name = message.get_filename()
    if not name:
        raise InvalidArgument(
            "the request names no file",
            hint='Send the header Content-Disposition: attachment; filename="takeout-001.zip".',
        )
    return name
