"""Themes beside Textual's own; everything is told by reverse video, bold and underline, whatever the colours."""

from textual.theme import Theme

# As on the terminals on which the fastest clerks worked.
GREEN = Theme(
    name="green",
    primary="#00cc44",
    foreground="#33ff66",
    background="#001100",
    surface="#001100",
    panel="#001100",
    dark=True,
    accent="#00cc44",
)
