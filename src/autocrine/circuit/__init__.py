"""Room circuit."""
