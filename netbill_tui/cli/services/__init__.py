"""Commands of what customers take."""
