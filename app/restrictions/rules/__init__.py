"""The law of restrictions (AS-01 – AS-26): what counts, what it leads to, from when to when, and who decides it."""
