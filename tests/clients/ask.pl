# Asks an endpoint as RDF::Query::Client and RDF::Trine do and tells, as JSON, what they understood: rows, a verdict,
# two graphs, and the statements read from a graph in each format that RDF::Trine knows.
use strict;
use warnings;
use JSON::PP;
use LWP::UserAgent;
use RDF::Query::Client;
use RDF::Trine;

my ($site) = @ARGV;

sub asked {
    my ($query, $method) = @_;
    my $client = RDF::Query::Client->new($query);
    return $client->execute("${site}sparql", { QueryMethod => $method }) || die "no answer to: $query\n" . $client->error;
}

sub value { my $term = shift; return $term->is_resource ? $term->uri_value : $term->is_literal ? $term->literal_value : $term->as_string }

sub rows {
    my ($found, @rows) = shift;
    while (my $row = $found->next) { push @rows, { map { $_ => value($row->{$_}) } keys %$row } }
    return \@rows;
}

sub graph {
    my ($found, @statements) = shift;
    while (my $statement = $found->next) { push @statements, [ map { value($_) } ($statement->nodes)[0 .. 2] ] }
    return \@statements;
}

sub parsed {
    my ($name, $type) = @_;
    my $model = RDF::Trine::Model->new;
    my $answer = LWP::UserAgent->new->get("${site}graphs?default", Accept => $type);
    die "$type: " . $answer->status_line unless $answer->is_success && $answer->content_type eq $type;
    RDF::Trine::Parser->new($name)->parse_into_model($site, $answer->decoded_content(charset => 'utf-8'), $model);
    return graph($model->as_stream);
}

my $names = 'SELECT ?s ?name { ?s <http://example.org/name> ?name }';
my $every = 'CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }';
print JSON::PP->new->utf8->canonical->encode({
    get       => rows(asked($names, 'GET')),
    post      => rows(asked($names, 'POST')),
    ask       => asked('ASK { ?s <http://example.org/size> 1 }', 'GET')->get_boolean ? JSON::PP::true : JSON::PP::false,
    construct => graph(asked($every, 'GET')),
    describe  => graph(asked('DESCRIBE <http://example.org/a>', 'GET')),
    turtle    => parsed('turtle', 'text/turtle'),
    rdfxml    => parsed('rdfxml', 'application/rdf+xml'),
    ntriples  => parsed('ntriples', 'application/n-triples'),
});
