PREFIX membership: <https://w3id.org/eu-readmission/id/membership/>
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
PREFIX edtf: <http://id.loc.gov/datatypes/edtf/>
DELETE { GRAPH ?file { membership:oacps-ago rdm:from ?day } }
INSERT { GRAPH ?file { membership:oacps-ago rdm:from "2022-01-01"^^edtf:EDTF } }
WHERE { GRAPH ?file { membership:oacps-ago rdm:from ?day } }
