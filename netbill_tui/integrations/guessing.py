"""Guessing the profile of somebody's CSV from its header and first rows. What cannot be told is asked, not guessed."""

import codecs
import csv
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.profiles import KINDS, Profile, profile_of
from netbill_tui.text import fold, visible

SAMPLE = 500
SHOWN = 5
# Field: what a column is called that holds it, folded, without blanks and signs. The nearest to the point first.
_NAMES: Mapping[str, str] = {
    "account": "account accountno accountnumber accountid acct acctno customerid customerno customernumber custid custno "
               "clientid clientno clientnumber subscriberid kundennummer kundennr client customer",
    "name": "name customername fullname clientname subscriber companyname company contact customer client",
    "kind": "kind customertype type segment", "status": "status state accountstatus",
    "since": "since customersince startdate start joined joindate signup signupdate activated created createdat",
    "terms_days": "termsdays terms paymentterms netdays", "town": "town city ort locality",
    "postcode": "postcode zip zipcode postalcode plz", "plan": "plan package product tariff service internetservice subscription",
    "paperless": "paperless paperlessbilling paperlessbill ebill ebilling", "method": "method paymentmethod paytype paymenttype "
    "tender howpaid", "street": "street address address1 streetaddress addressline1 strasse",
    "email": "email mail emailaddress", "phone": "phone phonenumber telephone tel mobile mobilephone cell telefon",
    "tax_id": "taxid vat vatid vatnumber vatno tin ssn taxnumber", "birth_date": "birthdate dob dateofbirth birthday",
    "bank_account": "bankaccount iban", "credit_score": "creditscore score", "pin": "pin",
    "number": "invoicenumber invoiceno invoiceid invoice billno billnumber documentnumber documentno docno number no id",
    "issued": "issued issuedate invoicedate billdate documentdate date", "due": "due duedate payby dueon",
    "amount": "amount invoiceamount totalamount total sum value grandtotal gross paid amountpaid paymentamount price",
    "settled": "settled settleddate paiddate datepaid paidon cleareddate paymentdate", "disputed": "disputed dispute",
    "reference": "reference ref transactionid transaction txid txnid paymentreference paymentref chequenumber checkno "
                 "checknumber",
    "received": "received receiveddate paymentdate paiddate datepaid paidon valuedate bookingdate date",
    "note": "note notes remark remarks comment comments memo",
}  # fmt: skip
# In a file of payments a number is the payment's own only where it says so; `No` and `ID` count rows.
_OF_PAYMENTS = {
    "number": "receipt receiptno receiptnumber paymentid paymentno paymentnumber",
    "invoice": "invoice invoiceno invoicenumber invoiceid bill billno billnumber",
}
_DATES = ("since", "birth_date", "issued", "due", "settled", "received")
_FORMATS = (
    "YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY", "MM-DD-YYYY", "YYYY/MM/DD", "YYYYMMDD", "DD.MM.YY",
    "DD/MM/YY", "MM/DD/YY",
)  # fmt: skip
_METHODS = (
    ("electronic", "bank"), ("paypal", "paypal"), ("sepa", "debit"), ("debit", "debit"), ("card", "card"), ("visa", "card"),
    ("cash", "cash"), ("cheque", "cheque"), ("check", "cheque"), ("transfer", "bank"), ("bank", "bank"), ("ach", "bank"),
    ("wire", "bank"), ("online", "online"), ("web", "online"),
)  # fmt: skip
_STATUSES = (("act", "active"), ("open", "active"), ("susp", "suspended"), ("block", "suspended"), ("clos", "closed"),
             ("canc", "closed"), ("term", "closed"))  # fmt: skip
_KINDS_OF = (("bus", "business"), ("comp", "business"), ("corp", "business"), ("res", "residential"), ("priv", "residential"),
             ("home", "residential"), ("cons", "residential"))  # fmt: skip
_PAPER = (("paper", "no"), ("post", "no"), ("electr", "yes"), ("mail", "yes"), ("online", "yes"))
_VALUES = {"method": _METHODS, "status": _STATUSES, "kind": _KINDS_OF, "paperless": _PAPER}


class Guess(NamedTuple):
    """What a file seems to hold.

    Attributes:
        profile: How it would be read.
        toml: The same as a file.
        columns: Field, its columns, and the first values of it.
        left: Columns that nothing is taken from.
        missing: Fields that the kind needs and no column was found for.
        doubts: Sentences about what could not be told.
    """

    profile: Profile | None
    toml: str
    kind: str
    columns: list[tuple[str, str, list[str]]]
    left: list[str]
    missing: list[str]
    doubts: list[str]


def guess(path: Path, *, kind: str = "") -> Guess:
    """What the file holds and how it is written.

    Args:
        path: The CSV.
        kind: One of KINDS where it is known.

    Raises:
        InvalidInput: It cannot be read, or is no table with a header.
    """
    if kind and kind not in KINDS:
        raise InvalidInput(f"--kind is {visible(kind)[:30]!r}; type one of {', '.join(KINDS)}.")
    encoding, delimiter, header, rows = _sample(path)
    chosen = kind or _kind(header)
    columns = _match(header, KINDS[chosen][0], {**_NAMES, **(_OF_PAYMENTS if chosen == "payments" else {})})
    values = {f: [_cell(r, header, c) for r in rows] for f, c in columns.items()}
    doubts: list[str] = []
    pattern = _date_format([v for f in _DATES if f in values for v in values[f] if v], doubts)
    decimal = _decimal(values.get("amount", []))
    maps: dict[str, dict[str, str]] = {f: _value_map(f, values[f]) for f in _VALUES if f in values}
    money = [h for h in header if _key(h) in (*_NAMES["amount"].split()[:6], *_NAMES["due"].split())]
    if chosen == "customers" and not kind and (money or set(columns) == {"account"}):
        why = f"it has {visible(', '.join(money))[:60]}" if money else "nothing but an account is taken from it"
        doubts.append(f"It may not hold customers, because {why}; say what it holds with --kind.")
    toml = _toml(chosen, path.name, encoding, delimiter, pattern, decimal, columns, maps)
    missing = [f for f in KINDS[chosen][1] if f not in columns]
    taken = {c for found in columns.values() for c in found}
    shown = [(f, ", ".join(c), values[f][:SHOWN]) for f, c in columns.items()]
    profile = None if missing or doubts else profile_of(toml, path.name)
    return Guess(profile, toml, chosen, shown, [h for h in header if h and h not in taken], missing, doubts)


def _sample(path: Path) -> tuple[str, str, list[str], list[list[str]]]:
    """Encoding, delimiter, header and the first rows."""
    try:
        if not path.is_file():
            raise InvalidInput(f"{visible(str(path))} is no file that can be read twice; give --profile to import it.")
        with path.open("rb") as file:
            raw = file.read(1 << 20)
    except OSError as error:
        raise InvalidInput(f"The file {visible(str(path))} cannot be read: {error.strerror}.") from None
    try:
        # A character that the end of the sample cuts in two is no sign of another encoding.
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(raw, final=len(raw) < 1 << 20)
        encoding = "utf-8"
    except UnicodeDecodeError:
        text, encoding = raw.decode("cp1252", errors="replace"), "cp1252"
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    if not first.count(delimiter):
        raise InvalidInput(f"The file {visible(str(path))} has no header with several columns; its first line must name them.")
    rows = []
    try:
        for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter):
            rows.append([cell.strip() for cell in row])
            if len(rows) > SAMPLE:
                break
    except csv.Error:
        pass  # the import names the line; what was read before it is enough for a guess
    if len(raw) == 1 << 20 and len(rows) <= SAMPLE:
        rows = rows[:-1]
    if not rows:
        raise InvalidInput(f"The file {visible(str(path))} has no header that can be read; give --profile.")
    return encoding, delimiter, rows[0], [r for r in rows[1:] if len(r) == len(rows[0])]


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


def _kind(header: Sequence[str]) -> str:
    """What most of its columns speak of."""
    keys = {_key(h) for h in header}

    def has(field: str) -> bool:
        return any(name in keys for name in _NAMES[field].split())

    if has("due") and has("amount") and has("number"):
        return "settled-invoices" if has("settled") else "invoices"
    if has("amount") and has("received") and not has("due"):
        return "payments"
    return "customers"


def _match(header: Sequence[str], fields: Sequence[str], names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The columns of each field: each column once, the closest name first."""
    by_key = {_key(h): h for h in reversed(header) if h and header.count(h) == 1}
    found: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    wanted = sorted(
        ((at, field, name) for field in fields if field in names for at, name in enumerate(names[field].split())),
        key=lambda one: (one[0], fields.index(one[1])),
    )
    for _, field, name in wanted:
        column = by_key.get(name)
        if column and field not in found and column not in taken:
            found[field] = (column,)
            taken.add(column)
    last, first = by_key.get("lastname") or by_key.get("surname"), by_key.get("firstname") or by_key.get("forename")
    if "name" in fields and "name" not in found and last:
        found["name"] = (last, first) if first else (last,)
    return {field: found[field] for field in fields if field in found}


def _cell(row: Sequence[str], header: Sequence[str], columns: Sequence[str]) -> str:
    return ", ".join(v for v in (row[header.index(c)] for c in columns) if v)


def _date_format(values: Sequence[str], doubts: list[str]) -> str:
    """The one form that every date of the sample has."""
    if not values:
        return "YYYY-MM-DD"
    fits = [f for f in _FORMATS if all(_is_date(v, f) for v in values)]
    if not fits:
        doubts.append(f"No form of a date fits them all, such as {visible(values[0])[:30]!r}; write it into the profile.")
        return "YYYY-MM-DD"
    if len(fits) > 1:
        doubts.append(
            f"Its dates can be read as {' or '.join(fits)}, such as {visible(values[0])[:30]!r}; write the right one into the "
            "profile."
        )
    return fits[0]


def _is_date(value: str, pattern: str) -> bool:
    code = pattern.replace("YYYY", "%Y").replace("YY", "%y").replace("MM", "%m").replace("DD", "%d")
    try:
        datetime.strptime(value, code)  # noqa: DTZ007 - a civil date has no zone
    except ValueError:
        return False
    return True


def _decimal(values: Sequence[str]) -> str:
    commas = sum(1 for v in values if re.search(r",\d{1,2}\Z", v))
    return "," if commas > sum(1 for v in values if re.search(r"\.\d{1,2}\Z", v)) else "."


def _value_map(field: str, values: Sequence[str]) -> dict[str, str]:
    """Their words for a method, status or kind as ours, where they differ."""
    known = _VALUES[field]
    made = {}
    for value in dict.fromkeys(v for v in values if v):
        ours = next((to for part, to in known if part in fold(value)), None)
        if ours is not None and ours != value.lower():
            made[value] = ours
    return made


def _quoted(text: str) -> str:
    """A TOML string; control characters, which a header must not have, are escaped."""
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text) + '"'


def _toml(
    kind: str, name: str, encoding: str, delimiter: str, pattern: str, decimal: str, columns: Mapping[str, Sequence[str]],
    maps: Mapping[str, Mapping[str, str]],
) -> str:  # fmt: skip
    lines = [f"# How {visible(name)} is read. Guessed; look at it before you import.", f"kind = {_quoted(kind)}", "", "[file]"]
    lines += [f"encoding = {_quoted(encoding)}", f"delimiter = {_quoted(delimiter)}", f"date = {_quoted(pattern)}"]
    lines += [f"decimal = {_quoted(decimal)}", "", "[columns]"]
    for field, found in columns.items():
        lines.append(f"{field} = " + (_quoted(found[0]) if len(found) == 1 else f"[{', '.join(map(_quoted, found))}]"))
    for field, values in maps.items():
        if values:
            lines += ["", f"[values.{field}]", *(f"{_quoted(theirs)} = {_quoted(ours)}" for theirs, ours in values.items())]
    return "\n".join(lines) + "\n"
