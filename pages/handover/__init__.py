"""What is handed over: workbooks, lists of findings to answer, tables as CSV.

Here: which rows go where, and the files made of them. Not here: the pages on which people look, arguments.
"""
