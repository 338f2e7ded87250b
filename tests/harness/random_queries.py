"""Small random data and queries with FILTER NOT EXISTS in all kinds of places, from a source of chance."""

from random import Random

import pyoxigraph as ox

E = "http://example.org/"
HEAD = f"PREFIX e: <{E}> SELECT * WHERE "
NAMES = ("?u", "?v", "?w", "?x")
PREDICATES = (
    "e:p",
    "e:p",
    "e:q",
    "e:r",
    "?u",
    "?x",
    "e:p/e:q",
    "^e:r",
    "e:p+",
    "e:q*",
    "(e:p|e:q)",
    "e:p*/e:q",
    "e:p?",
)
INTEGER = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")


def data(chance: Random) -> ox.Store:
    """Return up to 14 statements about a few nodes, in two graphs."""
    store = ox.Store()
    things: list[ox.NamedNode | ox.BlankNode] = [ox.NamedNode(E + name) for name in "abcd"]
    things.append(ox.BlankNode("q"))
    values = [*things, ox.Literal("1", datatype=INTEGER), ox.Literal("x")]
    for _ in range(chance.randint(2, 14)):
        predicate, graph = ox.NamedNode(E + chance.choice("pqr")), ox.NamedNode(E + chance.choice(("g", "h")))
        store.add(ox.Quad(chance.choice(things), predicate, chance.choice(values), graph))
    return store


def query(chance: Random) -> str:
    """Return a query with at least one FILTER NOT EXISTS; now and then it is no SPARQL."""
    before = " ".join(_part(chance, 2) for _ in range(chance.randint(1, 3)))
    after = _part(chance, 1) if chance.random() < 0.4 else ""
    denied = " ".join(
        f"FILTER NOT EXISTS {_group(chance, chance.choice((0, 1, 2)))}"
        for _ in range(chance.choice((1, 1, 2)))
    )
    body = f"{before.removesuffix('.')} {denied} {after}"
    place = chance.random()
    if place < 0.2:
        body = f"{{ {body} }} UNION {_group(chance, 1)}"
    elif place < 0.3:
        body = f"GRAPH {chance.choice(('e:g', '?w'))} {{ {body} }}"
    elif place < 0.4:
        body = f"{_triple(chance)} . OPTIONAL {{ {body} }}"
    return f"{HEAD}{{ {body} }}"


def _group(chance: Random, depth: int) -> str:
    return "{ " + " ".join(_part(chance, depth) for _ in range(chance.randint(1, 3))) + " }"


def _triple(chance: Random) -> str:
    subject = chance.choice((*NAMES, *NAMES, "e:a", "[]"))
    return f"{subject} {chance.choice(PREDICATES)} {_term(chance)}"


def _term(chance: Random) -> str:
    return chance.choice((*NAMES, *NAMES, "e:a", "e:b", "1"))


def _part(chance: Random, depth: int) -> str:
    if depth == 0 or chance.random() < 0.45:
        return f"{_triple(chance)} ."
    one, other = _group(chance, depth - 1), _group(chance, depth - 1)
    name = chance.choice(NAMES)
    values = " ".join(chance.choice(("e:a", "e:b", "1", "UNDEF", "e:z")) for _ in range(chance.randint(0, 3)))
    return chance.choice((
        f"OPTIONAL {one}", f"OPTIONAL {one}", f"{one} UNION {other}", f"{one} UNION {other}", f"MINUS {one}", one,
        f"GRAPH {chance.choice(('e:g', '?w', '?x'))} {one}", f"VALUES {name} {{ {values} }}",
        f"BIND({chance.choice(('1', 'e:a', name, f'STR({name})'))} AS ?{chance.choice('uvwxyz')})",
        f"{{ SELECT {name} {one} }}", f"FILTER {_constraint(chance, depth)}",
    ))  # fmt: skip


def _constraint(chance: Random, depth: int) -> str:
    one, other, term = chance.choice(NAMES), chance.choice(NAMES), _term(chance)
    return chance.choice((
        f"NOT EXISTS {_group(chance, depth - 1)}", f"EXISTS {_group(chance, depth - 1)}", f"(BOUND({one}))",
        f"({one} != {term})", f"(!BOUND({one}) || {one} = {term})", f"({one} = {other})", f"(isIRI({one}))",
        f"(COALESCE({one}, 1) = 1)", f"({one} < {term})",
    ))  # fmt: skip
