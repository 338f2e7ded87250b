"""HTTP for every view: headers, negotiation, compression, problems, answers kept in memory, metrics."""
