"""Single cells of a table: text, dates, addresses, languages."""
