"""The command line behind ./dolbom: one small module per verb (see ``__main__``)."""
