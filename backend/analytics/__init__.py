"""Figures per hour and day: folded from facts by the worker, read as series, totals and files (decision 26)."""
