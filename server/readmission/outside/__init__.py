"""A release in an existing SPARQL engine: loaded into it, tried before it is relied on, and asked for the public."""

from readmission.outside.forwarding import Forwarded
from readmission.outside.graphstore import GraphStore
from readmission.outside.held import Held, Moved
from readmission.outside.opening import Distrusted, hold, tried

__all__ = ["Distrusted", "Forwarded", "GraphStore", "Held", "Moved", "hold", "tried"]
