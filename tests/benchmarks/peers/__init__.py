"""The endpoint side by side with the servers that others run: same data, same questions, same load, one run."""
