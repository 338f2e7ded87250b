PREFIX event: <https://w3id.org/eu-readmission/id/event/>
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
PREFIX edtf: <http://id.loc.gov/datatypes/edtf/>
DELETE { GRAPH ?file { event:arrangement-gmb-2018-start-of-operation rdm:date ?day } }
INSERT { GRAPH ?file { event:arrangement-gmb-2018-start-of-operation rdm:date "2021-05-01"^^edtf:EDTF } }
WHERE { GRAPH ?file { event:arrangement-gmb-2018-start-of-operation rdm:date ?day } }
