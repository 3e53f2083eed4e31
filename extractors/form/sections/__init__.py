"""The sections of a form, a module each: headers, money, goals, indicators, totals, lists.

Here: which cell is which value. Not here: the walk over the sections (reader).
"""
