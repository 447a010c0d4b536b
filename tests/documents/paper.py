"""Documents as they are given to the pages, and programs that read what came of them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from netbill_tui.billing.receivables.documents import Printed, PrintedLine, PrintedTax, Section, Seller, Served, Since

SELLER = Seller("Acme Net", "1 High Street", "Bath BA1 1AA", "GB", "GB123456789", "DE89 3704 0044 0532 0130 00")


def printed(lines: int = 3, **more: object) -> Printed:
    """An invoice with so many lines, each of them named by its number."""
    rows = tuple(
        PrintedLine(f"Line-{n}", "2026-12-01 - 2027-01-01", "1", 1000, 1000, 200, "std", "recurring", "S", "20")
        for n in range(1, lines + 1)
    )
    net, tax = 1000 * lines, 200 * lines
    since = (Since("2026-11-14", "payment", "R-10001", "bank", "RF18 7989 575", -500),)
    document = Printed(
        kind="invoice", number="INV-000123", account="C10234", name="Smith, Zoë", address=("5 Long Lane", "BA2 3CD Bath"),
        seller=SELLER, currency="EUR", bill_date="2026-12-01", issued="2026-12-01", due="2026-12-15", previous=2500, since=since,
        sections=(Section("recurring", rows, Served("INT-100", "1M", "advance"), "7 Mill Road"),),
        taxes=(PrintedTax("VAT", "S", "20", net, tax, ""),), net=net, tax=tax, total=net + tax, due_now=2000 + net + tax,
        instructions="Pay at any store with this page.",
    )  # fmt: skip
    return document._replace(**more)


def program(name: str, package: str) -> str:
    """The path of a program that looks at a document; its absence skips a test, but never where CI runs."""
    path = shutil.which(name)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not here; .ci/run installs {package}")
        pytest.skip(f"{name} is not installed: apt install {package}")
    return path


def words_of(content: bytes, tmp_path: Path, *options: str) -> str:
    """The text of a PDF as another program reads it."""
    file = tmp_path / "read.pdf"
    file.write_bytes(content)
    tool = program("pdftotext", "poppler-utils")
    return subprocess.run([tool, *options, str(file), "-"], check=True, capture_output=True, text=True).stdout
