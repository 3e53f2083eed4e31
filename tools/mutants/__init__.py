"""How tight the net of tests is: small mistakes put into the code, and whether a fast test notices (`make mutants`).

Here: finding the mistakes, the tests that meet each, running them, the report. Not here: the tests.

Written here rather than taken over: mutmut 3 mutates whole functions through trampolines, so it knows neither TOML nor
SQL, where half of this project's knowledge stands, nor a seeded sample, and picks tests by function, not by line;
cosmic-ray runs one command, the whole suite, for each mutant, in place. What is hard, which test runs which line, is
left to coverage.py.
"""
