"""The rules of booking, one story per file: states, request, changes, capacity, waiting, priority, decision, demand."""
