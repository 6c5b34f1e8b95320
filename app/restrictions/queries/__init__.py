"""Reads of restrictions: who is blocked, what stands against whom, and the lists of those who work on cases."""
