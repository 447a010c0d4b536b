"""A book with a small catalogue and one customer, made by commands."""

import pytest

from tests.conftest import Run


@pytest.fixture
def shop(netbill: Run) -> Run:
    netbill("init", "--company", "Acme Net", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    netbill("tax", "standard", "20", "--name", "VAT 20 %", check=0)
    for code, price in (("INT-100", "59.99"), ("INT-250", "79.99")):
        netbill("code", code, "--name", code, "--tax-class", "standard", check=0)
        netbill("price", code, price, "--from", "2026-01-01", check=0)
    netbill("new-customer", "Smith, John", "--account", "C1", check=0)
    return netbill
