"""The logo of the letterhead: a PNG of a sensible size, kept in the book; documents keep the one they had."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from netbill_tui.documents.pdf import invoice_pdf
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.catalogue import rules
from netbill_tui.usecases.receivables import credit_parts, documents, paper
from tests.conftest import Desk, sound
from tests.documents.paper import printed
from tests.usecases.billing_run.shop import bill, serve, shop


def png(width: int, height: int, colour: str = "navy") -> bytes:
    target = io.BytesIO()
    Image.new("RGBA", (width, height), colour).save(target, "PNG")
    return target.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def logo_of(desk: Desk, number: str) -> bytes:
    return documents.of_invoice(desk.session, credit_parts.invoice(desk.session, number), look=True).logo


def test_a_document_keeps_the_logo_that_it_was_posted_with(desk: Desk, tmp_path: Path):
    d = shop(desk)
    serve(d)
    bill(d, "2026-09-01")
    first, second = png(400, 100), png(50, 200, "red")
    for day, content in (("2026-10-01", first), ("2026-11-01", second)):
        (tmp_path / "logo.png").write_bytes(content)
        rules.set_rule(d.session, "logo", str(tmp_path / "logo.png"))
        bill(d, day)
    rules.set_rule(d.session, "logo", "none")
    (tmp_path / "logo.png").unlink()
    assert [logo_of(d, f"INV-00000{n}") for n in (1, 2, 3)] == [b"", first, second]
    drawn = invoice_pdf(documents.of_invoice(d.session, credit_parts.invoice(d.session, "INV-000003"), look=True))
    assert b"/Subtype /Image" in drawn.content
    assert b"/Subtype /Image" not in paper.paper(d.session, paper.STATEMENT, "C1", pdf=True).content
    sound(d)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"GIF89a" + bytes(40), "is no PNG"), (png(10, 10)[:-20], "is damaged or cut short"),
        (png(10, 10)[:40] + b"\x00" + png(10, 10)[41:], "is damaged or cut short"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 6, 0, 0, 0)), "has 60000 x 60000 points"),
        (b"", "is no PNG"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 6, 0, 0, 0)) + chunk(b"IDAT", b"garbage")
         + chunk(b"IEND", b""), "is damaged: it cannot be drawn"),
    ],
)  # fmt: skip
def test_what_is_no_logo_is_said_in_a_sentence_and_changes_nothing(desk: Desk, tmp_path: Path, content: bytes, says: str):
    (tmp_path / "logo.png").write_bytes(content)
    with pytest.raises(InvalidInput, match=says):
        rules.set_rule(desk.session, "logo", str(tmp_path / "logo.png"))
    assert rules.rules(desk.session).logo == 0
    assert desk.column("select count(*) from picture") == [0]


def test_fifty_megabytes_are_not_read(desk: Desk, tmp_path: Path):
    with (tmp_path / "logo.png").open("wb") as file:
        file.write(png(10, 10))
        file.truncate(50 << 20)
    with pytest.raises(InvalidInput, match="has 51200 KiB; a logo has at most 256 KiB"):
        rules.set_rule(desk.session, "logo", str(tmp_path / "logo.png"))
    with pytest.raises(InvalidInput, match="is no file"):
        rules.set_rule(desk.session, "logo", str(tmp_path))
    with pytest.raises(InvalidInput, match="is no file"):
        rules.set_rule(desk.session, "logo", str(tmp_path / "nothing.png"))


def test_a_logo_that_cannot_be_drawn_does_not_keep_its_document_from_being_printed():
    assert invoice_pdf(printed(1, logo=b"no picture")).content.startswith(b"%PDF-")
