"""Goal 27: invoices as PDF, beside a bare canvas that is given the same operators; and in a file of many pages, how memory grows.

The operators are recorded from what netbill draws (texts, lines, codes), so that both write the same pages; what netbill does
beside them is the setting: words, breaking of lines, joining of letters, places.
"""

import io
import resource
import time
from collections.abc import Callable
from typing import Any

from benchmarks.harness import fact, report
from netbill_tui.billing.receivables.documents import Printed, PrintedLine, PrintedTax, Section, Seller, Served, Since

PART = 250
_RECORDED = ("drawString", "line", "addLiteral", "setFont", "setFillGray", "setStrokeGray", "setDash", "showPage", "_startPage")


def invoice(number: int) -> Printed:
    """An invoice of five lines, no two alike."""
    rated = ("std", "recurring", "S", "20")
    lines = tuple(
        PrintedLine(f"Fibre {number % 97}/{n} Mbit/s", "2026-12-01 - 2027-01-01", "1", 1000 + n, 1000 + n, 200, *rated)
        for n in range(4)
    )
    socket = PrintedLine("Socket", "2026-11-20", "2", 1500, 3000, 600, "std", "one-off", "S", "20")
    served = Served("INT-100", "1M", "advance")
    sections = (Section("recurring", lines, served, f"{number % 180} Mill Road"), Section("one-off", (socket,)))
    net = sum(s.amount for s in sections)
    return Printed(
        kind="invoice", number=f"INV-{number:06}", account=f"C{number:05}", name=f"Smith, John {number}",
        address=(f"{number % 180} Long Lane", f"BA{number % 99} 1AA Bath"),
        seller=Seller("Acme Net", "1 High Street", "Bath BA1 1AA", "GB", "GB123456789", "DE89 3704 0044 0532 0130 00"),
        currency="EUR", bill_date="2026-12-01", issued="2026-12-01", due="2026-12-15", previous=2500,
        since=(Since("2026-11-14", "payment", f"R-{number:06}", "bank", f"RF{number}", -2500),), sections=sections,
        taxes=(PrintedTax("VAT", "S", "20", net, net // 5, ""),), net=net, tax=net // 5, total=net + net // 5,
        due_now=net + net // 5,
    )  # fmt: skip


def _recorded(documents: list[Printed]) -> list[tuple[str, tuple[Any, ...]]]:
    """What a canvas is told for these documents."""
    from reportlab.pdfgen.canvas import Canvas

    from netbill_tui.documents.pdf import invoices_pdf

    told: list[tuple[str, tuple[Any, ...]]] = []
    own = {name: getattr(Canvas, name) for name in _RECORDED}

    def recording(name: str) -> Callable[..., Any]:
        def call(canvas: Any, *args: Any, **more: Any) -> Any:
            told.append((name, args))
            return own[name](canvas, *args, **more)

        return call

    for name in _RECORDED:
        setattr(Canvas, name, recording(name))
    try:
        invoices_pdf(documents, "R")
    finally:
        for name, method in own.items():
            setattr(Canvas, name, method)
    # A foot is drawn on a page that was put by; on a bare canvas it follows its page.
    return [(name, args) for name, args in told if name != "_startPage"]


def _bare(told: list[tuple[str, tuple[Any, ...]]], *, as_it_comes: bool) -> bytes:
    """The same pages; as reportlab comes, it writes them as text, with netbill's setting as bytes."""
    from reportlab import rl_config
    from reportlab.pdfgen.canvas import Canvas

    rl_config.useA85 = int(as_it_comes)

    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(595, 842), invariant=1, initialFontName="DejaVuSans", pageCompression=1)
    for name, args in told:
        getattr(canvas, name)(*args)
    canvas.save()
    return target.getvalue()


def run(sizes: list[int], _: int) -> None:
    """Print the rows of this goal."""
    from netbill_tui.documents.pdf import invoices_pdf

    size = min(max(sizes), 10000)
    parts = [[invoice(n) for n in range(at, min(at + PART, size))] for at in range(0, size, PART)]
    ours = bare = as_bytes = 0.0
    peaks: list[float] = []
    for part in parts:
        told = _recorded(part)
        began = time.perf_counter()
        content = invoices_pdf(part, "R").content
        drawn = time.perf_counter()
        _bare(told, as_it_comes=True)
        between = time.perf_counter()
        same = _bare(told, as_it_comes=False)
        ended = time.perf_counter()
        assert abs(len(content) - len(same)) < len(content) // 5
        ours, bare, as_bytes = ours + drawn - began, bare + between - drawn, as_bytes + ended - between
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    report("27", "an invoice as PDF / the same operators on a bare canvas", f"{size}", ours / size, bare / size, 2.0)
    report("27", "the same, the bare canvas with netbill's setting", f"{size}", ours / size, as_bytes / size, None)
    fact("27", "memory after the last part / after a fifth of them", f"{size}", peaks[-1] / peaks[len(peaks) // 5], "x", 1.1)
