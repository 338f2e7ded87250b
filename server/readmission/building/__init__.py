"""From facts to a release: checks, shapes, reasoning, rules, export. Nothing here is needed to answer."""
