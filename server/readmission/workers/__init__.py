"""Queries from outside, each in a killable process with a deadline and a memory limit, in fair turns."""

from readmission.workers.limits import Limits
from readmission.workers.pool import Pool, State

__all__ = ["Limits", "Pool", "State"]
