"""What a line of a document does to what stands charged. Each constant is the word that is stored and exported: it never changes.

A line that charges is `RECURRING`, `ONE_OFF`, `USAGE` or `FEE`; `CREDIT` gives days of a period back. Reversals take one of them
back: the next run charges anew what a `CHARGE_REVERSAL` named, a `CREDIT_REVERSAL` leaves charged what a credit gave back, a
`FEE_REVERSAL` gives a fee for leaving back, and `FEE_RESTORED` charges it once more.
"""

from typing import Final

RECURRING: Final = "recurring"
ONE_OFF: Final = "one-off"
USAGE: Final = "usage"
FEE: Final = "fee"
CREDIT: Final = "credit"
CHARGE_REVERSAL: Final = "undo"
CREDIT_REVERSAL: Final = "uncredit"
FEE_REVERSAL: Final = "unfee"
FEE_RESTORED: Final = "refee"

REVERSAL_OF: Final = {
    RECURRING: CHARGE_REVERSAL,
    ONE_OFF: CHARGE_REVERSAL,
    USAGE: CHARGE_REVERSAL,
    CREDIT: CREDIT_REVERSAL,
    FEE: FEE_REVERSAL,
    FEE_REVERSAL: FEE_RESTORED,
}
