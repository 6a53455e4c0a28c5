"""Commands. Each calls one function of one room and prints; nothing heavy is imported before a command runs."""
