"""Files: text as people hand it in, locks, seals, and changes made all together or not at all."""
