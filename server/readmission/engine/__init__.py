"""One query, wherever it runs; nothing here knows what readmission is."""
