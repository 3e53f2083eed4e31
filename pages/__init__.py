"""The pages for people: what the published warehouse holds, in Chinese, to look at, click through and mark.

Here: the pages, their look, what guards them. Not here: documents, ingestions, how a picture is drawn (pipelines).
"""
