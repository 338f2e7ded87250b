"""Tables as they come: CSV and workbooks, as rows of cells."""
