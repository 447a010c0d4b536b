"""Files read into a desk's book."""

from pathlib import Path

from netbill_tui.integrations.profiles import Profile
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.imports import result as import_result
from tests.conftest import Desk

HEAD = "account,number,issued,due,amount,settled,disputed,method\n"


def profile(**more: object) -> Profile:
    columns = {f: (f,) for f in ("account", "number", "issued", "due", "amount", "settled", "disputed", "method")}
    return Profile("settled-invoices", columns, **more)  # type: ignore[arg-type]


def read(desk: Desk, path: Path, text: str | bytes, how: Profile | None = None, **more: object) -> import_result.Result:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return files.run(desk.session, path, how or profile(), **more)  # type: ignore[arg-type]


def counts(result: import_result.Result) -> tuple[int, int, int, int]:
    return (result.created, result.updated, result.already, len(result.rejected))


def customers_profile() -> Profile:
    names = {"account": "account", "name": "name", "street": "street", "email": "email", "phone": "phone", "tax_id": "tax",
             "bank_account": "iban", "credit_score": "score", "pin": "pin"}  # fmt: skip
    return Profile("customers", {f: (c,) for f, c in names.items()})
