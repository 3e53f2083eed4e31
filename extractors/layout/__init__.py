"""How the printed page is laid out: rows of placed cells, where forms begin and end, what page breaks cut.

Here: from grids to the rows of one form. Not here: what a form's values mean (form).
"""
