"""Makes the reference values of the tests in src/stats.

Run with scipy 1.17.1 and statsmodels 0.15.0: python tests/reference/stats.py
"""

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

# Scores of 12 items in 5 conversations: the data of `clustered_errors_agree_with_statsmodels`.
SCORES = np.array([1, 0, 1, 1, 0, 0.5, 1, 1, 0, 0, 1, 0.25])
CLUSTERS = np.array([0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4])


def clustered():
    n, c = len(SCORES), len(set(CLUSTERS))
    fit = sm.OLS(SCORES, np.ones(n)).fit()
    # statsmodels multiplies by C/(C-1) * (n-1)/(n-k); with a constant alone k = 1, so that the second factor is 1.
    robust = fit.get_robustcov_results("cluster", groups=CLUSTERS, use_correction=True)
    print("mean", repr(robust.params[0]), "se", repr(robust.bse[0]))
    print("deff", repr((robust.bse[0] / fit.bse[0]) ** 2))
    print("t 0.975 with 1, 4, 29, 1805 degrees of freedom:", *(repr(stats.t.ppf(0.975, df)) for df in (1, c - 1, 29, 1805)))


def shares():
    for successes, n in [(0, 10), (10, 10), (3, 17), (611, 1677), (1, 1)]:
        exact = proportion_confint(successes, n, 0.05, "beta")
        wilson = proportion_confint(successes, n, 0.05, "wilson")
        print(successes, n, "clopper-pearson", *map(repr, map(float, exact)), "wilson", *map(repr, map(float, wilson)))
    x, n = 2.75, 9.5
    print(x, n, "clopper-pearson", repr(stats.beta.ppf(0.025, x, n - x + 1)), repr(stats.beta.ppf(0.975, x + 1, n - x)))


clustered()
shares()
