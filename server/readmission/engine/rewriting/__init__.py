"""Queries written so that the engine is fast, or right, where both are proven to say the same."""
