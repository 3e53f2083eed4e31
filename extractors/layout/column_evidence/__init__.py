"""What role a column of indicators plays, by its content and its header together.

Here: tables and their columns, profiles, roles. Not here: the words of headers (vocabulary), rows of forms (form).
"""
