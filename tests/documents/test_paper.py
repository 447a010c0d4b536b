"""Pages of paper, read back by other programs: where the address stands, what stays together, codes, fonts, every word."""

import io
import subprocess
from pathlib import Path

import pytest
from pypdf import PdfReader

from netbill_tui.billing.receivables.documents import PrintedLine, PrintedTax, Section, Since
from netbill_tui.documents.invoice import invoice_text
from netbill_tui.documents.pdf import invoice_pdf, invoices_pdf
from netbill_tui.documents.sheets import SHEETS
from tests.documents.paper import SELLER, printed, program, words_of

Place = tuple[float, float, str]


def places(content: bytes, page: int = 0) -> list[Place]:
    """Left end and height above the foot of the page of each piece of text."""
    read: list[Place] = []

    def visit(text: str, _: object, matrix: list[float], *more: object) -> None:
        if text.strip():
            read.append((matrix[4], matrix[5], text.strip()))

    PdfReader(io.BytesIO(content)).pages[page].extract_text(visitor_text=visit)
    return read


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize(
    "address",
    [
        (),
        ("5 Long Lane", "BA2 3CD Bath"),
        ("A building of a very long name that takes two lines at least in a window, 2nd floor", "5 Long Lane", "BA2 3CD Bath"),
    ],
)
def test_the_address_stands_in_the_window_of_an_envelope(paper: str, address: tuple[str, ...]):
    sheet = SHEETS[paper]
    content = invoice_pdf(printed(paper=paper, address=address)).content
    left, top, right, bottom = sheet.window
    inside = [text for x, y, text in places(content) if sheet.height - bottom <= y <= sheet.height - top and x < right]
    assert inside[0] == "Smith, Zoë"
    assert " ".join(inside[1:]) == " ".join(address)
    assert all(x >= left - 0.01 for x, y, text in places(content) if text in inside)
    page = PdfReader(io.BytesIO(content)).pages[0].mediabox
    assert (round(float(page.width)), round(float(page.height))) == {"A4": (595, 842), "Letter": (612, 792)}[paper]


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("large", [False, True])
def test_the_sums_never_stand_alone_on_a_page_however_many_lines_there_are(paper: str, large: bool):
    for lines in [*range(1, 60), 400]:
        texts = [
            p.extract_text() for p in PdfReader(io.BytesIO(invoice_pdf(printed(lines, paper=paper, large=large)).content)).pages
        ]
        last = [n for n, text in enumerate(texts) if "Total of this invoice" in text]
        assert last == [len(texts) - 1], lines
        for needed in (f"Line-{lines}\n", "Net", "VAT, 20 %", "BALANCE DUE", "Please send this part"):
            assert needed in texts[-1], (lines, needed)
        assert sum(text.count("\nLine-") for text in texts) == lines
        assert [f"page {n} of {len(texts)}" in text for n, text in enumerate(texts, 1)] == [True] * len(texts)


def test_a_section_never_ends_a_page_with_its_name_alone():
    for lines in range(15, 40):
        rows = printed(lines).sections[0].lines
        more = Section("one-off", (PrintedLine("Socket", "", "1", 1000, 1000, 200, "std", "one-off", "S", "20"),))
        content = invoice_pdf(printed(lines, sections=(printed(lines).sections[0]._replace(lines=rows), more))).content
        texts = [p.extract_text() for p in PdfReader(io.BytesIO(content)).pages]
        assert [("One-time charges" in t) == ("Socket" in t) for t in texts] == [True] * len(texts)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_word_is_found_in_its_order_and_a_long_reference_whole(language: str, tmp_path: Path):
    reference = "RF" + "18X0" * 50
    document = printed(2, language=language)
    document = document._replace(since=(document.since[0]._replace(text=reference), *document.since))
    text = words_of(invoice_pdf(document).content, tmp_path, "-raw")
    assert reference in text.split()
    at = 0
    for words in [
        SELLER.name, "1 High Street", "Smith, Zoë", "5 Long Lane", "BA2 3CD Bath", "INV-000123", reference, "RF18 7989 575",
        "INT-100", "7 Mill Road", "Line-1", "Line-2", "VAT, 20 %", "C10234", "Pay at any store with this page.",
    ]:  # fmt: skip
        found = text.find(words, at)
        assert found >= 0, words
        at = found
    for words in invoice_text(document).split():
        assert words.strip("*-") in text.replace("\n", " ") or words.strip("*").startswith("NB1") or words[:2] == "RF", words


def test_every_font_is_in_the_file_and_the_file_is_sound(tmp_path: Path):
    content = invoice_pdf(printed(80, language="fr")).content
    fonts = {
        name: font.get_object()["/FontDescriptor"].get_object()
        for page in PdfReader(io.BytesIO(content)).pages
        for name, font in page["/Resources"]["/Font"].items()
    }
    assert fonts
    assert ["/FontFile2" in descriptor for descriptor in fonts.values()] == [True] * len(fonts)
    (tmp_path / "i.pdf").write_bytes(content)
    done = subprocess.run([program("qpdf", "qpdf"), "--check", str(tmp_path / "i.pdf")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_scanners_read_the_codes_of_the_coupon(paper: str, currency: str, tmp_path: Path):
    document = printed(3, paper=paper, currency=currency, number="2026/12-00077")
    (tmp_path / "i.pdf").write_bytes(invoice_pdf(document).content)
    subprocess.run(
        [program("pdftoppm", "poppler-utils"), "-r", "150", "-png", str(tmp_path / "i.pdf"), str(tmp_path / "i")], check=True
    )
    (picture,) = tmp_path.glob("i*.png")
    read = subprocess.run(
        [program("zbarimg", "zbar-tools"), "-q", "--nodbus", str(picture)], capture_output=True, text=True
    ).stdout  # fmt: skip
    bars = f"NB1*C10234*2026/12-00077*{document.due_now}"
    assert f"CODE-128:{bars}" in read
    if currency == "EUR":
        assert (
            f"QR-Code:BCD\n002\n1\nSCT\n\nAcme Net\nDE89370400440532013000\nEUR{document.due_now / 100:.2f}\n\n\n2026/12-00077"
            in read
        )
    else:
        assert f"QR-Code:{bars}" in read


def test_what_the_bars_say_stands_beside_them_where_they_would_be_too_fine():
    document = printed(1, number="N" * 60, account="A" * 40)
    text = PdfReader(io.BytesIO(invoice_pdf(document).content)).pages[0].extract_text()
    assert document.scanned in text


def test_what_is_not_owed_has_no_coupon_and_signs_from_outside_are_seen():
    text = PdfReader(io.BytesIO(invoice_pdf(printed(1, due_now=-500, name="A\x1b[2J\u202eB")).content)).pages[0].extract_text()
    assert "Nothing is to be paid." in text
    assert "Please send" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_what_is_longer_than_a_page_begins_where_it_is_and_the_total_stands_below_a_tax():
    taxes = tuple(PrintedTax(f"Tax {n}", "S", "1", 100, 1, "") for n in range(70))
    since = tuple(Since("2026-11-14", "payment", f"R-{n}", "bank", f"Paid-{n}", -1) for n in range(90))
    content = invoice_pdf(printed(2, taxes=taxes, since=since)).content
    texts = [p.extract_text() for p in PdfReader(io.BytesIO(content)).pages]
    assert "Paid-0" in texts[0]
    assert sum(text.count("Paid-") for text in texts) == 90
    last = next(text for text in texts if "Total of this invoice" in text)
    assert "Tax 69" in last


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_long_names_stay_in_their_places(paper: str):
    long = "Stadtwerke Musterhausen Telekommunikationsgesellschaft mbH & Co. KG"
    seller = SELLER._replace(name=long * 2, street="Straße des Siebzehnten Juni 111", town="01234 Musterhausen an der Brücke")
    sheet = SHEETS[paper]
    drawn = invoice_pdf(printed(1, paper=paper, seller=seller, name="W" * 300, address=("M" * 200, "W" * 80))).content
    rows = next(y for _, y, text in places(drawn) if "Previous balance" in text)
    inside = [y for x, y, text in places(drawn) if set(text) <= {"W", "M"}]
    assert min(inside) > rows + 20
    facts = next(y for _, y, text in places(drawn) if text == "INVOICE")
    above = [y for x, y, text in places(drawn) if "Musterhausen" in text and y > sheet.height - sheet.facts[1]]
    assert min(above) > facts
    assert all(x < sheet.window[2] for x, y, text in places(drawn) if y > rows + 20 and set(text) <= {"W", "M"})


def test_the_text_and_the_page_say_the_same_of_what_is_not_owed():
    for due in (-500, 0):
        text = invoice_text(printed(1, due_now=due))
        assert "Nothing is to be paid." in text
        assert "BALANCE DUE" not in text
        assert "NB1*" not in text


def test_many_documents_make_one_file_each_with_its_own_pages():
    content = invoices_pdf(
        [printed(60, number="A-1"), printed(1, number="A-2", language="de"), printed(1, number="A-3")], "R"
    ).content
    texts = [p.extract_text() for p in PdfReader(io.BytesIO(content)).pages]
    assert [next(n for n in ("A-1", "A-2", "A-3") if n in t) for t in texts] == ["A-1", "A-1", "A-2", "A-3"]
    assert "page 2 of 2" in texts[1]
    assert "Seite 1 von 1" in texts[2]
    assert (
        content
        == invoices_pdf(
            [printed(60, number="A-1"), printed(1, number="A-2", language="de"), printed(1, number="A-3")], "R"
        ).content
    )


def test_large_print_is_larger_where_it_is_read():
    def sizes(content: bytes) -> dict[str, float]:
        read: dict[str, float] = {}

        def visit(text: str, _: object, matrix: list[float], font: object, size: float) -> None:
            read[text.strip()] = size

        PdfReader(io.BytesIO(content)).pages[0].extract_text(visitor_text=visit)
        return read

    small, large = (sizes(invoice_pdf(printed(1, large=one)).content) for one in (False, True))
    for words in ("Line-1", "Previous balance", "INT-100, monthly in advance"):
        assert large[words] >= 1.5 * small[words] >= 13
