"""Invented worlds: facts about one partner, what they mean day by day, and the statements that record them."""
