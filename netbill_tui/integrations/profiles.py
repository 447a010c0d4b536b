"""Import profiles: which column of somebody's CSV is which field, how its dates and amounts are written."""

import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.values import AmountForm
from netbill_tui.integrations.words import ASK
from netbill_tui.text import visible

CUSTOMER_FIELDS = (
    "account", "name", "kind", "status", "since", "terms_days", "town", "postcode", "plan", "paperless", "method",
    "language", "street", "email", "phone", "tax_id", "birth_date", "bank_account", "credit_score", "pin",
)  # fmt: skip
INVOICE_FIELDS = (
    "account",
    "number",
    "issued",
    "due",
    "amount",
    "settled",
    "disputed",
    "method",
    "reference",
    "name",
    "paperless",
    "state",
    "type",
    "currency",
)
PLAIN_INVOICE_FIELDS = (
    "account", "number", "issued", "due", "amount", "disputed", "name", "paperless", "state", "type", "currency", "paid", "open",
)  # fmt: skip
PAYMENT_FIELDS = (
    "account", "received", "amount", "method", "reference", "number", "invoice", "note", "state", "type", "direction", "currency",
    "refunded",
)  # fmt: skip
SERVICE_FIELDS = (
    "account", "code", "quantity", "start", "end", "cycle", "anchor", "mode", "price", "percent", "price_until", "parts",
    "address",
    "billed_through", "reason",
)  # fmt: skip
# Kind: the fields it knows, and those it cannot do without.
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "customers": (CUSTOMER_FIELDS, ("account",)),
    "settled-invoices": (INVOICE_FIELDS, ("account", "number", "issued", "due", "amount")),
    "invoices": (PLAIN_INVOICE_FIELDS, ("account", "number", "issued", "due", "amount")),
    "payments": (PAYMENT_FIELDS, ("account", "received", "amount")),
    "services": (SERVICE_FIELDS, ("account", "code", "start")),
}
# Fields that are numbers or codes: an apostrophe before a digit was put there by a spreadsheet.
NUMBER_FIELDS = frozenset(
    "account number reference invoice phone postcode tax_id bank_account pin amount price quantity anchor terms_days".split()
)
_QUALIFYING = {
    "currency": "currency ccy curr isocurrency currencycode waehrung wahrung",
    "type": "type transactiontype paymenttype kind documenttype doctype invoicetype",
    "state": "status state result outcome paymentstatus transactionstatus paymentstate invoicestatus",
}
_OF_PAYMENTS = {
    **_QUALIFYING,
    "direction": "direction drcr crdr debitcredit creditdebit sollhaben dc cd",
    "refunded": "amountrefunded refunded refundedamount refundamount refund",
}
_OF_INVOICES = {
    **_QUALIFYING,
    "paid": "paid amountpaid paidamount",
    "open": "open openamount balance balancedue amountdue outstanding",
}


def _by_name(fields: dict[str, str]) -> dict[str, str]:
    return {name: to for to, names in fields.items() for name in names.split()}


# Kind: what a column is called, without signs, that says whether or how an amount counts, and its field.
QUALIFIERS = {
    "payments": _by_name(_OF_PAYMENTS),
    "invoices": _by_name(_OF_INVOICES),
    "settled-invoices": _by_name(_QUALIFYING),
}
_DATE_PARTS = {"DD": "%d", "MM": "%m", "YYYY": "%Y", "YY": "%y"}


@dataclass(frozen=True, slots=True)
class ServicePart:
    """A part of a bundle: taken where the column holds one of the values."""

    code: str
    name: str
    category: str
    weight: int
    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceColumns:
    """What a file of customers tells of each customer's one service: a bundle, its price and how many months it runs."""

    bundle: str
    name: str
    price: str
    tenure: str
    parts: tuple[ServicePart, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """How a file is read.

    Attributes:
        kind: One of KINDS.
        columns: Field: the columns whose values make it, in order.
        values: Field: value in the file: our value.
        defaults: Field: value where the file has none.
        date_format: For strptime.
        amounts: How its amounts are written.
        dates: Field: for strptime, where it differs.
        skip: Lines before the header; None looks for it by its columns.
        only: Column: the values whose rows are taken.
        ignore: Columns that qualify nothing, whatever they are called.
        zone: Of the book that it is read into; a time behind a date is turned into it.
        today: The business date.
    """

    kind: str
    columns: dict[str, tuple[str, ...]]
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    date_format: str = "%Y-%m-%d"
    amounts: AmountForm = AmountForm()
    name: str = ""
    service: ServiceColumns | None = None
    dates: dict[str, str] = field(default_factory=dict)
    skip: int | None = None
    only: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    zone: str = ""
    today: date | None = None

    @property
    def decimal(self) -> str:
        """The one decimal mark of its amounts."""
        return self.amounts.decimal


def read_profile(path: Path) -> Profile:
    """The profile in a TOML file.

    Raises:
        InvalidInput: It is missing or wrong; the sentence names the file, the key and what to write.
    """
    try:
        with path.open("rb") as file:
            raw = tomllib.load(file)
    except OSError as error:
        raise InvalidInput(f"The profile {visible(str(path))} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(f"The profile {visible(str(path))} is not TOML: {visible(str(error))}.") from None
    try:
        return _profile(raw, path.name)
    except InvalidInput as error:
        raise InvalidInput(f"The profile {visible(str(path))}: {error}") from None


def profile_of(toml: str, name: str) -> Profile:
    """The profile in a TOML text."""
    return _profile(tomllib.loads(toml), name)


def _profile(raw: dict[str, Any], name: str) -> Profile:
    _only(raw, ("kind", "file", "columns", "values", "defaults", "service", "dates", "only"), "at the top")
    kind = raw.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise InvalidInput(f"kind is {kind!r}; write one of {', '.join(KINDS)}.")
    known, needed = KINDS[kind]
    columns = _table(raw, "columns")
    _only(columns, known, "in [columns]")
    for name_ in needed:
        if name_ not in columns:
            raise InvalidInput(f'[columns] lacks {name_}; write {name_} = "the column\'s name".')
    values, defaults = _table(raw, "values"), _table(raw, "defaults")
    _only(values, known, "in [values]")
    _only(defaults, known, "in [defaults]")
    file, dates = _table(raw, "file"), _table(raw, "dates")
    _only(file, ("encoding", "delimiter", "date", "decimal", "thousands", "strip", "skip", "ignore"), "in [file]")
    _only(dates, known, "in [dates]")
    mapped = {f: {str(k): str(v) for k, v in _table(values, f).items()} for f in values}
    for name_, words in mapped.items():
        asked = next((theirs for theirs, ours in words.items() if ours == ASK), None)
        if asked is not None:
            raise InvalidInput(
                f'[values.{name_}] {visible(asked)[:40]!r} is still a question; write what it means here instead of "?".'
            )
    only = {c: _strings(f"[only] {c}", v) for c, v in _table(raw, "only").items()}
    return Profile(
        kind, {f: _columns(f, c) for f, c in columns.items()}, mapped, {f: str(v) for f, v in defaults.items()},
        _encoding(file.get("encoding", "utf-8")), _one_char(file, "delimiter", ","),
        _date_format(str(file.get("date", "YYYY-MM-DD"))), _amounts(file), name,
        _service(_table(raw, "service"), kind) if "service" in raw else None,
        {f: _date_format(str(v)) for f, v in dates.items()}, _skip(file), only, _strings("[file] ignore", file.get("ignore", [])),
    )  # fmt: skip


def _amounts(file: dict[str, Any]) -> AmountForm:
    decimal, thousands, strip = _one_char(file, "decimal", "."), file.get("thousands", ""), file.get("strip", "")
    if not isinstance(thousands, str) or len(thousands) > 1 or thousands == decimal or thousands.isalnum():
        raise InvalidInput(f"[file] thousands is {thousands!r}; write the one character between them, or leave it out.")
    if not isinstance(strip, str) or any(c.isdigit() or c in ".,-()" for c in strip):
        raise InvalidInput(f"[file] strip is {strip!r}; write what is taken off amounts, with blanks between, such as '$ USD'.")
    return AmountForm(decimal, thousands, strip)


def _skip(file: dict[str, Any]) -> int | None:
    value = file.get("skip")
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1000):
        raise InvalidInput(f"[file] skip is {value!r}; write how many lines stand before the header, or leave it out.")
    return value


def _strings(where: str, value: Any) -> tuple[str, ...]:
    strings = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else None
    if strings is None or not all(isinstance(v, str) for v in strings):
        raise InvalidInput(f'{where} is {value!r}; write a list of texts such as ["Paid"].')
    return strings


def _service(raw: dict[str, Any], kind: str) -> ServiceColumns:
    """The service of each customer: bundle, name, price and tenure columns, and its parts."""
    _only(raw, ("bundle", "name", "price", "tenure", "parts"), "in [service]")
    if kind != "customers":
        raise InvalidInput("[service] belongs to a profile of customers; for services alone write kind services.")
    for field_ in ("bundle", "price", "tenure"):
        if not isinstance(raw.get(field_), str) or not raw[field_]:
            raise InvalidInput(f"[service] lacks {field_}.")
    parts = []
    for code, part in _table(raw, "parts").items():
        if not isinstance(part, dict):
            raise InvalidInput(f'[service.parts] {code} is not a table; write {code} = {{column = "...", values = ["Yes"]}}.')
        _only(part, ("name", "category", "weight", "column", "values"), f"in [service.parts] {code}")
        weight, values = part.get("weight", 1), part.get("values", ["Yes"])
        if not isinstance(weight, int) or weight < 0 or not isinstance(values, list) or not isinstance(part.get("column"), str):
            raise InvalidInput(f"[service.parts] {code} needs a column, values and a weight that is a whole number.")
        texts = tuple(str(v) for v in values)
        parts.append(
            ServicePart(code, str(part.get("name", code)), str(part.get("category", "internet")), weight, part["column"], texts)
        )
    if not parts:
        raise InvalidInput("[service] has no parts; write [service.parts].")
    return ServiceColumns(raw["bundle"], str(raw.get("name", raw["bundle"])), raw["price"], raw["tenure"], tuple(parts))


def _table(raw: dict[str, Any], key: str) -> dict[str, Any]:
    table = raw.get(key, {})
    if not isinstance(table, dict):
        raise InvalidInput(f"{key} is not a table; write [{key}].")
    return table


def _only(raw: dict[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in raw:
        if key not in known:
            import difflib

            near = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
            raise InvalidInput(f"{visible(key)[:40]!r} {where} is unknown; {hint}")


def _columns(name: str, value: Any) -> tuple[str, ...]:
    columns_ = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else ()
    if not columns_ or not all(isinstance(c, str) and c for c in columns_):
        raise InvalidInput(f"[columns] {name} is not a column; write its name in quotes, or a list of names.")
    return columns_


def _encoding(value: Any) -> str:
    import codecs

    try:
        encoding = codecs.lookup(str(value)).name
    except (LookupError, ValueError):
        encoding = ""
    # Only encodings of text: python knows codecs that read other things.
    if not encoding.startswith((
        "utf-8", "utf-16", "utf-32", "ascii", "iso8859", "cp125", "cp437", "cp85", "cp86", "cp932", "cp949", "cp950", "koi8",
        "mac-",
        "gb", "big5", "shift_jis", "euc",
    )):  # fmt: skip
        raise InvalidInput(f"[file] encoding {value!r} is unknown; write one such as utf-8, cp1252, utf-16 or shift_jis.")
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _one_char(file: dict[str, Any], key: str, default: str) -> str:
    value = file.get(key, default)
    if not isinstance(value, str) or len(value) != 1 or (key == "decimal" and value not in ".,"):
        raise InvalidInput(f"[file] {key} is {value!r}; write one character such as {default!r}.")
    return value


def _date_format(pattern: str) -> str:
    # What stands behind it is a time, which is read by itself.
    pattern = re.split(r"[T\s]+(?=[Hh0-9])", pattern)[0]
    form = pattern
    for part, code in _DATE_PARTS.items():
        form = form.replace(part, code, 1)
    if sorted(c for c in form if c.isalpha()) not in (["Y", "d", "m"], ["d", "m", "y"]) or form.count("%") != 3:
        raise InvalidInput(f"[file] date is {pattern!r}; write it with DD, MM and YYYY such as DD/MM/YYYY.")
    return form
