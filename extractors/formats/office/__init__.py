"""Word and Excel documents, old and new, and the containers they come in.

Here: their parts to grids. Not here: text, web pages, PDF.
"""
