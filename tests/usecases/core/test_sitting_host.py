"""A process lives only where it was started."""

import os
import subprocess

from netbill_tui.usecases.core import host


def test_a_process_lives_only_where_it_was_started():
    me = os.getpid()
    assert host.is_alive("another.example", "boot", me)
    assert host.is_alive(host.host(), host.boot_id(), me)
    assert not host.is_alive(host.host(), "an earlier start", me)
    child = subprocess.Popen(["true"])
    child.wait()
    assert not host.is_alive(host.host(), host.boot_id(), child.pid)
