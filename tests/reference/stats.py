"""Makes the reference values of the tests in src/stats.

Run with numpy 2.4.6, scipy 1.17.1, statsmodels 0.15.0, scikit-learn 1.9.1, krippendorff 0.9.0, pandas 3.1.1 and pingouin 0.7.0:
python tests/reference/stats.py
"""

from math import comb

import krippendorff
import numpy as np
import pandas as pd
import pingouin
import statsmodels.api as sm
from scipy import stats
from sklearn.metrics import brier_score_loss, cohen_kappa_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import fleiss_kappa
from statsmodels.stats.multitest import multipletests
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


def show(name, *numbers):
    print(name, *(repr(float(number)) for number in numbers))


# paired.rs


def differences():
    d = np.array([1, 0, -1, 1, 0, 0.5, 1, 1, 0, -0.5, 1, 0.25])
    robust = sm.OLS(d, np.ones(12)).fit().get_robustcov_results("cluster", groups=CLUSTERS, use_correction=True)
    # By t with C - 1 = 4 degrees of freedom, which statsmodels takes for clusters too.
    show("difference", *robust.conf_int(0.05)[0])


def paired_tests():
    for b, c in [(4, 4), (1, 7), (10, 25), (3, 3), (4400, 4900)]:
        exact = mcnemar([[0, b], [c, 0]], exact=True).pvalue
        # Not in statsmodels: Fagerland, Lydersen and Laake (2013), by hand.
        observed = stats.binom.pmf(min(b, c), b + c, 0.5)
        show(f"mcnemar {b} {c}", exact, exact - (observed / 2 if b == c else observed))
    p = [0.01, 0.04, 0.03, 0.005, 0.5, 0.04, 0.9]
    show("holm", *multipletests(p, method="holm")[1])


# sign_flip.rs: cluster sums of differences
SUMS = {
    "A": [1, 2, -1, 0.5, 3, 1, -0.5, 2, 1, -1, 1.5, 1, -2],
    "B": [0.31, 0.22, 0.47, 0.18, 0.9, 0.05, 0.66, 0.41],
    "C": [1, -1, 1, 1, -1, 1, 1, 1, -1, 1, 1, 1, 1, -1, 1],
    "rounded": [0.1, 0.2, -0.3, 0.3],
}


def sign_flips():
    for name, sums in SUMS.items():
        # With one sample, the pairing of scipy's permutations is a flip of signs.
        test = stats.permutation_test(
            (np.array(sums),), np.sum, permutation_type="samples", vectorized=True, n_resamples=np.inf
        )
        flips = np.array(np.meshgrid(*[[1, -1]] * len(sums))).reshape(len(sums), -1)
        by_hand = np.mean(np.abs(np.array(sums) @ flips) >= abs(sum(sums)) - 1e-9)
        show(f"sign flip {name}: scipy, by hand", test.pvalue, by_hand)


# agreement.rs

# Four raters of twelve units, 0 where one did not rate: Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), section C.
RATINGS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
)
# Ten subjects, 14 raters, five categories: the worked example of many texts, kappa .210.
FLEISS = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)


def agreement():
    one, other = [0, 1, 2, 1, 0, 0, 2, 1, 1, 0, 2, 2, 0, 1], [0, 1, 2, 0, 0, 1, 2, 1, 1, 0, 0, 2, 3, 1]
    show("cohen", cohen_kappa_score(one, other))
    show("fleiss", fleiss_kappa(FLEISS))
    ratings = np.where(RATINGS == 0, np.nan, RATINGS)
    show("krippendorff", krippendorff.alpha(ratings, level_of_measurement="nominal"))


# rank.rs

X = [0.61, 0.75, 0.75, 0.8, 0.52, 0.91, 0.66, 0.75, 0.5, 0.88]
Y = [12, 19, 15, 15, 8, 30, 21, 15, 9, 21]


def ranks():
    show("pearson", stats.pearsonr(X, Y).statistic)
    show("spearman", stats.spearmanr(X, Y).statistic)
    show("kendall", stats.kendalltau(X, Y, variant="b").statistic)
    print("mid-ranks", stats.rankdata(X))


# calibration.rs

I = np.arange(1, 41)
PROBABILITY, OUTCOME = I * 37 % 41 / 41, I % 3 / 2


def calibration():
    right = OUTCOME == 1
    assert np.isclose(brier_score_loss(right, PROBABILITY), np.mean((PROBABILITY - right) ** 2))
    show("brier", np.mean(OUTCOME * (1 - PROBABILITY) ** 2 + (1 - OUTCOME) * PROBABILITY ** 2))
    order = np.argsort(PROBABILITY)
    for bins in (15, 7, 40):
        parts = np.array_split(order, bins)
        gaps = [len(part) * abs(OUTCOME[part].mean() - PROBABILITY[part].mean()) for part in parts]
        show(f"ece {bins}", sum(gaps) / len(I))
    right = np.cumsum(OUTCOME[order[::-1]])
    accuracies = right / np.arange(1, 41)
    show("curve", *accuracies[3::4])
    show("area", accuracies.mean())


# logistic.rs


def logistic():
    i = np.arange(60)
    rows = np.column_stack([np.ones(60), i * 29 % 61 / 30 - 1, i % 2])
    y = (i * 29 % 61 + i * i % 47 + 12 * (i % 2)) > 55
    clusters = i * i % 23
    fit = sm.Logit(y.astype(float), rows).fit(
        disp=0, method="newton", tol=1e-14, maxiter=100, cov_type="cluster", cov_kwds={"groups": clusters}
    )
    # statsmodels multiplies by C/(C-1) * (n-1)/(n-k): the second factor is taken out.
    n, k = rows.shape
    print("clusters", len(set(clusters)))
    show("coefficients", *fit.params)
    show("errors", *(fit.bse / np.sqrt((n - 1) / (n - k))))


# chi_square.rs


def chi_squares():
    for counts in [16, 18, 16, 14, 12, 12], [510, 490], [400, 300, 250, 50], [3, 0]:
        show(f"chi-square {counts}", *stats.chisquare(counts))
    show("chi-square expected", *stats.chisquare([16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8]))



# jury.rs, bootstrap.rs, variance.rs, spread.rs


def jury():
    errors = [[1, 0, 1, 1, 0, 0, 1, 0, 0, 1], [1, 0, 0, 1, 0, 1, 1, 0, 0, 0], [0, 0, 1, 1, 1, 0, 1, 0, 1, 1]]
    show("error correlation", np.corrcoef(errors)[np.triu_indices(3, 1)].mean())


def percentiles():
    numbers = [0.61, 0.75, 0.2, 0.8, 0.52, 0.91, 0.66, 0.05, 0.5, 0.88]
    show("percentiles", *np.percentile(numbers, [0, 2.5, 30, 50, 97.5, 100]))


def components():
    scores = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    table = pd.DataFrame(scores).reset_index().melt("index", var_name="judge", value_name="score")
    icc = pingouin.intraclass_corr(table, targets="index", raters="judge", ratings="score")
    # The first row is ICC(1, 1).
    show("icc", icc["ICC"].iloc[0])
    groups = [np.array(group) for group in ([1, 0.5, 1], [0, 0], [0.5, 1, 0, 0.5], [1], [0, 0.5])]
    n, k = sum(map(len, groups)), len(groups)
    mean = np.concatenate(groups).mean()
    within = sum(((group - group.mean()) ** 2).sum() for group in groups) / (n - k)
    between = sum(len(group) * (group.mean() - mean) ** 2 for group in groups) / (k - 1)
    assert np.isclose(between / within, stats.f_oneway(*groups).statistic)
    n0 = (n - sum(len(group) ** 2 for group in groups) / n) / (k - 1)
    show("components", (between - within) / n0, within)


def spread():
    scores, ses = np.array([0.61, 0.75, 0.8, 0.52, 0.91]), np.array([0.05, 0.03, 0.06, 0.04, 0.02])
    show("spread", scores.std(ddof=1), np.sqrt(scores.var(ddof=1) - (ses**2).mean()))


for make in (
    clustered,
    shares,
    differences,
    paired_tests,
    sign_flips,
    agreement,
    ranks,
    calibration,
    logistic,
    chi_squares,
    jury,
    percentiles,
    components,
    spread,
):
    make()
