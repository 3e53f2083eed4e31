"""Pictures of pages: what is printed on them, as the engines for PDF deliver it.

Here: straightening, rules, recognition, and documents that are pictures. Not here: what becomes of a page's characters
and rules (formats/pdf/page_grids).
"""
