"""What each page says: from a question in its address to the values its template shows.

Here: queries over the published warehouse. Not here: addresses and answers (app), looks (templates), files (site).
"""
