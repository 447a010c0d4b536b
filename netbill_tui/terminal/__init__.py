"""Between the program and the terminal: what may be typed when, what may be written, how it ends."""
