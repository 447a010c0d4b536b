"""Commands of operators, sittings, approvals, keys, the clock."""
