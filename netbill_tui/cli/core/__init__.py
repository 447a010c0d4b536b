"""The way of every command: words, session, answer; and what several commands share."""
