"""A release in an existing SPARQL engine: loads it, checks the engine's answers, and forwards public queries."""

from readmission.external_engine.admission import EngineRejectedError, check_engine, ensure_loaded
from readmission.external_engine.forwarding import ForwardingService
from readmission.external_engine.graph_store_client import GraphStore
from readmission.external_engine.stored_release import ReleaseMovedError, StoredRelease

__all__ = [
    "EngineRejectedError",
    "ForwardingService",
    "GraphStore",
    "ReleaseMovedError",
    "StoredRelease",
    "check_engine",
    "ensure_loaded",
]
