"""Rules of reminders, fees, promises and suspension."""
