"""The two commands: `python3 run.py demo` and `python3 run.py test`. Makes a private environment beside itself first."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"


def prepare(extra: str) -> None:
    """Make or mend the environment; does nothing when it fits the project file and this Python."""
    stamp = ENVIRONMENT / f"netbill-{extra or 'run'}.stamp"
    wanted = hashlib.sha256((HERE / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    try:
        import ensurepip  # noqa: F401 - Debian ships it apart
    except ImportError:
        sys.exit("This Python cannot make environments; install python3-venv first: apt install python3-venv")
    print("Setting up netbill in .venv (once, needs the package index) ...", file=sys.stderr)
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    what = f"{HERE}[{extra}]" if extra else str(HERE)
    subprocess.run([str(PYTHON), "-m", "pip", "install", "--quiet", "--editable", what], check=True)
    stamp.write_text(wanted)


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit(f"netbill needs Python 3.11 or newer, this is {sys.version.split()[0]}.")
    command, rest = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if command not in ("demo", "test"):
        sys.exit("usage: python3 run.py demo | test")
    prepare("test" if command == "test" else "")
    module = ["pytest", "-n", "2"] if command == "test" else ["netbill_tui", "demo"]
    os.chdir(HERE) if command == "test" else None
    os.execv(PYTHON, [str(PYTHON), "-m", *module, *rest])
