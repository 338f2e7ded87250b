"""SPARQL texts as trees with places (SPARQL 1.1 Query, section 19.8)."""
