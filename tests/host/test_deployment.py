"""docs/deployment.md is run, not believed: its own statements, under a real sshd and sudo, its units before systemd-analyze.

The statements are read from the page. What would touch a server that is in use is put elsewhere: the folders, the Unix users, the port.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT
from tests.terminal.terminal import Terminal

PAGE = (ROOT / "docs" / "deployment.md").read_text()
OWNER, PERSON = f"netbill-{os.getpid()}", f"mira-{os.getpid()}"  # tests run in several processes
SECRET = "gravel-otter-lantern-92"
PYTHON = "/opt/netbill/bin/python"


def why_not() -> str:
    """Why this cannot run here, or empty."""
    if not os.environ.get("CI"):
        return "it makes Unix users and starts an sshd, which it does in CI only (CI=true)"
    if os.geteuid() != 0:
        return "it makes Unix users, which only root may"
    missing = [t for t in ("sshd", "ssh", "ssh-keygen", "sudo", "visudo", "adduser", "systemd-analyze") if not _tool(t)]
    return f"not installed here: {', '.join(missing)}" if missing else ""


def _tool(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "it runs")


def block(words: str) -> str:
    """The block of the page that holds these words, without its indentation."""
    for found in re.findall(r"(?:^    .*\n|^\n(?=    ))+", PAGE, re.MULTILINE):
        if words in found:
            return "\n".join(line.removeprefix("    ") for line in found.strip("\n").splitlines()) + "\n"
    raise AssertionError(f"the page has no block with {words!r}")


def run(*words: str, check: bool = True, **more) -> subprocess.CompletedProcess:
    done = subprocess.run(list(words), capture_output=True, text=True, timeout=120, check=False, **more)
    assert not check or done.returncode == 0, (words, done.returncode, done.stdout, done.stderr)
    return done


class Host(NamedTuple):
    """A server as the page makes it.

    Attributes:
        home: The owner's folder, /var/lib/netbill on the page.
        python: /opt/netbill/bin/python on the page.
        places: The page's paths and names, and what stands for each.
        port: Of the sshd.
        key: The operator's own SSH key.
    """

    home: Path
    python: str
    places: dict[str, str]
    port: int
    key: Path

    def here(self, text: str) -> str:
        """A statement of the page, with this host's places."""
        for was, now in self.places.items():
            text = text.replace(was, now)
        return re.sub(r"(?<=[ =(])netbill(?=[ )\n])", OWNER, text) if "Match User" in text or "(netbill)" in text else text

    def ssh(self, *words: str, terminal: bool = False) -> list[str]:
        """An ssh command to it."""
        options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "BatchMode=yes")
        given = [part for option in options for part in ("-o", option)]
        return ["ssh", "-tt" if terminal else "-T", "-F", "none", "-p", str(self.port), "-i", str(self.key), *given,
                f"{OWNER}@127.0.0.1", *words]  # fmt: skip

    def as_owner(self, *words: str, check: bool = True, env: dict[str, str] | None = None) -> subprocess.CompletedProcess:
        """The program as the owner of the book runs it."""
        given = [f"{name}={value}" for name, value in {"HOME": str(self.home), **(env or {})}.items()]
        command = [self.python, "-I", "-m", "netbill_tui", *words]
        return run("sudo", "-n", "-u", OWNER, "env", "-i", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", *given, *command, check=check)


def _environment(folder: Path) -> str:
    """A Python that everybody may run, with the packages of this one."""
    ours = Path(sys.executable)
    mine = run("sudo", "-n", "-u", "nobody", str(ours), "-c", "", check=False)
    if mine.returncode == 0:
        return str(ours)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    theirs = shutil.which(f"python{version}", path="/usr/bin:/usr/local/bin")
    if theirs is None:
        pytest.skip(f"this Python stands where only its owner may run it, and the system has no python{version}")
    run(theirs, "-m", "venv", "--without-pip", str(folder))
    packages = next((folder / "lib").glob("python*/site-packages"))
    (packages / "here.pth").write_text(f"{next(ours.parent.parent.glob('lib/python*/site-packages'))}\n{ROOT}\n")
    return str(folder / "bin" / "python")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _drop_users() -> None:
    for name in (OWNER, PERSON):
        with contextlib.suppress(KeyError):
            pwd.getpwnam(name)
            run("pkill", "-KILL", "-u", name, check=False)
            run(_tool("userdel") or "userdel", name, check=False)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """The page's first half carried out: user, folders, book, key, sshd."""
    folder = Path("/var/tmp") / f"netbill-page-{os.getpid()}"  # noqa: S108 - beside /tmp, which others may clear
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)
    _drop_users()
    home = folder / "home"
    python = _environment(folder / "python")
    places = {
        PYTHON: python, "/var/lib/netbill": str(home), "/var/backups/netbill": str(folder / "backups"),
        "/etc/netbill": str(home / ".config" / "netbill"),
    }  # fmt: skip
    port, key = _free_port(), folder / "key"
    made = Host(home, python, places, port, key)
    server = None
    try:
        for line in block("adduser --system --group").splitlines():
            if any(words in line for words in ("-m venv", "pip wheel", "pip install")):
                continue  # _environment stands for what they install; that the lock holds is a test of the house
            line = line.replace(
                "--home /var/lib/netbill --shell /bin/sh netbill", f"--home /var/lib/netbill --shell /bin/sh {OWNER}"
            )
            line = re.sub(r"(-[ogu]) netbill\b", rf"\1 {OWNER}", line)
            if line.startswith("sudo"):
                (home / "pw").write_text(SECRET + "\n")
                (home / "pw").chmod(0o600)
                run("chown", "-R", f"{OWNER}:{OWNER}", str(home))
                line += f" --no-input --operator mira --password-file {home}/pw"
            run(
                "sh",
                "-c",
                made.here(line),
                env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "HOME": str(home)},
            )
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
        words = made.here(block("restrict,pty,command=").strip().partition(" ssh-ed25519")[0])
        (home / ".ssh" / "authorized_keys").write_text(f"{words} {(folder / 'key.pub').read_text()}")
        (home / ".ssh" / "authorized_keys").chmod(0o600)
        run("chown", "-R", f"{OWNER}:{OWNER}", str(home))
        (home / "c.csv").write_text("account,name\nC4417,Smith John\n")
        made.as_owner("import", str(home / "c.csv"), "--yes", "--operator", "mira", "--password-file", f"{home}/pw")
        server = _sshd(made, folder)
        yield made
    finally:
        if server is not None:
            server.terminate()
            server.wait(10)
        _drop_users()
        shutil.rmtree(folder, ignore_errors=True)


def _sshd(host: Host, folder: Path) -> subprocess.Popen:
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host"))
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    before = f"Port {host.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\nUsePAM yes\n"
    config = folder / "sshd_config"
    config.write_text(before + host.here(block("Match User netbill")))
    sshd = _tool("sshd") or "sshd"
    run(sshd, "-t", "-f", str(config))
    server = subprocess.Popen([sshd, "-D", "-e", "-f", str(config)], stderr=subprocess.DEVNULL)
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", host.port), 1):
            return server
        assert server.poll() is None, "sshd ended"
        time.sleep(0.05)
    raise AssertionError("sshd never listened")


def test_sshd_takes_the_page_and_refuses_what_the_page_warns_of(host: Host, tmp_path: Path):
    words = host.here(block("Match User netbill"))
    lines = words.splitlines()
    assert lines[0] == "PermitUserEnvironment no"
    config = tmp_path / "sshd_config"
    head = f"Port {host.port}\nHostKey {host.key}\n"
    config.write_text(head + "\n".join([*lines[1:], "    " + lines[0]]) + "\n")
    refused = run(_tool("sshd") or "sshd", "-t", "-f", str(config), check=False)
    assert refused.returncode != 0
    assert "PermitUserEnvironment" in refused.stderr


def test_ssh_answers_a_command_and_nothing_that_is_none(host: Host):
    done = run(*host.ssh("find", "4417", "--json"))
    assert '"C4417"' in done.stdout
    for asked, code in (
        (("find", "4417", "--book", "/etc/passwd"), 2), (("find", "4417", "--operator", "boss"), 2), (("id",), 2), (("sh", "-c", "id"), 2),
        (("scp", "-t", "/tmp"), 2), (("find", "'$(id)'"), 4), (("init",), 2),
    ):  # fmt: skip
        done = run(*host.ssh(*asked), check=False)
        assert done.returncode == code, (asked, done)
        assert "uid=" not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    sftp = run("sftp", "-F", "none", "-P", str(host.port), "-i", str(host.key), "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no",
               "-o", "UserKnownHostsFile=/dev/null", f"{OWNER}@127.0.0.1", check=False, input="ls\n")  # fmt: skip
    assert sftp.returncode != 0


def test_a_payment_is_typed_over_ssh_the_line_drops_and_the_book_is_sound(host: Host):
    client = Terminal((), {}, program=host.ssh(terminal=True))
    try:
        client.wait_for("Password")
        client.send(SECRET + "\r")
        client.wait_for("Dashboard")
        client.send(":c C4417\r")
        client.wait_for("Customer C4417")
        client.send("p1\r12.50\r12.50\r\r\r\r\r")
        client.wait_for("posted: 12.50")
        client.send("p2\r7.00\rCHQ 9\r")
        client.wait_for("CHQ 9")
        client.kill(signal.SIGKILL)
        client.wait()
    finally:
        client.close()
    for _ in range(200):
        if run("pgrep", "-u", OWNER, "-f", "netbill_tui", check=False).returncode:
            break
        time.sleep(0.1)
    else:
        raise AssertionError("the program outlived its line")
    verified = host.as_owner("verify")
    assert "BROKEN" not in verified.stdout
    assert '"12.50"' in run(*host.ssh("payments", "--json")).stdout
    again = Terminal((), {}, program=host.ssh(terminal=True))
    try:
        again.wait_for("Password")
        again.send(SECRET + "\r")
        again.wait_for("left half-filled")
    finally:
        again.close()


def test_sudo_allows_exactly_the_words_of_the_page(host: Host, tmp_path: Path):
    run(_tool("adduser") or "adduser", "--system", "--home", "/nonexistent", "--no-create-home", "--shell", "/bin/sh", PERSON)
    rules = host.here(block("NOPASSWD:")).replace("mira ALL", f"{PERSON} ALL")
    target = Path(f"/etc/sudoers.d/netbill-page-{os.getpid()}")
    draft = tmp_path / "sudoers"
    draft.write_text(rules)
    run(_tool("visudo") or "visudo", "-cf", str(draft))
    try:
        target.write_text(rules)
        target.chmod(0o440)
        command = f"sudo -n -u {OWNER} {host.python} -I -m netbill_tui --operator mira"
        allowed = run("su", "-s", "/bin/sh", PERSON, "-c", command, check=False)
        assert (allowed.returncode, "The screens need a terminal" in allowed.stderr) == (2, True), allowed
        for more in (" find 4417", " --book /etc/passwd"):
            refused = run("su", "-s", "/bin/sh", PERSON, "-c", command + more, check=False)
            assert refused.returncode == 1, refused
            assert "password is required" in refused.stderr
        other = run("su", "-s", "/bin/sh", PERSON, "-c", command.replace("mira", "boss"), check=False)
        assert "password is required" in other.stderr
    finally:
        target.unlink(missing_ok=True)


def test_systemd_takes_the_units_and_the_night_works_by_its_credential(host: Host, tmp_path: Path):
    text = host.here(block("netbill-night.service").replace("User=netbill", f"User={OWNER}"))
    parts = re.split(r"# /etc/systemd/system/(\S+)\n", text)
    units = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert set(units) == {"netbill-night.service", "netbill-night.timer"}
    for name, words in units.items():
        (tmp_path / name).write_text(words.strip() + "\n")
    done = run("systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in units), check=False)
    told = [line for line in done.stderr.splitlines() if "netbill-night" in line]
    assert (done.returncode, told) == (0, []), done.stderr
    credential = host.home / "credentials"
    credential.mkdir(mode=0o700)
    run("chown", OWNER, str(credential))
    host.as_owner(
        "operator", "add", "night", "--role", "automation", "--write-credential", str(credential / "netbill"), "--operator", "mira",
        "--password-file", f"{host.home}/pw",
    )  # fmt: skip
    given = {"NETBILL_BOOK": str(host.home / "book.db"), "CREDENTIALS_DIRECTORY": str(credential)}
    lines = re.findall(r"^ExecStart=(.*)$", units["netbill-night.service"], re.MULTILINE)
    assert len(lines) == 3
    taken = {0, int(re.search(r"SuccessExitStatus=(\d+)", text)[1])}
    for line in lines:
        words = line.split()
        assert words[:4] == [host.python, "-I", "-m", "netbill_tui"]
        done = host.as_owner(*words[4:], env=given, check=False)
        assert done.returncode in taken, (line, done)
    assert list((host.home.parent / "backups").iterdir())
