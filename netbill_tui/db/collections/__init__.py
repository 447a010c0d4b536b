"""Statements of reminders, fees, promises and suspension."""
