"""The web: an application over one release, and the server that runs it."""
