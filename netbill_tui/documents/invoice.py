"""An invoice or credit note as 80-column text, in the shape of a provider's bill."""

from netbill_tui.billing.receivables.documents import Printed, PrintedLine, PrintedTax
from netbill_tui.documents.words import Words, words
from netbill_tui.text import cut, right, visible, wrapped

WIDTH = 80
_AMOUNT = 14


def invoice_text(printed: Printed) -> str:
    """Head, previous balance and payments, a section per service, taxes, total, due date, coupon."""
    say = words(printed.language)
    lines = [
        *_head(printed, say),
        *_account(printed, say),
        *_body(printed, say),
        *_sums(printed, say),
        *_coupon(printed, say),
    ]
    return "\n".join(line.rstrip() for line in lines)


def _row(say: Words, printed: Printed, text: str, amount: int, indent: int = 2) -> list[str]:
    """Words, wrapped where they are long, and the amount at the edge of their last line."""
    *before, last = wrapped(visible(text), WIDTH - _AMOUNT - indent)
    blank = " " * indent
    amount_text = right(say.amount(amount, printed.currency), _AMOUNT)
    return [*(blank + line for line in before), cut(blank + last, WIDTH - _AMOUNT) + amount_text]


def _beside(left: list[str], facts: list[str], width: int) -> list[str]:
    """Two columns of lines, each wrapped in its own."""
    column = [part for line in left if line for part in wrapped(visible(line), width - 2)]
    other = [part for line in facts for part in wrapped(visible(line), WIDTH - width)]
    rows = max(len(column), len(other))
    column += [""] * (rows - len(column))
    other += [""] * (rows - len(other))
    return [cut(a, width) + b for a, b in zip(column, other, strict=True)]


def marked(printed: Printed, say: Words) -> str:
    """The name of the document with what must be said of this print of it."""
    marks = [say(name) for name, on in (("copy", printed.copy), ("demo", printed.demo)) if on]
    return " - ".join([say(KIND[printed.kind]).upper(), *marks])


# The kinds of documents by their names in the files of words.
KIND = {"invoice": "invoice", "credit note": "credit-note"}


def facts_of(printed: Printed, say: Words) -> list[tuple[str, str]]:
    """What the head names: number, day, account, due date."""
    facts = [
        (say("number"), printed.number),
        (say("issued"), say.date(printed.issued)),
        (say("account"), printed.account),
    ]
    return [*facts, (say("due"), say.date(printed.due))] if printed.kind == "invoice" else facts


def _head(printed: Printed, say: Words) -> list[str]:
    seller = printed.seller
    left = [seller.name, seller.street, seller.town, f"{say('tax-id')} {seller.tax_id}" if seller.tax_id else ""]
    named = facts_of(printed, say)
    room = max(len(name) for name, _ in named) + 1
    facts = [marked(printed, say), *(f"{name:<{room}} {value}" for name, value in named)]
    address = (printed.name or say("no-name"), *printed.address)
    to = [part for line in address for part in wrapped(visible(line), WIDTH)]
    return [*_beside(left, facts, 44), "", *to, ""]


def _account(printed: Printed, say: Words) -> list[str]:
    if printed.kind != "invoice":
        return [*wrapped(visible(say("takes-back", what=printed.refers)), WIDTH), ""] if printed.refers else []
    lines = _row(say, printed, say("previous-balance"), printed.previous, 0)
    for came in printed.since:
        lines += _row(say, printed, f"{say.date(came.day)}  {say.since(came)}", came.amount)
    return [*lines, ""]


def _body(printed: Printed, say: Words) -> list[str]:
    lines: list[str] = []
    room = WIDTH - _AMOUNT - 25
    for section in printed.sections:
        if section.is_charged:
            lines += _row(say, printed, say.title(section), section.amount, 0)
        else:
            lines.append(visible(say.title(section)))
        if section.place:
            lines += [f"  {part}" for part in wrapped(visible(say("service-at", place=section.place)), WIDTH - 4)]
        for line in section.lines:
            if not line.is_charged:
                lines += [f"  {part}" for part in wrapped(visible(line_words(line, say)), WIDTH - 4)]
                continue
            first, *rest = wrapped(visible(line_words(line, say)), room - 2)
            amount = right(say.amount(line.amount, printed.currency), _AMOUNT)
            lines.append(f"{cut('  ' + first, room)} {cut(say.period(line.period), 24)}{amount}")
            lines += [f"  {part}" for part in rest]
    return lines


def line_words(line: PrintedLine, say: Words) -> str:
    """What a line says, with how many there are; of a discount that it had, what was taken off."""
    if line.kind == "less":
        return f"  {say('less', what=line.text)}"
    return f"{line.text} x {say.number(line.quantity)}" if line.quantity not in ("1", "") else line.text


def tax_words(tax: PrintedTax, printed: Printed, say: Words) -> str:
    """What a tax is and what it is taken of."""
    base = say.amount(tax.base, printed.currency)
    words_ = say("tax", name=tax.name, percent=say.number(tax.percent), base=base)
    return f"{words_} ({tax.reason})" if tax.reason else words_


def due_words(printed: Printed, say: Words) -> str:
    """What the last row says: what is to be paid until when, or that nothing is."""
    return say("balance-due", date=say.date(printed.due)) if printed.due_now > 0 else say("nothing-due")


def _sums(printed: Printed, say: Words) -> list[str]:
    lines = ["", *_row(say, printed, say("net"), printed.net, 0)]
    for t in printed.taxes:
        lines += _row(say, printed, tax_words(t, printed, say), t.tax)
    return [*lines, *_row(say, printed, f"{say('total-' + KIND[printed.kind])} {printed.currency}", printed.total, 0)]


def _coupon(printed: Printed, say: Words) -> list[str]:
    if printed.kind != "invoice":
        return []
    lines = _row(say, printed, due_words(printed, say), printed.due_now, 0)
    if printed.due_now <= 0:
        return lines
    lines += [part for part in wrapped(visible(printed.instructions), WIDTH) if part]
    lines += ["", "- " * (WIDTH // 2)]
    facts = f"{say('account')} {printed.account}  {say('invoice')} {printed.number}"
    lines += [*_row(say, printed, facts, printed.due_now, 0), f"*{printed.scanned}*"]
    if printed.seller.iban:
        payable = say("payable", name=printed.seller.name, iban=printed.seller.iban, number=printed.number)
        lines += wrapped(visible(payable), WIDTH)
    return lines
