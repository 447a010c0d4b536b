"""Guessing the profile of somebody's CSV from its header and its rows, all of them. What cannot be told is asked, not guessed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.layout import Layout, Records, is_total, measure, open_text
from netbill_tui.integrations.profiles import KINDS, NUMBER_FIELDS, QUALIFIERS, Profile, profile_of
from netbill_tui.integrations.values import SEALED_FIELDS, read_date, tidy
from netbill_tui.integrations.words import ASK, TABLES, ours
from netbill_tui.text import fold, visible

SHOWN = 5
MOST_WORDS = 200
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
    "tender howpaid", "language": "language lang sprache langue idioma",
    "street": "street address address1 streetaddress addressline1 strasse",
    "email": "email mail emailaddress", "phone": "phone phonenumber telephone tel mobile mobilephone cell telefon",
    "tax_id": "taxid vat vatid vatnumber vatno tin ssn taxnumber", "birth_date": "birthdate dob dateofbirth birthday",
    "bank_account": "bankaccount iban", "credit_score": "creditscore score", "pin": "pin",
    "number": "invoicenumber invoiceno invoiceid invoice billno billnumber documentnumber documentno docno number no id",
    "issued": "issued issuedate invoicedate billdate documentdate date", "due": "due duedate payby dueon",
    "amount": "amount invoiceamount totalamount total sum value grandtotal gross price",
    "settled": "settled settleddate paiddate datepaid paidon cleareddate paymentdate", "disputed": "disputed dispute",
    "reference": "reference ref transactionid transaction txid txnid paymentreference paymentref chequenumber checkno "
                 "checknumber",
    "received": "received receiveddate paymentdate paiddate datepaid paidon valuedate bookingdate date",
    "note": "note notes remark remarks comment comments memo",
    "code": "code billingcode", "quantity": "quantity qty", "start": "start startdate", "end": "end ends enddate",
    "cycle": "cycle",
    "anchor": "anchor billday", "mode": "mode", "price": "price ownprice", "billed_through": "billedthrough billedto",
    "parts": "parts", "reason": "reason",
}  # fmt: skip
# In a file of payments a number is the payment's own only where it says so; `No` and `ID` count rows.
_OF_PAYMENTS = {
    "number": "receipt receiptno receiptnumber paymentid paymentno paymentnumber",
    "amount": "paid amountpaid paidamount paymentamount amountreceived receivedamount amount gross grossamount total "
    "totalamount sum "
    "value",
    "invoice": "invoice invoiceno invoicenumber invoiceid bill billno billnumber",
}
_DATES = ("since", "birth_date", "issued", "due", "settled", "received", "start", "end", "billed_through")
_FORMATS = (
    "YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY", "MM-DD-YYYY", "YYYY/MM/DD", "YYYYMMDD", "DD.MM.YY",
    "DD/MM/YY", "MM/DD/YY",
)  # fmt: skip
_MONEY_NAMES = frozenset("due dueamount amount invoiceamount totalamount total sum value grandtotal gross".split())


class Word(NamedTuple):
    """A distinct word of the file in a field, and what it becomes; `?` where that is not known."""

    field: str
    theirs: str
    becomes: str


class Guess(NamedTuple):
    """What a file seems to hold.

    Attributes:
        profile: How it would be read.
        toml: The same as a file.
        columns: Field, its columns, and the first values of it; what is kept sealed is not shown.
        left: Columns that nothing is taken from.
        missing: Fields that the kind needs and no column was found for.
        doubts: Sentences about what could not be told.
        words: Every word that is turned into one of ours.
    """

    profile: Profile | None
    toml: str
    kind: str
    columns: list[tuple[str, str, list[str]]]
    left: list[str]
    missing: list[str]
    doubts: list[str]
    words: list[Word]


class _Column:
    """What is seen of one field over the whole file: its first values, its words, and which forms all of them fit."""

    def __init__(self, field: str, kind: str) -> None:
        self.field = field
        self.first: list[str] = []
        self.words: dict[str, None] | None = {} if field in TABLES[kind] else None
        self.forms = list(_FORMATS) if field in _DATES else []
        self.odd = ""
        self.commas = self.points = self.both = 0

    def see(self, value: str) -> None:
        if len(self.first) < SHOWN:
            self.first.append(value)
        if not value:
            return
        if self.words is not None and len(self.words) <= MOST_WORDS:
            self.words.setdefault(value)
        if self.forms:
            fits = [f for f in self.forms if read_date(value, _code(f)) is not None]
            self.odd = self.odd if fits else value
            self.forms = fits
        if self.field in ("amount", "price"):
            self._see_mark(value)

    def _see_mark(self, value: str) -> None:
        """Whether the last mark before one or two digits is a comma or a point, or before three digits, which tells nothing."""
        match = re.search(r"([.,])(\d+)\D*\Z", value)
        if match and len(match[2]) in (1, 2, 4) or (match and len(set(re.findall(r"[.,]", value))) == 2):
            self.commas += match[1] == ","
            self.points += match[1] == "."
        elif match and len(match[2]) == 3 and value.count(match[1]) == 1:
            self.both += 1


def _code(form: str) -> str:
    return form.replace("YYYY", "%Y").replace("YY", "%y").replace("MM", "%m").replace("DD", "%d")


def guess(path: Path, *, kind: str = "") -> Guess:
    """What the file holds and how it is written, by the whole of it.

    Args:
        path: The CSV.
        kind: One of KINDS where it is known.

    Raises:
        InvalidInput: It cannot be read, or is no table with a header.
    """
    if kind and kind not in KINDS:
        raise InvalidInput(f"--kind is {visible(kind)[:30]!r}; type one of {', '.join(KINDS)}.")
    laid = measure(path, lambda name: _key(name) in _EVERY_NAME)
    chosen = kind or _kind(laid.header)
    columns = _match(laid.header, KINDS[chosen][0], _names_of(chosen))
    seen = {f: _Column(f, chosen) for f in columns}
    for row in _cells(path, laid):
        for field, theirs in columns.items():
            seen[field].see(_cell(row, laid.header, field, theirs))
    doubts = list(laid.doubts)
    if chosen == "customers" and not kind:
        doubts += _no_customers(laid.header, columns)
    doubts += _twice(laid.header, columns)
    date, dates = _date_forms(seen, doubts)
    decimal = _decimal(seen, doubts)
    words = [Word(f, w, ours(chosen, f, w)) for f, c in seen.items() for w in c.words or ()]
    doubts += _unknown_words(chosen, words, seen)
    toml = _toml(chosen, path.name, laid, date, decimal, columns, words, dates)
    missing = [f for f in KINDS[chosen][1] if f not in columns]
    taken = {c for theirs in columns.values() for c in theirs}
    shown = [(f, ", ".join(c), [_masked(f, v) for v in seen[f].first]) for f, c in columns.items()]
    profile = None if missing or doubts else profile_of(toml, path.name)
    return Guess(profile, toml, chosen, shown, [h for h in laid.header if h and h not in taken], missing, doubts, words)


def _masked(field: str, value: str) -> str:
    """What may be shown of a value before it is stored: of what will be sealed only that there is one."""
    return "(sealed)" if value and field in SEALED_FIELDS else value


def _names_of(kind: str) -> dict[str, str]:
    """Field: what its column is called in a file of this kind."""
    names = {**_NAMES, **(_OF_PAYMENTS if kind == "payments" else {})}
    for name, field in QUALIFIERS.get(kind, {}).items():
        names[field] = f"{names[field]} {name}" if field in names and field != "status" else name
    return names


_EVERY_NAME = frozenset(
    name
    for many in (
        *_NAMES.values(),
        *_OF_PAYMENTS.values(),
        "lastname surname firstname forename",
        *map(" ".join, QUALIFIERS.values()),
    )
    for name in many.split()
)


def _cells(path: Path, laid: Layout) -> Iterator[list[str]]:
    """The rows below the header, short ones filled, totals and broken ones left out."""
    with open_text(path, laid.encoding) as file:
        records = Records(file, laid.delimiter, laid.skip)
        records.next()
        while (record := records.next()) is not None:
            row = record[1]
            if isinstance(row, list) and any(c.strip() for c in row) and not is_total(row, len(laid.header)):
                yield [*row, *[""] * (len(laid.header) - len(row))]


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


def _kind(header: Sequence[str]) -> str:
    """What most of its columns speak of."""
    keys = {_key(h) for h in header}

    def has(field: str, names: Mapping[str, str] = _NAMES) -> bool:
        return any(name in keys for name in names[field].split())

    if has("due") and has("amount") and has("number"):
        return "settled-invoices" if has("settled") else "invoices"
    if has("amount", _OF_PAYMENTS) and has("received") and not has("due"):
        return "payments"
    if {"code", "start"} <= keys:
        return "services"
    return "customers"


def _no_customers(header: Sequence[str], columns: Mapping[str, Sequence[str]]) -> list[str]:
    money = [h for h in header if _key(h) in _MONEY_NAMES]
    if not money and set(columns) != {"account"}:
        return []
    why = f"it has {visible(', '.join(money))[:60]}" if money else "nothing but an account is taken from it"
    return [f"It may not hold customers, because {why}; say what it holds with --kind."]


def _twice(header: Sequence[str], columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Columns that differ in capitals and signs only: which of them is meant cannot be told."""
    taken = {c for theirs in columns.values() for c in theirs}
    twice = []
    for column in taken:
        alike = [h for h in header if h != column and _key(h) == _key(column)]
        if alike:
            twice.append(
                f"Both {visible(column)!r} and {visible(alike[0])!r} may be meant; write the right one into the profile."
            )
    return twice


def _match(header: Sequence[str], fields: Sequence[str], names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The columns of each field: each column once, the closest name first."""
    by_key = {_key(h): h for h in reversed(header) if h and header.count(h) == 1}
    matches: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    candidates = sorted(
        ((at, field, name) for field in fields if field in names for at, name in enumerate(names[field].split())),
        key=lambda pair: (pair[0], fields.index(pair[1])),
    )
    for _, field, name in candidates:
        column = by_key.get(name)
        if column and field not in matches and column not in taken:
            matches[field] = (column,)
            taken.add(column)
    last, first = by_key.get("lastname") or by_key.get("surname"), by_key.get("firstname") or by_key.get("forename")
    if "name" in fields and "name" not in matches and last:
        matches["name"] = (last, first) if first else (last,)
    return {field: matches[field] for field in fields if field in matches}


def _cell(row: Sequence[str], header: Sequence[str], field: str, columns: Sequence[str]) -> str:
    return ", ".join(v for v in (tidy(row[header.index(c)], number=field in NUMBER_FIELDS) for c in columns) if v)


def _date_forms(seen: Mapping[str, _Column], doubts: list[str]) -> tuple[str, dict[str, str]]:
    """The one form that all dates of the file have; where there is none, the form of each column."""
    dates = {f: c for f, c in seen.items() if f in _DATES and any(c.first) or (f in _DATES and c.odd)}
    common = [f for f in _FORMATS if all(f in c.forms for c in dates.values())]
    if len(common) == 1 or not dates:
        return (common[0] if dates else _FORMATS[0]), {}
    by_column = {}
    for field, column in dates.items():
        forms = [f for f in column.forms if f in common] or column.forms
        value = visible(column.odd or next(v for v in column.first if v))[:30]
        such = "" if field in SEALED_FIELDS else f", such as {value!r}"
        if not forms:
            doubts.append(f"No date format fits every {field}{such}; write it into the profile under [dates].")
        elif len(forms) > 1:
            doubts.append(
                f"The dates of {field} can be read as {' or '.join(forms)}{such}; write the right one into the profile."
            )
        by_column[field] = forms[0] if forms else _FORMATS[0]
    if common and len(set(by_column.values())) == 1:
        return common[0], {}
    return _FORMATS[0], {f: form for f, form in by_column.items() if form != _FORMATS[0]}


def _decimal(seen: Mapping[str, _Column], doubts: list[str]) -> str:
    amounts = [c for c in seen.values() if c.field in ("amount", "price")]
    commas, points = sum(c.commas for c in amounts), sum(c.points for c in amounts)
    if commas and points or (not commas and not points and any(c.both for c in amounts)):
        value = next((v for c in amounts for v in c.first if v), "")
        doubts.append(f"Its amounts mix decimal marks, such as {visible(value)[:20]!r}; write decimal into the profile.")
    return "," if commas > points else "."


def _unknown_words(kind: str, words: Sequence[Word], seen: Mapping[str, _Column]) -> list[str]:
    lines = []
    for field in dict.fromkeys(w.field for w in words):
        unknown = [visible(w.theirs)[:30] for w in words if w.field == field and w.becomes == ASK]
        if len(seen[field].words or ()) > MOST_WORDS:
            lines.append(f"The column of {field} holds more than {MOST_WORDS} different words; take another column, or none.")
        elif unknown:
            known = ", ".join(dict.fromkeys(TABLES[kind][field].values()))
            lines.append(
                f"What {', '.join(map(repr, unknown[:8]))} means as {field} is not known; write one of {known} for it into the "
                f"profile, under [values.{field}]."
            )
    return lines


def _quoted(text: str) -> str:
    """A TOML string; control characters, which a header must not have, are escaped."""
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text) + '"'


def _toml(
    kind: str,
    name: str,
    laid: Layout,
    pattern: str,
    decimal: str,
    columns: Mapping[str, Sequence[str]],
    words: Sequence[Word],
    dates: Mapping[str, str],
) -> str:
    lines = [f"# How {visible(name)} is read. Guessed; look at it before you import.", f"kind = {_quoted(kind)}", "", "[file]"]
    lines += [f"encoding = {_quoted(laid.encoding)}", f"delimiter = {_quoted(laid.delimiter)}", f"date = {_quoted(pattern)}"]
    lines += [f"decimal = {_quoted(decimal)}", *([f"skip = {laid.skip}"] if laid.skip else []), "", "[columns]"]
    for field, theirs in columns.items():
        lines.append(f"{field} = " + (_quoted(theirs[0]) if len(theirs) == 1 else f"[{', '.join(map(_quoted, theirs))}]"))
    if dates:
        lines += ["", "[dates]", *(f"{field} = {_quoted(form)}" for field, form in dates.items())]
    for field in dict.fromkeys(w.field for w in words):
        mine = [w for w in words if w.field == field and w.becomes != w.theirs.lower()]
        if mine:
            lines += ["", f"[values.{field}]", *(f"{_quoted(w.theirs)} = {_quoted(w.becomes)}" for w in mine)]
    return "\n".join(lines) + "\n"
