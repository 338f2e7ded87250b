// Asks an endpoint as Comunica does and tells, as JSON, what it understood: rows, a verdict, two graphs, and the graph
// that it reads when it is told of the data as one web document instead of an endpoint.
import { QueryEngine } from '@comunica/query-sparql';

const endpoint = process.argv[2];
const engine = new QueryEngine();
const service = { sources: [{ type: 'sparql', value: `${endpoint}sparql` }] };
const document = { sources: [`${endpoint}graphs?default`] };

const statement = quad => [quad.subject.value, quad.predicate.value, quad.object.value];
const graph = async (query, context) => (await (await engine.queryQuads(query, context)).toArray()).map(statement);
const rows = async (query, context) =>
  (await (await engine.queryBindings(query, context)).toArray()).map(row =>
    Object.fromEntries([...row].map(([variable, term]) => [variable.value, term.value])),
  );

const names = 'SELECT ?s ?name { ?s <http://example.org/name> ?name }';
console.log(
  JSON.stringify({
    select: await rows(names, service),
    ask: await engine.queryBoolean('ASK { ?s <http://example.org/size> 1 }', service),
    construct: await graph('CONSTRUCT WHERE { ?s ?p ?o }', service),
    describe: await graph('DESCRIBE <http://example.org/a>', service),
    document: await rows(names, document),
  }),
);
