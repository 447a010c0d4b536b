"""Signing in; operators, sittings, keys, approvals."""
