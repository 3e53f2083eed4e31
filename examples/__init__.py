"""Example documents, all invented, and the demonstration over them.

Here: the plan of the documents, the script that writes them, the demonstration. Not here: anything the system needs.
"""
