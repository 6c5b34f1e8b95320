"""Measurements: ours beside a bare reference, in one run on one machine, so that the ratio means something."""
