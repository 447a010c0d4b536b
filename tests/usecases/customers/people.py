"""A customer with every sealed field, each a value that is looked for where it must not be."""

from tests.conftest import Desk

CANARIES = {"tax_id": "DE555444333", "birth_date": "1971-05-17", "bank_account": "GB82WEST12345698765432", "credit_score": "647321",
            "pin": "90817263"}  # fmt: skip
STREET, EMAIL, PHONE = "Canary Row 77", "canary.bird@example.org", "+44 20 7946 0199"


def person(desk: Desk, account: str = "C1", **more: object) -> str:
    given = {"street": STREET, "emails": (EMAIL,), "phones": (PHONE,), "profile": tuple(CANARIES.items()), **more}
    return desk.customer(account, "O'Brien, Zoë", town="Northfield", postcode="NF1 2", **given)
