"""A receipt as 80-column text. Source: docs/rules.md, *Documents*."""

from datetime import UTC, datetime

from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.receivables.payments import METHODS, Payment
from netbill_tui.text import cut, right, visible, wrapped

WIDTH = 80


def receipt_text(payment: Payment, company: str, currency: str, *, copy: bool = False, demo: bool = False) -> str:
    """The receipt. A reprint says COPY, a demo book DEMO; a payment that was taken back says so first."""
    row = payment.row

    def money(minor: int) -> str:
        return right(format_amount(minor, currency), 16)

    def pair(words: str, value: str) -> list[str]:
        head = f"  {cut(words + ' ', 18).replace('  ', ' .')[:18]} "
        first, *rest = wrapped(visible(value), WIDTH - 21)
        return [head + first, *(" " * 21 + part for part in rest)]

    marks = " ".join(m for m, on in (("DEMO", demo), ("COPY", copy)) if on)
    first, *rest = wrapped(visible(company), WIDTH - 20)
    lines = [cut(first, WIDTH - 20) + right(marks, 20), *rest, "", f"RECEIPT {row.receipt}", ""]
    if row.state in ("returned", "reversed"):
        lines += [*wrapped(f"*** {row.state.upper()} on {payment.event_date}: {visible(payment.event_reason)} ***", WIDTH), ""]
    lines += [
        *pair("Account", f"{row.account}  {row.name}"),
        *pair("Received", row.date),
        *pair("Method", METHODS[row.method][0] + (f"  {row.reference}" if row.reference else "")),
    ]
    if payment.tendered is not None:
        tendered = format_amount(payment.tendered, currency)
        lines += pair("Tendered", f"{tendered}  change {format_amount(payment.change, currency)}")
    lines += ["", "-" * WIDTH, f"{'Applied to':<62}{right(currency, 16)}", "-" * WIDTH]
    lines += [cut(f"  {s.invoice}", 62) + money(s.amount) for s in payment.allocated]
    lines.append(cut("  on account (credit)", 62) + money(payment.unapplied))
    lines += [
        "-" * WIDTH,
        cut("AMOUNT RECEIVED", 62) + money(row.amount),
        cut("Balance after", 62) + money(payment.balance),
        "",
    ]
    at = datetime.fromtimestamp(payment.recorded_at // 1_000_000, UTC)
    lines.append(f"Taken by {visible(payment.operator)}, recorded {at:%Y-%m-%d %H:%M} UTC")
    return "\n".join(line.rstrip() for line in lines) + "\n"
