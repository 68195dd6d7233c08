# Cox regression and its check on a cohort of patients; usage: Rscript tests/r/cohort.R cohort.csv "formula"
suppressPackageStartupMessages(library(survival))
words <- commandArgs(trailingOnly = TRUE)
d <- read.csv(words[1])
fit <- coxph(as.formula(words[2]), d)
check <- cox.zph(fit, transform = "km", terms = FALSE)$table
for (at in names(coef(fit))) {
  cat(sprintf("%s,%.12g,%.12g,%.12g\n", at, coef(fit)[[at]], sqrt(vcov(fit)[at, at]), check[at, "chisq"]))
}
