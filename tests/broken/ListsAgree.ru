PREFIX item: <https://w3id.org/eu-readmission/id/item/>
PREFIX country: <https://w3id.org/eu-readmission/id/country/>
PREFIX wider: <https://w3id.org/eu-readmission/id/wider/>
PREFIX list: <https://w3id.org/eu-readmission/id/list/>
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
DELETE { GRAPH ?file { ?item rdm:printedAs ?name ; rdm:refersToCountry country:GMB ; rdm:refersTo ?body } }
INSERT { GRAPH ?file { ?item rdm:printedAs "Kazakhstan"@en ; rdm:refersToCountry country:KAZ ; rdm:refersTo wider:kaz-2015 } }
WHERE { GRAPH ?file { ?item rdm:inList list:com-2021-56-fn-17 ; rdm:printedAs ?name ; rdm:refersToCountry country:GMB ; rdm:refersTo ?body } }
