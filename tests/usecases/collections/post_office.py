"""A mail server of this machine, with the faults that mail servers have."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from netbill_tui.integrations.mail import Server, server_of

SENDER = "billing@acme.example"


@dataclass
class PostOffice:
    """What came, and how the server answers: a text, or something to do instead."""

    port: int = 0
    at_rcpt: str = "250 OK"
    at_data: str | Callable[[Any], str] = "250 OK"
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[str] = field(default_factory=list)
    offered: threading.Event = field(default_factory=threading.Event)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.at_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_rcpt

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.envelopes.append(envelope.mail_from)
        self.offered.set()
        return self.at_data if isinstance(self.at_data, str) else self.at_data(server)

    @property
    def to(self) -> list[str]:
        return [str(mail["To"]) for mail in self.mails]


@contextmanager
def post_office(*, tls: ssl.SSLContext | None = None, starttls: bool = False, password: str = "") -> Iterator[PostOffice]:
    """A server on a free port, over TLS where a context is given."""
    office = PostOffice()

    def sign_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, words: LoginPassword) -> AuthResult:
        return AuthResult(success=words.password == password.encode(), handled=False)

    more: dict[str, Any] = {"authenticator": sign_in, "auth_require_tls": False} if password else {}
    if tls is not None and starttls:
        more |= {"tls_context": tls, "require_starttls": True}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        office.port = free.getsockname()[1]
    controller = Controller(
        office,
        hostname="127.0.0.1",
        port=office.port,
        ssl_context=None if starttls else tls,
        server_hostname="mail.example",
        **more,
    )
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


def server(office: PostOffice, tls: str = "plain", user: str = "", password: str = "", timeout_s: float = 20) -> Server:
    sign = f"{user}@" if user else ""
    return server_of(f"{tls}://{sign}127.0.0.1:{office.port}", SENDER, password)._replace(timeout_s=timeout_s)


def certificate(place: Path, host: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """A context of a server, and the file of who vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "acme mail")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    cert, secret = place / "cert.pem", place / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, secret)
    return context, cert


@contextmanager
def odd_office(**answers: str) -> Iterator[PostOffice]:
    """A server that says what no library would let it say: an answer for a command, or `dot` for what comes after the text."""
    office, listening = PostOffice(), socket.create_server(("127.0.0.1", 0))
    office.port = listening.getsockname()[1]

    def talk() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection, connection.makefile("rwb", buffering=0) as lines:
                    _talk(lines, answers)

    threading.Thread(target=talk, daemon=True).start()
    try:
        yield office
    finally:
        listening.close()


def _talk(lines: Any, answers: Mapping[str, str]) -> None:
    lines.write(b"220 odd\r\n")
    is_text = False
    for line in lines:
        if is_text:
            is_text = line != b".\r\n"
            if not is_text:
                lines.write(answers.get("dot", "250 OK").encode() + b"\r\n")
            continue
        command = line.decode().split()[0].split(":")[0].lower()
        is_text = command == "data"
        lines.write(answers.get(command, "354 go on" if is_text else "250 OK").encode() + b"\r\n")
        if command == "quit":
            return
