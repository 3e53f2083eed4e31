"""The tables, each declared once, and what is made of a declaration: DDL, frames, dictionary, data package.

Here: declarations. Not here: rows, files, views.
"""
