"""Ageing, allocation, documents, payments."""
