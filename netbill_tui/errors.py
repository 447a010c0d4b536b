"""Every error that an operator can act on; `str(error)` is one sentence that says what to do next.

NetbillError                 exit 1
├── InvalidInput             exit 2   a value that cannot be taken; says what to type
├── NotFound                 exit 4   nothing has that account, number or name
│   └── Ambiguous            exit 4   more than one has it
├── Refused                  exit 1   understood, and against a rule
│   ├── DuplicateSuspected            the same payment seems to be here already
│   ├── RunningServices              an account cannot be closed while services run
│   ├── RequestMismatch               a request id that was used for something else
│   ├── NotPermitted                  the operator lacks the right or the key
│   ├── NeedsApproval                 over the operator's limit: a second one approves
│   └── PrintUnknown                  cannot tell whether the printer has the document
├── NotSaved                 exit 1   an error of disk or server; nothing was stored
├── OutcomeUnknown           exit 1   cannot tell whether it was stored; never retried by itself
├── Busy                     exit 75  somebody else holds the book; try again
├── BookProblem              exit 78  the book is missing, foreign, newer, unreadable or replaced
│   ├── Damaged                       its file is damaged: verify names the pages
│   └── ClockProblem                  the machine's clock does not fit it
└── KeyProblem               exit 78  a password, key or credential does not fit
    ├── LockedOut                     too many tries in vain; nothing was looked at
    └── SessionEnded                  the sitting is over or locked; sign in again
"""

from collections.abc import Iterator


class NetbillError(Exception):
    """An error whose text is a sentence for the screen."""

    exit_code = 1


class InvalidInput(NetbillError):
    """A value that cannot be taken. The sentence says what to type instead."""

    exit_code = 2


class NotFound(NetbillError):
    """A named account, number or record that does not exist."""

    exit_code = 4


class Ambiguous(NotFound):
    """What was typed names more than one account."""


class Refused(NetbillError):
    """A request that is understood and against a rule of the business."""


class DuplicateSuspected(Refused):
    """A payment that looks like one already taken (docs/rules.md, *5 Duplicates*).

    Attributes:
        receipt: Number of the earlier receipt.
        why: What they have in common, as a phrase.
    """

    def __init__(self, sentence: str, *, receipt: str, why: str) -> None:
        super().__init__(sentence)
        self.receipt = receipt
        self.why = why


class RunningServices(Refused):
    """An account cannot be closed while services run.

    Attributes:
        services: Their numbers.
    """

    def __init__(self, sentence: str, *, services: tuple[int, ...]) -> None:
        super().__init__(sentence)
        self.services = services


class RequestMismatch(Refused):
    """A request id that was already used for a different request."""


class NotPermitted(Refused):
    """The operator has no right to this, or holds no key for it."""


class NeedsApproval(Refused):
    """An amount over the operator's limit; a second operator was asked.

    Attributes:
        number: Of what was asked.
    """

    def __init__(self, sentence: str, *, number: int) -> None:
        super().__init__(sentence)
        self.number = number


class PrintUnknown(Refused):
    """It cannot be told whether the printer has a document; paper that came out cannot be taken back, so nothing tries again."""


class MailProblem(NetbillError):
    """The mail server cannot be used at all: the run of the sender ends, and everything waits."""

    exit_code = 3


class NotSaved(NetbillError):
    """The database or the disk failed and nothing was stored; it is safe to try again."""


class Rejected(NotSaved):
    """The database refused a row, by a rule of its own; nothing was stored."""


class OutcomeUnknown(NetbillError):
    """It cannot be told whether a posting was stored, so nobody may repeat it blindly."""


class Busy(NetbillError):
    """Another process holds the book."""

    exit_code = 75


class BookProblem(NetbillError):
    """The book is missing, not a book, newer than this program, unreadable or was replaced."""

    exit_code = 78


class Damaged(BookProblem):
    """The file of the book is damaged, or is none."""


class ClockProblem(BookProblem):
    """The machine's clock does not fit the book; `ahead` where the book was only not used for long."""

    def __init__(self, message: str, *, ahead: bool) -> None:
        super().__init__(message)
        self.ahead = ahead


class KeyProblem(NetbillError):
    """A password, key file or credential is missing, wrong or readable by others."""

    exit_code = 78


class LockedOut(KeyProblem):
    """Too many sign-ins in vain; this one was not looked at."""


class SessionEnded(KeyProblem):
    """The sitting was ended, timed out or locked; whoever works signs in again."""


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it, each once: an error that is raised again in its own handling stands in a circle."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
