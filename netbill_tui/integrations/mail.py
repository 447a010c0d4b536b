"""A mail server, driven phase by phase: everything up to the final dot, then what decides, then the dot.

The library raises one error for a login that failed and for a message that was taken, so its phases are called one by one.
Between `offer` and `commit` the sender stores that the message is being sent: a message whose sender dies before that was never
sent, one whose sender dies behind it is unknown, and none goes twice. Source: docs/collections.md, *Messages*.
"""

import contextlib
import re
import smtplib
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from netbill_tui.errors import InvalidInput, MailProblem
from netbill_tui.patterns import Pattern
from netbill_tui.text import visible

PORTS: Final = {"starttls": 587, "implicit": 465, "plain": 25}
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
TIMEOUT_S: Final = 30.0
# One sign, no quoting, a domain of labels: addresses that mean something to a server beside their place are not needed.
_ADDRESS = Pattern(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z",
    re.ASCII,
)
READY, SENT, LATER, REFUSED, UNKNOWN = "ready", "sent", "later", "refused", "unknown"


class Server(NamedTuple):
    """A mail server: how it is reached, who signs in, from which address mail comes."""

    host: str
    port: int
    tls: str
    user: str
    password: str
    sender: str
    timeout_s: float = TIMEOUT_S


class Answer(NamedTuple):
    """What the server said to a message: one of the states above, and its words."""

    state: str
    words: str = ""


class Mail(NamedTuple):
    """A message to one address.

    Attributes:
        to: The address.
        subject: In words.
        body: Plain text.
        number: Message-ID, the same at each try.
        bounces_to: Where reports go.
        sent_at: What its date says.
        files: Name and bytes of each PDF behind it.
        unsubscribe: Where to who wants no more of these; empty where that cannot be chosen.
    """

    to: str
    subject: str
    body: str
    number: str
    bounces_to: str
    sent_at: datetime
    files: Sequence[tuple[str, bytes]] = ()
    unsubscribe: str = ""


def server_of(address: str, sender: str, password: str = "") -> Server:
    """The server of a setting such as `starttls://user@mail.example.org:587`.

    Raises:
        InvalidInput: It cannot be read, or mail would go in the clear over a network.
    """
    how = "write it as starttls://user@mail.example.org, implicit://user@mail.example.org or plain://localhost"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise InvalidInput(f"mail_server is {visible(address)[:60]!r}; {how}.") from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/"):
        raise InvalidInput(f"mail_server is {visible(address)[:60]!r}; {how}.")
    if parts.scheme == "plain" and parts.hostname not in LOOPBACK:
        raise InvalidInput(f"plain:// sends mail and password in the clear over the network; {how}.")
    if not is_address(sender):
        raise InvalidInput(f"mail_from is {visible(sender)[:60]!r}; write the address that mail comes from.")
    return Server(parts.hostname, port or PORTS[parts.scheme], parts.scheme, unquote(parts.username or ""), password, sender)


def is_address(text: str) -> bool:
    """Whether a text is one mail address: what a server would be told is checked here, so that it can hold no command."""
    return len(text) <= 254 and bool(_ADDRESS.match(text))


class Link:
    """A connection to a mail server."""

    def __init__(self, server: Server) -> None:
        """Connect, encrypt and sign in.

        Raises:
            MailProblem: One of these failed: nothing was sent, and nothing is tried with other messages.
        """
        self._smtp = _connected(server)

    def offer(self, envelope: str, mail: Mail, sender: str) -> Answer:
        """Everything but the final dot: READY where the server waits for it, else what became of the message.

        Args:
            envelope: Where reports of a failure go.
            mail: The message.
            sender: From whom.

        Raises:
            MailProblem: The server takes nothing from this sender.
        """
        content = _bytes(mail, sender)
        try:
            code, words = self._smtp.mail(envelope)
            if not 200 <= code < 300:
                # It is the sender that is refused: each other message would be too, and none of them is at fault.
                self.close()
                raise MailProblem(
                    f"The mail server takes no mail from {sender} ({code} {_text(words)}); what waits stays queued."
                )
            code, words = self._smtp.rcpt(mail.to)
            if code not in (250, 251, 252):
                self._reset()
                return _refusal(code, words)
            code, words = self._smtp.docmd("DATA")
            if code != 354:
                self._reset()
                return _refusal(code, words)
            self._smtp.send(_stuffed(content))
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return Answer(LATER, _words(error))
        return Answer(READY)

    def commit(self) -> Answer:
        """The final dot: from here on the server may have the message, whatever is heard of it."""
        try:
            self._smtp.send(b".\r\n")
            code, words = self._smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return Answer(UNKNOWN, f"no answer after the text: {_words(error)}")
        if code == 250:
            return Answer(SENT, _text(words))
        # Only 4xx and 5xx say that it was not taken; what nobody can read says nothing.
        return _refusal(code, words) if 400 <= code < 600 else Answer(UNKNOWN, f"{code} {_text(words)}")

    @property
    def is_open(self) -> bool:
        """Whether another message can go over it."""
        return self._smtp.sock is not None

    def close(self) -> None:
        """Hang up, without a dot."""
        self._smtp.close()

    def end(self) -> None:
        """Say goodbye."""
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self._smtp.quit()
        self._smtp.close()

    def _reset(self) -> None:
        try:
            self._smtp.rset()
        except (smtplib.SMTPException, OSError):
            self.close()


def _connected(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    where = f"{server.host}:{server.port}"
    try:
        if server.tls == "implicit":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout_s, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout_s)
    except ssl.SSLError as error:
        raise MailProblem(f"The certificate of {where} is not trusted ({error.reason}); nothing was sent.") from None
    except (smtplib.SMTPException, OSError) as error:
        raise MailProblem(f"The mail server {where} does not answer ({_words(error)}); nothing was sent.") from None
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.tls == "starttls":
            smtp.starttls(context=context)
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
    except ssl.SSLError as error:
        smtp.close()
        raise MailProblem(f"The certificate of {where} is not trusted ({error.reason}); nothing was sent.") from None
    except smtplib.SMTPNotSupportedError:
        smtp.close()
        raise MailProblem(f"{where} offers no STARTTLS, or no login; nothing was sent. Look at mail_server.") from None
    except smtplib.SMTPAuthenticationError:
        smtp.close()
        raise MailProblem(f"{where} refused the login of {visible(server.user)[:40]}; nothing was sent.") from None
    except (smtplib.SMTPException, OSError) as error:
        smtp.close()
        raise MailProblem(f"{where} ended the connection before any message ({_words(error)}); nothing was sent.") from None
    return smtp


def _refusal(code: int, words: bytes | str) -> Answer:
    """What a code of the server means: 5xx is no, anything else may be tried later."""
    return Answer(REFUSED if 500 <= code < 600 else LATER, f"{code} {_text(words)}")


def _text(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return visible(" ".join(text.split()))[:200]


def _words(error: Exception) -> str:
    return visible(str(error) or type(error).__name__)[:100]


def _stuffed(content: bytes) -> bytes:
    """The message as it goes over the line, with its last line end and without the final dot."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines).rstrip(b"\r\n") + b"\r\n"


def _bytes(mail: Mail, sender: str) -> bytes:
    """The message with its headers; none of them can hold a line end."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mail.to
    # A name such as "=?utf-8?q?..." would be read as encoded by the library, line ends and all.
    message["Subject"] = " ".join(mail.subject.replace("=?", "= ?").split())
    message["Date"] = format_datetime(mail.sent_at)
    message["Message-ID"] = mail.number
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<mailto:{mail.unsubscribe}?subject=unsubscribe>"
    if any(end in str(value) for value in message.values() for end in "\r\n"):
        raise ValueError("a line end in a header")
    message.set_content(mail.body)
    for name, content in mail.files:
        kind = ("application", "pdf") if name.endswith(".pdf") else ("text", "plain")
        message.add_attachment(content, maintype=kind[0], subtype=kind[1], filename=name)
    return message.as_bytes()
