"""What may be read, as frozen values ready to show: the one source of the API and the pages.

Selectors never write and never touch the table of Reports; their cost depends on the spans and
Regions asked for, not on how many Reports there were.
"""
