PREFIX event: <https://w3id.org/eu-readmission/id/event/>
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
PREFIX edtf: <http://id.loc.gov/datatypes/edtf/>
DELETE { GRAPH ?file { event:negotiation-mar-negotiation-reported-under-way rdm:date ?day } }
INSERT { GRAPH ?file { event:negotiation-mar-negotiation-reported-under-way rdm:date "2021-02-11"^^edtf:EDTF } }
WHERE { GRAPH ?file { event:negotiation-mar-negotiation-reported-under-way rdm:date ?day } }
