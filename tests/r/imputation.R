# The numbers of R's mice that tests/test_prognosis_imputation.py compares with; usage:
#   Rscript tests/r/imputation.R patients.csv > tests/r/imputation.csv
# patients.csv is what tests/prognosis_patients.py makes. R 4.2, mice 3.15, survival 3.5.
suppressPackageStartupMessages(library(survival))
d <- read.csv(commandArgs(trailingOnly = TRUE)[1])
several <- function(name, values) for (at in names(values)) cat(sprintf("%s %s,%.12g\n", name, at, values[[at]]), sep = "")
cat("name,value\n")

# Rubin's rules on numbers that are given
rubin <- mice::pool.scalar(c(0.41, 0.52, 0.35, 0.47, 0.44), c(0.021, 0.018, 0.024, 0.019, 0.022), n = 60, k = 4)
several("rubin", c(q = rubin$qbar, u = rubin$ubar, b = rubin$b, t = rubin$t, df = rubin$df, fmi = rubin$fmi))

# chained equations by predictive mean matching; older patients lack the marker more often
marker <- ifelse(d$lacks_marker == 1, NA, d$marker)
age <- ifelse(d$lacks_age == 1, NA, d$age)
hazard <- basehaz(coxph(Surv(time, event == 1) ~ 1, d), centered = FALSE)
filled <- mice::mice(
  data.frame(marker, age, arm = d$arm, seen = as.numeric(d$event == 1), hazard = hazard$hazard[match(d$time, hazard$time)]),
  m = 400, maxit = 10, method = "pmm", donors = 5L, seed = 1, printFlag = FALSE
)
fits <- lapply(seq_len(400), function(i) coxph(Surv(d$time, d$event == 1) ~ marker + age + arm, mice::complete(filled, i)))
for (at in c("marker", "age", "arm")) {
  each <- sapply(fits, function(f) coef(f)[[at]])
  several(paste("mice", at), c(coef = mean(each), within = mean(sapply(fits, function(f) vcov(f)[at, at])), between = var(each)))
}
