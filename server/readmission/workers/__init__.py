"""Queries from outside, each in a killable process with a deadline and a memory limit, in fair turns.

``pool`` is asked; ``zygote`` and ``worker`` are the processes, which import nothing of the front's side.
"""
