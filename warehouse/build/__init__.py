"""The warehouse file: frames loaded, analyses run, the data tested, the build published.

Here: one build from the live state to the switched link. Not here: declarations (schema, views), checks, linking.
"""
