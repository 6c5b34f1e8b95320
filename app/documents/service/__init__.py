"""The commands on papers, by verb: prepare, sign, issue, print."""
