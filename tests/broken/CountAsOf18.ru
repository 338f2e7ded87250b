PREFIX event: <https://w3id.org/eu-readmission/id/event/>
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
PREFIX edtf: <http://id.loc.gov/datatypes/edtf/>
DELETE { GRAPH ?file { event:eura-blr-entry-into-force rdm:date ?day } }
INSERT { GRAPH ?file { event:eura-blr-entry-into-force rdm:date "2021-03-01"^^edtf:EDTF } }
WHERE { GRAPH ?file { event:eura-blr-entry-into-force rdm:date ?day } }
