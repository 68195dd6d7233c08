# The numbers of R's survival package that tests/test_prognosis_r.py compares with; usage:
#   Rscript tests/r/survival.R patients.csv > tests/r/survival.csv
# patients.csv is what tests/prognosis_patients.py makes. R 4.2, survival 3.5; cmprsk 2.2, metafor and brglm2 where
# installed.
suppressPackageStartupMessages(library(survival))
d <- read.csv(commandArgs(trailingOnly = TRUE)[1])
d$grade <- factor(d$grade)
d$group <- factor(d$group, levels = c("low", "middle", "high"))
say <- function(name, value) cat(sprintf("%s,%.12g\n", name, value), sep = "")
several <- function(name, values) for (at in names(values)) say(paste(name, at), values[[at]])
cat("name,value\n")

km <- survfit(Surv(time, event == 1) ~ group, d, conf.type = "log-log")
at <- summary(km, times = c(5, 15, 30), extend = TRUE)
label <- paste(sub("group=", "", at$strata), at$time)
several("km survival", setNames(at$surv, label))
several("km low", setNames(at$lower, label))
several("km high", setNames(at$upper, label))
several("km at risk", setNames(at$n.risk, label))
several("km median", setNames(summary(km)$table[, "median"], sub("group=", "", rownames(summary(km)$table))))
reverse <- survfit(Surv(time, event != 1) ~ 1, d)
say("follow-up median", summary(reverse)$table["median"])
rank <- survdiff(Surv(time, event == 1) ~ group, d)
say("log-rank chisq", rank$chisq)

pairs <- function(name, fit) {
  several(paste(name, "coef"), coef(fit))
  several(paste(name, "se"), sqrt(diag(vcov(fit))))
}
cox <- coxph(Surv(time, event == 1) ~ marker + age + grade + arm, d, ties = "efron")
pairs("cox", cox)
say("cox loglik", cox$loglik[2])
say("cox concordance", concordance(cox)$concordance)
say("cox survival at 15 of first", summary(survfit(cox, newdata = d[1, ], ctype = 1, stype = 2), times = 15)$surv)
pairs("stratified", coxph(Surv(time, event == 1) ~ marker + age + arm + strata(grade), d))
pairs("interaction", coxph(Surv(time, event == 1) ~ marker * arm + age + grade, d))
cut <- survSplit(Surv(time, event == 1) ~ ., d, cut = 10, episode = "period", event = "seen", start = "start", end = "stop")
cut$before <- cut$marker * (cut$period == 1)
cut$after <- cut$marker * (cut$period == 2)
pairs("periods", coxph(Surv(start, stop, seen) ~ before + after + age + grade + arm, cut))
several("zph p", cox.zph(cox, transform = "km", terms = FALSE)$table[, "p"])
several("zph chisq", cox.zph(cox, transform = "km", terms = FALSE)$table[, "chisq"])

knots <- quantile(d$marker, c(0.05, 0.35, 0.65, 0.95), type = 7)
cube <- function(x) pmax(x, 0)^3
curved <- function(x, j) {
  k <- length(knots)
  (cube(x - knots[j]) - cube(x - knots[k - 1]) * (knots[k] - knots[j]) / (knots[k] - knots[k - 1]) +
    cube(x - knots[k]) * (knots[k - 1] - knots[j]) / (knots[k] - knots[k - 1])) / (knots[k] - knots[1])^2
}
d$c1 <- curved(d$marker, 1)
d$c2 <- curved(d$marker, 2)
spline <- coxph(Surv(time, event == 1) ~ marker + c1 + c2 + age + grade + arm, d)
pairs("spline", spline)
b <- coef(spline)[2:3]
say("spline curved chisq", as.numeric(b %*% solve(vcov(spline)[2:3, 2:3]) %*% b))

state <- survfit(Surv(time, factor(event, 0:2, c("censored", "event", "competing"))) ~ 1, d)
aj <- summary(state, times = c(5, 15, 30))
several("aj event", setNames(aj$pstate[, 2], aj$time))
several("aj competing", setNames(aj$pstate[, 3], aj$time))
several("aj event se", setNames(aj$std.err[, 2], aj$time))
pairs("competing", coxph(Surv(time, event == 2) ~ marker + age + grade + arm, d))

# Fine and Gray: the errors are those of patients, each with several weighted rows; Gray's test from cmprsk
d$id <- seq_len(nrow(d))
d$state <- factor(d$event, 0:2, c("censored", "event", "competing"))
for (cause in c("event", "competing")) {
  rows <- finegray(Surv(time, state) ~ ., d, etype = cause, id = id)
  pairs(paste("finegray", cause), coxph(Surv(fgstart, fgstop, fgstatus) ~ marker + age + grade + arm, rows, weights = fgwt, cluster = id))
}
if (requireNamespace("cmprsk", quietly = TRUE)) {
  gray <- cmprsk::cuminc(d$time, d$event, d$group)$Tests
  several("gray event", gray["1", ])
  several("gray competing", gray["2", ])
}

# the weights of censoring, by hand from survfit: G just before a time, and at the horizon
horizon <- 15
risk <- 1 - exp(-predict(cox, newdata = transform(d, time = horizon), type = "expected"))
G <- survfit(Surv(time, event != 1) ~ 1, d)
before <- function(t) { i <- sum(G$time < t); if (i == 0) 1 else G$surv[i] }
case <- d$time <= horizon & d$event == 1
control <- d$time > horizon
w <- numeric(nrow(d))
w[case] <- 1 / sapply(d$time[case], before)
w[control] <- 1 / G$surv[sum(G$time <= horizon)]
say("brier", sum(w * ifelse(case, (1 - risk)^2, risk^2)) / nrow(d))
above <- outer(risk[case], risk[control], function(a, b) (a > b) + 0.5 * (a == b))
say("auc", sum(w[case] * rowSums(above)) / (sum(w[case]) * sum(control)))
chosen <- risk >= 0.4
say("net benefit", sum(w * case * chosen) / nrow(d) - sum(w * control * chosen) / nrow(d) * 0.4 / 0.6)

pairs("logistic", glm(response ~ marker + age + grade + arm, binomial, d))
if (requireNamespace("brglm2", quietly = TRUE)) {
  library(brglm2)
  pairs("firth", glm(separated ~ marker + flag, binomial, d, method = "brglmFit", type = "AS_mean", epsilon = 1e-10, maxit = 500))
}
if (requireNamespace("metafor", quietly = TRUE)) {
  y <- c(0.41, -0.12, 0.33, 0.75, 0.05)
  se <- c(0.21, 0.18, 0.12, 0.35, 0.09)
  for (method in c("DL", "REML")) {
    m <- metafor::rma(yi = y, sei = se, method = method, test = "adhoc", control = list(threshold = 1e-12))
    p <- predict(m)
    several(paste("meta", method), c(
      tau2 = m$tau2, coef = as.numeric(m$beta), se = m$se, low = m$ci.lb, high = m$ci.ub, p = m$pval, q = m$QE, i2 = m$I2 / 100
    ))
  }
}
