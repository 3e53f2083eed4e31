"""A form: the claimed cells of one stretch of rows, and the typed rows made of them.

Here: the model, the reader, the sections, the typing. Not here: grids, where a form begins (layout).
"""
