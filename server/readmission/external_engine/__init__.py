"""A release in an existing SPARQL engine: loaded into it, tried before it is relied on, and asked for the public."""

from readmission.external_engine.admission import Distrusted, hold, tried
from readmission.external_engine.forwarding import Forwarded
from readmission.external_engine.graph_store_client import GraphStore
from readmission.external_engine.stored_release import Held, Moved

__all__ = ["Distrusted", "Forwarded", "GraphStore", "Held", "Moved", "hold", "tried"]
