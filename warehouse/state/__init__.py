"""What the system keeps below DATA between two runs: files seen, readings, runs.

Here: the folders, the inventory, what counts now. Not here: the warehouse made of it (build).
"""
