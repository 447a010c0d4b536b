"""What building a book and posting cost: figures, no goal of this release."""

import time

from benchmarks.harness import book, fact
from netbill_tui.billing.receivables.payments import PaymentRequest
from netbill_tui.usecases.access import sign_in
from netbill_tui.usecases.core import demo_key
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.receivables import payments


def run(sizes: list[int], times: int) -> None:
    """Print the rows."""
    for size in sizes:
        target = book(size)
        session = open_book(target)
        sign_in.sign_in_with_bundle(session, "demo", demo_key.key_file(target))
        session.roll()
        taken = []
        for n in range(max(times, 20)):
            request = PaymentRequest(payments.new_request_id(), "C10005", 100 + n, "cash", confirmed="benchmark")
            began = time.perf_counter()
            payments.record(session, request)
            taken.append(time.perf_counter() - began)
        taken.sort()
        fact("-", "posting a payment, p50", f"{size:,}", taken[len(taken) // 2] * 1e3, "ms")
        fact("-", "posting a payment, max", f"{size:,}", taken[-1] * 1e3, "ms")
        session.db.close()
