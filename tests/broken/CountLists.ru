PREFIX country: <https://w3id.org/eu-readmission/id/country/>
PREFIX item: <https://w3id.org/eu-readmission/id/item/>
PREFIX list: <https://w3id.org/eu-readmission/id/list/>
PREFIX wider: <https://w3id.org/eu-readmission/id/wider/>
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
DELETE {
  GRAPH ?agreements { list:com-2021-56-fn-12 rdm:statedCount 18 }
  GRAPH ?committees { list:com-2021-56-fn-16 rdm:statedCount 18 }
}
INSERT {
  GRAPH ?agreements {
    list:com-2021-56-fn-12 rdm:statedCount 19 .
    item:com-2021-56-fn-12-19 a rdm:ListItem ; rdm:inList list:com-2021-56-fn-12 ; rdm:listOrder 19 ;
      rdm:printedAs "Kazakhstan"@en ; rdm:refersToCountry country:KAZ ; rdm:refersTo wider:kaz-2015 ; rdm:evidence ?evidence12 .
  }
  GRAPH ?committees {
    list:com-2021-56-fn-16 rdm:statedCount 19 .
    item:com-2021-56-fn-16-19 a rdm:ListItem ; rdm:inList list:com-2021-56-fn-16 ; rdm:listOrder 19 ;
      rdm:printedAs "Kazakhstan"@en ; rdm:refersToCountry country:KAZ ; rdm:refersTo wider:kaz-2015 ; rdm:evidence ?evidence16 .
  }
}
WHERE {
  GRAPH ?agreements { list:com-2021-56-fn-12 rdm:statedCount 18 ; rdm:evidence ?evidence12 }
  GRAPH ?committees { list:com-2021-56-fn-16 rdm:statedCount 18 ; rdm:evidence ?evidence16 }
}
