"""S21: telephone numbers, bank accounts and tax ids of ten countries are no card numbers; cards still are, wherever they stand."""

import random
from collections.abc import Callable

import phonenumbers

from netbill_tui import cards
from netbill_tui.billing.customers import phones
from netbill_tui.cards import card_number_in
from netbill_tui.integrations.profiles import Profile
from netbill_tui.usecases.imports import files
from tests.proof.books import make
from tests.proof.report import Report, Run, proof

COUNTRIES = ("DE", "AT", "CH", "FR", "GB", "IT", "ES", "ID", "NG", "US")
# Test numbers that card companies publish, as somebody would write one into a telephone field.
CARDS = ("4111111111111111", "4222222222222", "5555555555554444", "378282246310005", "30569309025904", "6011111111111117",
         "3530111333300000", "6759649826438453", "4000056655665556")  # fmt: skip


def phone(country: str, chance: random.Random) -> str:
    """A valid mobile number, in one of the spellings that people use."""
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    while True:
        text = str(example.national_number)
        text = text[:3] + "".join(chance.choice("0123456789") for _ in text[3:])
        made = phonenumbers.PhoneNumber(example.country_code, int(text))
        if phonenumbers.is_valid_number(made):
            break
    kind = chance.choice((phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
    told = phonenumbers.format_number(made, kind)
    return told if chance.random() < 0.8 else "00" + told[1:]


def iban(chance: random.Random) -> str:
    country, length = chance.choice(
        (("DE", 22), ("AT", 20), ("CH", 21), ("ES", 24), ("BE", 16), ("DK", 18), ("PL", 28), ("PT", 25))
    )
    body = "".join(chance.choice("0123456789") for _ in range(length - 4))
    check = 98 - int(body + "".join(str(int(c, 36)) for c in country) + "00") % 97
    plain = f"{country}{check:02}{body}"
    mark = chance.choice(("", " ", "-"))
    return mark.join(plain[i : i + 4] for i in range(0, len(plain), 4)) if mark else plain


def vat(chance: random.Random) -> str:
    country, digits = chance.choice(
        (("DE", 9), ("ATU", 8), ("FR", 11), ("GB", 9), ("IT", 11), ("BE", 10), ("PL", 10), ("SE", 12))
    )
    return country + "".join(chance.choice("0123456789") for _ in range(digits))


def reference(chance: random.Random) -> str:
    return chance.choice((
        lambda: f"INV-{chance.randrange(10**6):06}", lambda: f"RF{chance.randrange(10, 99)} {chance.randrange(10**8)}",
        lambda: f"{chance.randrange(10**12)}", lambda: f"2026/{chance.randrange(10**5)}", lambda: f"CHQ {chance.randrange(10**6)}",
    ))()  # fmt: skip


@proof(
    "S21",
    "telephone numbers, bank accounts, tax ids and references of ten countries are stored; a card number is stored nowhere",
    "no-exemption",
)
def s21(run: Run) -> Report:
    report, chance = Report(), random.Random(run.seed)
    count = run.size(2000, 10_000)
    before, valid_phone = phones.is_valid_phone, cards.valid_phone
    valid: Callable[[str], bool] = (lambda _: False) if run.sabotage == "no-exemption" else before
    if run.sabotage == "no-exemption":
        cards.valid_phone = lambda _: False
    numbers = [phone(COUNTRIES[n % len(COUNTRIES)], chance) for n in range(count)]
    alarms = sum(not valid(n) and card_number_in(n) for n in numbers)
    report.must(alarms == 0, f"{alarms} of {count} telephone numbers were taken for cards")
    figures: dict[str, object] = {"telephone numbers": f"{count}, taken for cards {alarms}"}
    noted = [n for n in numbers if card_number_in(f"ring {n} after 5")]
    cards.valid_phone = valid_phone
    report.must(not noted, f"{len(noted)} telephone numbers in a note were taken for cards, such as {noted[:2]}")
    figures["in a note"] = f"{count}, taken for cards {len(noted)}"
    for what, draw, most in (("IBANs", iban, 0), ("VAT ids", vat, 0), ("references", reference, 0)):
        found = sum(card_number_in(draw(chance)) for _ in range(count))
        figures[what] = f"{count}, taken for cards {found}"
        report.must(found <= most, f"{found} of {count} {what} were taken for cards")
    # Through the door: a file of customers, and cards in the same column, with every prefix.
    made = make(str(run.place / "b.db")).session
    path = run.place / "c.csv"
    wanted = numbers[:200]
    typed = [f"{prefix}{card}" for card in CARDS for prefix in ("", "+", "+ ", "00 ", "Visa ")]
    rows = [f"P{n},Name {n},{number}" for n, number in enumerate(wanted)] + [
        f"X{n},Name {n},{number}" for n, number in enumerate(typed)
    ]
    path.write_text("account,name,phone\n" + "\n".join(rows) + "\n")
    done = files.run(made, path, Profile("customers", {f: (f,) for f in ("account", "name", "phone")}))
    kept = "select c.account from contact k join customer c on c.id = k.customer_id"
    found_in = {str(row[0]) for row in made.db.peewee.execute_sql(kept).fetchall()}
    missing = [number for n, number in enumerate(wanted) if f"P{n}" not in found_in]
    report.must(not missing, f"{len(missing)} good numbers were left out, such as {missing[:2]}")
    stored = [t for n, t in enumerate(typed) if f"X{n}" in found_in]
    report.must(not stored, f"cards were stored: {stored}")
    told = [t for t in typed if before(t)]
    report.must(not told, f"cards pass for telephone numbers: {told}")
    figures |= {"cards typed": len(typed), "stored": len(stored), "customers of the file": done.created}
    report.figures = figures
    made.db.close()
    return report
