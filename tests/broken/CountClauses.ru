PREFIX item: <https://w3id.org/eu-readmission/id/item/>
PREFIX country: <https://w3id.org/eu-readmission/id/country/>
PREFIX wider: <https://w3id.org/eu-readmission/id/wider/>
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
DELETE { GRAPH ?file { ?item rdm:printedAs ?name ; rdm:refersToCountry country:PAN ; rdm:refersTo ?provision } }
INSERT { GRAPH ?file { ?item rdm:printedAs "Kyrgyzstan"@en ; rdm:refersToCountry country:KGZ ; rdm:refersTo wider:kgz-2024 } }
WHERE { GRAPH ?file { ?item rdm:printedAs ?name ; rdm:refersToCountry country:PAN ; rdm:refersTo ?provision } }
