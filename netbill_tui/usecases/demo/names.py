"""One invented customer with a profile; a large book has more family names than anybody could list."""

from datetime import date, timedelta
from random import Random

from netbill_tui.billing.customers.accounts import NewCustomer
from netbill_tui.usecases.demo import people

_BEGIN = ("Al", "Bran", "Cor", "Dal", "Ek", "Fal", "Gren", "Hol", "Iv", "Jan", "Kel", "Lund", "Mor", "Nor", "Ost", "Pel", "Quin",
          "Ros", "Sol", "Tor", "Ul", "Var", "Wes", "Yar", "Zel")  # fmt: skip
_MIDDLE = ("a", "be", "chi", "da", "e", "fi", "go", "ha", "i", "ka", "li", "mo", "ne", "o", "pa", "ri", "sa", "te", "u", "va",
           "wi", "yo", "zu", "la", "ma", "ro")  # fmt: skip
_END = ("berg", "cki", "dez", "ford", "gren", "holm", "ini", "jak", "kov", "ler", "man", "nen", "owa", "quist", "res", "sen",
        "ton", "uchi", "vik", "wall", "yama", "zadeh", "bane", "dottir", "esco", "fani")  # fmt: skip


def _family(random: Random, number: int) -> str:
    """A family name: one of the list, or in a large book one of some twenty thousand."""
    if number < 10_000 or random.random() < 0.3:
        return random.choice(people.LAST)
    return random.choice(_BEGIN) + random.choice(_MIDDLE) + random.choice(_END)


def person(random: Random, today: date, number: int, twin: NewCustomer | None = None) -> NewCustomer:
    """The customer of this number.

    Args:
        random: Where chance comes from.
        today: No customer is younger.
        number: From 0; gives the account number.
        twin: Somebody whose history this one repeats, so plan, terms, method and beginning are the same.
    """
    pick = random.choice
    firm = twin.kind == "business" if twin else random.random() < 0.12
    if firm:
        name = pick(people.FIRMS) if random.random() < 0.5 else f"{_family(random, number)} & {_family(random, number)} Ltd"
    elif random.random() < 0.1:
        name = pick(people.WHOLE)
    else:
        name = f"{_family(random, number)}, {pick(people.FIRST)}"
    plans = people.FIRM_PLANS if firm else people.PLANS
    plan = random.choices(plans, [p[2] for p in plans])[0]
    habit = random.choices(people.HABITS, [h[1] for h in people.HABITS])[0]
    town, postcode = pick(people.TOWNS)
    since = today - timedelta(days=random.randrange(30, 3600))
    slug = f"c{10001 + number}"
    digits = f"{random.randrange(10**7, 10**8)}"
    profile = [("pin", f"{random.randrange(10**4):04d}"), ("credit_score", str(random.randrange(300, 850)))]
    if firm:
        profile.append(("tax_id", f"GB{random.randrange(10**8, 10**9)}"))
    else:
        profile.append(("birth_date", date(random.randrange(1940, 2006), random.randrange(1, 13), 7).isoformat()))
    method = twin.preferred_method if twin else habit[2]
    if method == "debit":
        profile.append(("bank_account", f"GB00DEMO{random.randrange(10**13, 10**14)}"[:22]))
    return NewCustomer(
        f"C{10001 + number}", name, "business" if firm else "residential", "active", twin.since if twin else since.isoformat(),
        30 if firm else 14, town, f"{postcode} {random.randrange(1, 99)}", twin.plan if twin else plan[0], random.random() < 0.7,
        method, f"{random.randrange(1, 180)} {pick(people.STREETS)}", (f"{slug}@example.org",),
        (f"+44 20 {digits[:4]} {digits[4:]}",), tuple(profile),
    )  # fmt: skip
