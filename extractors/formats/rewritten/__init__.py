"""Formats that have no reader of their own: each is written anew as one that has.

Here: OpenDocument, Office XML of 2003, binary workbooks, saved web pages, and what LibreOffice converts. Not here: how
a workbook, a Word document or a web page is read.
"""
