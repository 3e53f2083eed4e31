"""The styles of web pages: sheets to rules, rules to what is seen of a text.

Here: as much of CSS as decides what of a text is seen, and where. Not here: the page's text and tables (web.py).
"""
