"""Commands of codes, prices, tax rates, rules."""
