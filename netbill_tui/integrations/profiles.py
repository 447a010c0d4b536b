"""Import profiles: which column of somebody's CSV is which field, how its dates and amounts are written."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from netbill_tui.errors import InvalidInput
from netbill_tui.text import visible

CUSTOMER_FIELDS = (
    "account", "name", "kind", "status", "since", "terms_days", "town", "postcode", "plan", "paperless", "method",
    "street", "email", "phone", "tax_id", "birth_date", "bank_account", "credit_score", "pin",
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
)
PLAIN_INVOICE_FIELDS = ("account", "number", "issued", "due", "amount", "disputed", "name", "paperless")
PAYMENT_FIELDS = ("account", "received", "amount", "method", "reference", "number", "invoice", "note")
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
        decimal: The one decimal mark of its amounts.
    """

    kind: str
    columns: dict[str, tuple[str, ...]]
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    date_format: str = "%Y-%m-%d"
    decimal: str = "."
    name: str = ""
    service: ServiceColumns | None = None


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
    _only(raw, ("kind", "file", "columns", "values", "defaults", "service"), "at the top")
    kind = raw.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise InvalidInput(f"kind is {kind!r}; write one of {', '.join(KINDS)}.")
    known, needed = KINDS[kind]
    columns = _table(raw, "columns")
    _only(columns, known, "in [columns]")
    for wanted in needed:
        if wanted not in columns:
            raise InvalidInput(f'[columns] lacks {wanted}; write {wanted} = "the column\'s name".')
    values, defaults = _table(raw, "values"), _table(raw, "defaults")
    _only(values, known, "in [values]")
    _only(defaults, known, "in [defaults]")
    file = _table(raw, "file")
    _only(file, ("encoding", "delimiter", "date", "decimal"), "in [file]")
    return Profile(
        kind,
        {f: _columns(f, c) for f, c in columns.items()},
        {f: {str(k): str(v) for k, v in _table(values, f).items()} for f in values},
        {f: str(v) for f, v in defaults.items()},
        _encoding(file.get("encoding", "utf-8")),
        _one_char(file, "delimiter", ","),
        _date_format(str(file.get("date", "YYYY-MM-DD"))),
        _one_char(file, "decimal", "."),
        name,
        _service(_table(raw, "service"), kind) if "service" in raw else None,
    )


def _service(raw: dict[str, Any], kind: str) -> ServiceColumns:
    """The service of each customer: bundle, name, price and tenure columns, and its parts."""
    _only(raw, ("bundle", "name", "price", "tenure", "parts"), "in [service]")
    if kind != "customers":
        raise InvalidInput("[service] belongs to a profile of customers; services of their own are kind services.")
    for wanted in ("bundle", "price", "tenure"):
        if not isinstance(raw.get(wanted), str) or not raw[wanted]:
            raise InvalidInput(f"[service] lacks {wanted}.")
    parts = []
    for code, one in _table(raw, "parts").items():
        if not isinstance(one, dict):
            raise InvalidInput(f'[service.parts] {code} is not a table; write {code} = {{column = "...", values = ["Yes"]}}.')
        _only(one, ("name", "category", "weight", "column", "values"), f"in [service.parts] {code}")
        weight, values = one.get("weight", 1), one.get("values", ["Yes"])
        if not isinstance(weight, int) or weight < 0 or not isinstance(values, list) or not isinstance(one.get("column"), str):
            raise InvalidInput(f"[service.parts] {code} needs a column, values and a weight that is a whole number.")
        told = tuple(str(v) for v in values)
        parts.append(
            ServicePart(code, str(one.get("name", code)), str(one.get("category", "internet")), weight, one["column"], told)
        )
    if not parts:
        raise InvalidInput("[service] has no parts; write [service.parts].")
    return ServiceColumns(raw["bundle"], str(raw.get("name", raw["bundle"])), raw["price"], raw["tenure"], tuple(parts))


def _table(raw: dict[str, Any], key: str) -> dict[str, Any]:
    found = raw.get(key, {})
    if not isinstance(found, dict):
        raise InvalidInput(f"{key} is not a table; write [{key}].")
    return found


def _only(raw: dict[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in raw:
        if key not in known:
            import difflib

            near = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
            raise InvalidInput(f"{visible(key)[:40]!r} {where} is unknown; {hint}")


def _columns(name: str, value: Any) -> tuple[str, ...]:
    made = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else ()
    if not made or not all(isinstance(c, str) and c for c in made):
        raise InvalidInput(f"[columns] {name} is not a column; write its name in quotes, or a list of names.")
    return made


def _encoding(value: Any) -> str:
    import codecs

    try:
        found = codecs.lookup(str(value)).name
    except (LookupError, ValueError):
        found = ""
    # Only encodings that read a file byte by byte: a row that does not fit can then be told from the others.
    if not found.startswith(("utf-8", "ascii", "iso8859", "cp125", "cp437", "cp85", "koi8")):
        raise InvalidInput(f"[file] encoding {value!r} is unknown; write utf-8 or latin-1.")
    return "utf-8-sig" if found == "utf-8" else found


def _one_char(file: dict[str, Any], key: str, default: str) -> str:
    value = file.get(key, default)
    if not isinstance(value, str) or len(value) != 1 or (key == "decimal" and value not in ".,"):
        raise InvalidInput(f"[file] {key} is {value!r}; write one character such as {default!r}.")
    return value


def _date_format(pattern: str) -> str:
    made = pattern
    for part, code in _DATE_PARTS.items():
        made = made.replace(part, code, 1)
    if sorted(c for c in made if c.isalpha()) not in (["Y", "d", "m"], ["d", "m", "y"]) or made.count("%") != 3:
        raise InvalidInput(f"[file] date is {pattern!r}; write it with DD, MM and YYYY such as DD/MM/YYYY.")
    return made
