"""What the words of other programs mean here: whole known words only. A word that is not known is asked, never guessed."""

from collections.abc import Mapping

from netbill_tui.text import fold

ASK = "?"


def _table(**words: str) -> dict[str, str]:
    return {word.strip(): to.replace("_", "-") for to, many in words.items() for word in many.split(",")}


# Field: their word, folded, and ours.
_METHODS = _table(
    cash="cash,bar,notes and coins",
    cheque="cheque,check,bank cheque,bank check,mailed check,mailed cheque,cheque by post,paper check,money order",
    card="card,credit card,debit card,credit card (automatic),creditcard,visa,mastercard,american express,amex,maestro,discover,"
    "card payment,eftpos",
    bank="bank,bank transfer,transfer,wire,wire transfer,credit transfer,sepa transfer,sepa credit transfer,ach,ach credit,eft,"
    "bacs,chaps,faster payment,faster payments,electronic check,electronic cheque,echeck,standing order,"
    "bank transfer (automatic),"
    "uberweisung,ueberweisung,giro",
    debit="debit,direct debit,sepa debit,sepa direct debit,sepa,ach debit,bank debit,lastschrift,sepa lastschrift",
    paypal="paypal",
    online="online,other online,web,online payment,website,stripe",
)
_STATUSES = _table(
    active="active,open,live,in service",
    suspended="suspended,on hold,blocked,barred",
    closed="closed,cancelled,canceled,terminated,account closed,closed account",
)
_KINDS = _table(
    residential="residential,private,consumer,home,household,individual,person",
    business="business,company,corporate,corporation,commercial,enterprise,organisation,organization",
)
_LANGUAGES = _table(
    en="en,english,en-us,en-gb", de="de,german,deutsch,de-de,de-at,de-ch", es="es,spanish,español,espanol,castellano,es-es,es-mx",
    fr="fr,french,français,francais,fr-fr,fr-ca",
)  # fmt: skip
_YES_NO = _table(yes="yes,y,true,1,on", no="no,n,false,0,off")
_PAPERLESS = _YES_NO | _table(
    yes="paperless,electronic,email,e-mail,online,ebill,e-bill", no="paper,post,letter,by post,paper bill,printed"
)
# Whether a row of a file of payments is money that came, or one of invoices a bill that stands.
TAKEN, LEFT = "received", "failed"
_PAYMENT_STATES = _table(
    received="received,paid,succeeded,success,successful,completed,complete,settled,captured,cleared,ok,approved,posted",
    failed="failed,declined,rejected,refunded,partially refunded,partial refund,partly refunded,pending,processing,authorized,"
    "authorised,voided,void,canceled,cancelled,reversed,returned,chargeback,charged back,disputed,unpaid,expired,error,"
    "incomplete,"
    "open,draft,deleted,bounced,in process",
)
_PAYMENT_TYPES = _table(
    received="payment,charge,sale,capture,incoming,deposit,receipt,payment received",
    failed="refund,chargeback,reversal,fee,payout,adjustment,transfer,dispute,withdrawal,outgoing,void,returned,return,"
    "bank charges,"
    "credit note,invoice,partial refund",
)
_DIRECTIONS = _table(received="cr,c,credit,in,incoming,haben,h,+", failed="dr,d,debit,out,outgoing,soll,s,-")
_INVOICE_STATES = _table(
    received="open,unpaid,overdue,outstanding,sent,issued,due,late,past due,posted,approved,authorised,authorized,not paid",
    failed="paid,part paid,partly paid,partially paid,partial,void,voided,draft,cancelled,canceled,deleted,written off,refunded,"
    "credited,disputed,uncollectible,closed",
)
_SETTLED_STATES = _INVOICE_STATES | _table(received="paid,settled,closed")
_INVOICE_TYPES = _table(
    received="invoice,bill,debit note,inv", failed="credit note,credit memo,payment,receipt,refund,quote,proforma,estimate,credit"
)

_CUSTOMER_WORDS = {"method": _METHODS, "status": _STATUSES, "kind": _KINDS, "paperless": _PAPERLESS, "language": _LANGUAGES}
# Kind of file, field: the words that are known for it.
TABLES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "customers": _CUSTOMER_WORDS,
    "payments": {"method": _METHODS, "state": _PAYMENT_STATES, "type": _PAYMENT_TYPES, "direction": _DIRECTIONS},
    "invoices": {"paperless": _PAPERLESS, "disputed": _YES_NO, "state": _INVOICE_STATES, "type": _INVOICE_TYPES},
    "settled-invoices": {
        "method": _METHODS,
        "paperless": _PAPERLESS,
        "disputed": _YES_NO,
        "state": _SETTLED_STATES,
        "type": _INVOICE_TYPES,
    },
    "services": {},
}


def ours(kind: str, field: str, word: str) -> str:
    """Our word for theirs, or `?` where it is not known."""
    return TABLES[kind][field].get(fold(word).strip(), ASK)
