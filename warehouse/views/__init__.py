"""The views for people, each declared once: names, notes and query.

Here: declarations and their order. Not here: the tables they read (schema).
"""
