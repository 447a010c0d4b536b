"""The rules of the business, pure: no database, clock, file, key or screen. Their source is docs/rules.md."""
