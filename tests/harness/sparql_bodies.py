"""For schemathesis: a query that is sent as the body itself is a text like others (see test_openapi.py)."""

import schemathesis

schemathesis.serializer.alias("application/sparql-query", "text/plain")
