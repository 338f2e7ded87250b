"""Answers as text, tables and workbooks, the same for the command line and the web."""
