"""Contact data of a customer."""

import pytest

from netbill_tui.billing.customers.phones import (
    check_email,
    check_phone,
    normal_email,
    normal_tax_id,
    short_phone,
)
from netbill_tui.errors import InvalidInput
from netbill_tui.identifiers import iban_is_valid


def test_contact_data_is_checked_and_normalised():
    assert normal_email(" Anna+Bill@EXAMPLE.org ") == "anna+bill@example.org"
    assert normal_email("a@bücher.example") == "a@xn--bcher-kva.example"
    assert normal_tax_id("de 123.456-789") == "DE123456789"
    assert short_phone("+44 20 7946 0199") == "+44 20..0199"
    assert iban_is_valid("GB82 WEST 1234 5698 7654 32")
    assert not iban_is_valid("GB83 WEST 1234 5698 7654 32")
    for wrong in ("no-at", "a@b", "a b@c.de", "@c.de"):
        with pytest.raises(InvalidInput):
            check_email(wrong)
    for wrong in ("abc", "123", "1" * 21):
        with pytest.raises(InvalidInput):
            check_phone(wrong)
