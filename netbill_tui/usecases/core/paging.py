"""Pages of a list by key, for the layers above."""

from netbill_tui.db.core.paging import FIRST, Key, Page, read_page

__all__ = ["FIRST", "Key", "Page", "read_page"]
