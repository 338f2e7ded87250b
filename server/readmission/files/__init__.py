"""Files: decoded text, locks, digests, the folder of releases, and atomic changes of several files."""
