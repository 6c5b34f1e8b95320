"""What goes wrong on the command line, said in Korean."""


class CommandProblem(Exception):
    """The command cannot go on; the message says what happened and names the remedy."""


PARTLY = 3
"""Exit code of the migration: the shared tables are current, some municipality was left behind."""
