PREFIX indicator: <https://w3id.org/eu-readmission/id/indicator/>
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
DELETE {
  GRAPH ?file { indicator:d-iv ?property ?value . ?evidence ?about ?what }
  GRAPH ?elsewhere { ?other ?link indicator:d-iv }
}
WHERE {
  GRAPH ?file { indicator:d-iv ?property ?value ; rdm:evidence ?evidence . ?evidence ?about ?what }
  OPTIONAL { GRAPH ?elsewhere { ?other ?link indicator:d-iv } }
}
