"""netbill: a keyboard-driven terminal account manager for internet-service billing."""

__version__ = "0.7.0"
