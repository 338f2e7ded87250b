"""The server: requests come in, go to workers or to the application, and the release that is served changes."""
