"""Which documents a typed number may stand for. Apart from the rules of billing, which a look at one document does not need."""

from netbill_tui.billing.core import series
from netbill_tui.billing.lookup.search import document_numbers
from netbill_tui.db.core import book
from netbill_tui.usecases.core.session import Session


def numbers_meant(session: Session, text: str) -> list[str]:
    """The numbers of documents, runs and codes that the typed text may stand for, the likeliest first."""
    typed = text.strip()
    own = book.settings(session.db) if typed.isdigit() else {}
    patterns = own.get("invoice_number", series.INVOICES), own.get("credit_number", series.CREDIT_NOTES)
    return document_numbers(typed, patterns, session.date().year)
