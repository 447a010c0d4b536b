"""Keys, sealed values, passwords and the audit chain: the only importer of cryptography."""
