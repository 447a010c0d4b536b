"""Numbered migrations, frozen once released. The runner reads them as files, in numeric order."""
