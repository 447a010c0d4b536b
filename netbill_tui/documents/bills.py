"""Bills that are not issued, as text: for quotes and for what the next invoice will be."""

from collections.abc import Sequence

from netbill_tui.billing.billing_run.invoicing import Bill
from netbill_tui.billing.core.money import format_amount
from netbill_tui.text import cut, right


def bills_text(bills: Sequence[Bill], currency: str, *, width: int = 80) -> str:
    """Each bill with its lines, taxes and total, at most `width` columns."""
    lines: list[str] = []
    room = width - 14
    for at, bill in enumerate(bills):
        title = ("First bill", "Following bill")[at] if at < 2 and len(bills) > 1 else "Bill"
        lines.append(f"{title} of {bill.bill_date}, an estimate, not an invoice")
        for line, net in zip(bill.lines, bill.nets, strict=True):
            period = f"{line.first} - {line.end}" if line.first and line.end else ""
            words = cut(f"  {line.text}", room - 26)
            lines.append(f"{words} {cut(period, 24)}{'':1}{right(format_amount(net, currency), 14)}")
        lines.append(cut("  Net", room) + right(format_amount(bill.net, currency), 14))
        for group in bill.groups:
            words = f"  {group.rate.name} on {format_amount(group.base, currency)}"
            lines.append(cut(words, room) + right(format_amount(group.tax, currency), 14))
        lines.append(cut(f"  Total {currency}", room) + right(format_amount(bill.total, currency), 14))
        lines.append("")
    return "\n".join(line.rstrip() for line in lines).rstrip()
