"""The logo of the letterhead: a PNG kept in the book, so that every desk prints the same, and a reprint the one of then."""

import struct
import zlib
from importlib.util import find_spec

from netbill_tui.errors import InvalidInput
from netbill_tui.text import visible
from netbill_tui.usecases.audit import exports
from netbill_tui.usecases.core.session import Session

MOST_BYTES, MOST_POINTS = 256 * 1024, 4_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
NONE = ("", "0", "none")


def read(session: Session, typed: str) -> bytes:
    """The picture in a file.

    Raises:
        InvalidInput: It cannot be read, is too large, or is no PNG that is whole.
    """
    path = exports.place(session, typed.strip())
    name = visible(str(path))[:60]
    try:
        if not path.is_file():
            raise InvalidInput(f"{name} is no file; type the path of a PNG.")
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InvalidInput(f"{name} has {size // 1024} KiB; a logo has at most {MOST_BYTES // 1024} KiB. Save it smaller.")
        content = path.read_bytes()[: MOST_BYTES + 1]
    except OSError as error:
        raise InvalidInput(f"{name} cannot be read: {error.strerror}.") from None
    _check(content, name)
    if find_spec("reportlab") is not None:
        from netbill_tui.documents.pages import can_draw

        # In the book it would stand on documents that are printed for years.
        if not can_draw(content):
            raise InvalidInput(f"{name} is damaged: it cannot be drawn; save the logo as PNG once more.")
    return content


def _check(content: bytes, name: str) -> None:
    """Refuse what is no PNG, is cut short, or would be too large on its way to paper."""
    if not content.startswith(_PNG):
        raise InvalidInput(f"{name} is no PNG; save the logo as PNG.")
    at, kinds = len(_PNG), list[bytes]()
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        checksum = content[at + 8 + length : at + 12 + length]
        if len(checksum) < 4 or zlib.crc32(kind + data) != struct.unpack(">I", checksum)[0]:
            break
        if kind == b"IHDR":
            width, height = struct.unpack_from(">II", data) if length >= 8 else (0, 0)
            if not 0 < width * height <= MOST_POINTS:
                raise InvalidInput(
                    f"{name} has {width} x {height} points; a logo has at most {MOST_POINTS} in all. Save it smaller."
                )
        kinds.append(kind)
        at += 12 + length
        if kind == b"IEND":
            break
    if kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"] or b"IDAT" not in kinds:
        raise InvalidInput(f"{name} is damaged or cut short; save the logo as PNG once more.")
