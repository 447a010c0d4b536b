"""The patterns by which documents are numbered where the book has none of its own."""

from typing import Final

INVOICES: Final = "INV-{seq:06}"
CREDIT_NOTES: Final = "CN-{seq:06}"
