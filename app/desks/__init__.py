"""Composed pages: a parent's home, a centre's today, an officer's overview. No tables, no commands."""
