"""Session, unit of work, opening, host, incidents: what every use case stands on."""
