"""A pytest plugin for the faults drawn at random: tells the measuring which test runs, in whatever thread the program works."""

import coverage
import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """What is passed through from here on belongs to this test."""
    measuring = coverage.Coverage.current()
    if measuring is not None:
        measuring.switch_context(item.nodeid)
