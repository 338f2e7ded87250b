# Asks an endpoint as R's package SPARQL does and tells what it understood: the rows, in each form that it reads, one
# line of three cells each, with a tab between them.
suppressPackageStartupMessages(library(SPARQL))

site <- commandArgs(trailingOnly = TRUE)[1]
names <- "SELECT ?s ?name { ?s <http://example.org/name> ?name }"

told <- function(form, rows) {
  cells <- gsub("^<|>$|^\"|\"(@[a-z]+)?$", "", as.matrix(rows))
  cat(sprintf("%s\t%s\t%s\n", form, cells[, 1], cells[, 2]), sep = "")
}

utf8 <- list(.encoding = "UTF-8")  # or R takes the bytes for its own locale's
told("xml", SPARQL(paste0(site, "sparql"), names, curl_args = utf8)$results)
for (form in c("csv", "tsv")) {
  found <- SPARQL(paste0(site, "sparql"), names, format = form, extra = list(format = form), curl_args = utf8)
  told(form, found$results)
}
