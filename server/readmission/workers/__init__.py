"""Runs each public query in a process that can be killed, with a deadline, a memory limit and fair scheduling.

``pool`` is asked; ``zygote`` and ``worker`` are the processes, which import nothing of the front's side.
"""
