"""PDF documents: characters and ruling lines from pdfium or pdfplumber, and the tables they make.

Here: pages to grids, pictures of places. Not here: other formats.
"""
