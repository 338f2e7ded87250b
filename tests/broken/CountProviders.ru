PREFIX assessment: <https://w3id.org/eu-readmission/id/assessment/>
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
DELETE { GRAPH ?file { assessment:cycle-2020 rdm:providersMemberStates 27 } }
INSERT { GRAPH ?file { assessment:cycle-2020 rdm:providersMemberStates 26 } }
WHERE { GRAPH ?file { assessment:cycle-2020 rdm:providersMemberStates 27 } }
