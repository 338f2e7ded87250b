"""Things and their documents: what an IRI of ours answers with."""
