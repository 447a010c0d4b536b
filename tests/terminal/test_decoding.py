"""What a terminal sends, in pieces, with Alt, or in another encoding."""

import pytest

from netbill_tui.terminal.incoming import Incoming


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([b"\x1b]11;rgb", b":ffff/ffff", b"\x1b\\A"], "A"), ([b"\x1b[?6", b"4;1;2cA"], "A"), ([b"\x1bP1+r544e", b"=787465\x1b", b"\\A"], "A"),
        ([b"a\x1b[", b"B"], "a\x1b[B"), ([b"\x1b[200~AB\x1bPXYZ\x07CD\x1b[201~E"], "\x1b[200~AB\ufffdPXYZ\x07CD\x1b[201~E"),
        ([b"\x1b[200~A\x1b]0;x", b"\x07B\x1b[201~"], "\x1b[200~A\ufffd]0;x\x07B\x1b[201~"), ([b"M\xc3", b"\xbcller"], "Müller"),
        ([b"\xff"], "\ufffd"), ([b"\xc2\x9b31m"], "\ufffd31m"), ([b"plain"], "plain"),
    ],
)  # fmt: skip
def test_what_comes_in_pieces_is_read_as_if_it_came_at_once(pieces: list[bytes], text: str):
    incoming = Incoming("utf-8")
    assert "".join(incoming.text(piece) for piece in pieces) == text
    assert incoming.flush() == ""


def test_alt_and_a_letter_is_heard_when_nothing_follows():
    incoming = Incoming("utf-8")
    assert incoming.text(b"\x1bP") == ""
    assert incoming.flush() == "\x1bP"


def test_a_latin_1_terminal_types_its_letters():
    assert Incoming("iso8859-1").text(b"M\xfcller \x9b") == "Müller \ufffd"
