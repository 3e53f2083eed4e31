"""From a document's bytes to its forms: printed text, the place of every cell, and typed readings.

Here: the formats, the grid, the form reader, the vocabulary, the readings. Not here: frames, tables, checks, schedules.
"""
