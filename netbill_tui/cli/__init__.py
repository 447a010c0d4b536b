"""Words on the command line -> one use case -> an exit code. Contract: docs/commands.md."""
