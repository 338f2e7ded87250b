"""The SPARQL endpoint: protocol, queries under way, graph store, descriptions, inspection."""
