"""Every harness holds in its small size, and fails for each thing that can be broken on purpose: one that cannot fail proves nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.proof import load
from tests.proof.report import PROOFS

NAMES = load()
BROKEN = [(name, sabotage) for name in NAMES for sabotage in PROOFS[name].sabotages]
NEEDS_STRACE = ("R3", "R4", "R15")
NEEDS_SERVER = ("R7",)


def proved(name: str, request: pytest.FixtureRequest, *words: str) -> "subprocess.CompletedProcess[str]":
    if name in NEEDS_SERVER:
        request.getfixturevalue("server")
    if name in NEEDS_STRACE and shutil.which("strace") is None:
        if os.environ.get("CI"):
            pytest.fail("strace must be there in CI")
        pytest.skip("needs strace, which is not installed")
    place = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, "-m", "tests.proof", name, *words], cwd=place, capture_output=True, text=True, timeout=900, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_promise_holds(name: str, request: pytest.FixtureRequest) -> None:
    done = proved(name, request)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{name} (small" in done.stdout


@pytest.mark.parametrize(("name", "sabotage"), BROKEN)
def test_harness_sees_what_is_broken(name: str, sabotage: str, request: pytest.FixtureRequest) -> None:
    done = proved(name, request, "--sabotage", sabotage)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN:" in done.stdout, done.stdout + done.stderr
