//! The faults that are wanted and how often, as written in `all=.3,bad_request=.01,wait_ms=500`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use url::Url;

use super::super::pairs::{PairError, Words, pairs, share, unknown, whole, wrong};
use super::names::{Fault, Group};

const WORDS: Words = Words { what: "fault", example: "all=0.3" };
/// Whether a group has a part in a name that stands for several.
type Belongs = fn(Group) -> bool;

const GROUPS: [(&str, Belongs); 4] = [
    ("all", Group::is_passing),
    ("throttles", |group| matches!(group, Group::Throttles)),
    ("server", |group| matches!(group, Group::Server)),
    ("connection", |group| matches!(group, Group::Connection)),
];
const SETTINGS: [&str; 6] = ["wait_ms", "drip_ms", "quota_after", "unauthorized_after", "redirect_to", "seed"];
/// The longest wait: dates far ahead cannot be written.
const YEAR_MS: u64 = 365 * 86_400_000;
/// What many small shares may be above 1 by rounding.
const ROUNDING: f64 = 1e-9;

/// Which faults, and how often. `Display` names every share above 0 and every setting, in one fixed order.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    shares: [f64; Fault::COUNT],
    /// The wait that throttles announce, in milliseconds. Forms that know only seconds round it up. Default 20.
    pub wait_ms: u64,
    /// How long a dripping reply takes, in milliseconds. Default 50.
    pub drip_ms: u64,
    /// After so many answers the quota is spent.
    pub quota_after: Option<u64>,
    /// After so many answers the key is no longer known.
    pub unauthorized_after: Option<u64>,
    /// Where redirects point.
    pub redirect_to: Option<String>,
    /// Another seed is other faults at the same frequencies; with none, the judge's own.
    pub seed: Option<u64>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            shares: [0.0; Fault::COUNT],
            wait_ms: 20,
            drip_ms: 50,
            quota_after: None,
            unauthorized_after: None,
            redirect_to: None,
            seed: None,
        }
    }
}

/// Why a text is not [`Faults`].
#[derive(Clone, Debug, PartialEq, Error)]
pub enum FaultsError {
    /// A pair is wrong in itself.
    #[error(transparent)]
    Pair(#[from] PairError),
    /// Shares that are drawn together are more than everything.
    #[error("the shares of {of} add up to {sum:.3}: expected at most 1")]
    Sum {
        /// What they are shares of.
        of: &'static str,
        /// What they add up to.
        sum: f64,
    },
    /// Redirects that point nowhere, or an address that nothing points to.
    #[error("`{there}` without `{missing}`: expected both, such as redirect=0.1,redirect_to=http://127.0.0.1:8802/v1")]
    Redirect {
        /// What is given.
        there: &'static str,
        /// What is not.
        missing: &'static str,
    },
}

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut faults = Self::default();
        let mut of_groups = [0.0; GROUPS.len()];
        for (key, value) in pairs(text, &WORDS)? {
            if let Some(at) = GROUPS.iter().position(|(name, _)| *name == key) {
                of_groups[at] = parse_share(key, value)?;
            } else if let Some(fault) = Fault::named(key) {
                faults.shares[fault as usize] = parse_share(key, value)?;
            } else {
                faults.set(key, value)?;
            }
        }
        // After the names, whatever the order of the text: sums of floats depend on it.
        for ((_, belongs), share) in GROUPS.iter().zip(of_groups) {
            faults.spread(*belongs, share);
        }
        faults.check()?;
        Ok(faults)
    }
}

fn parse_share(key: &str, value: &str) -> Result<f64, PairError> {
    share(key, value, "a share from 0 to 1")
}

impl Faults {
    /// Every key: groups, names, settings.
    #[must_use]
    pub fn keys() -> Vec<&'static str> {
        GROUPS.iter().map(|(name, _)| *name).chain(Fault::all().map(Fault::name)).chain(SETTINGS).collect()
    }

    /// How often a fault is drawn.
    #[must_use]
    pub fn share(&self, fault: Fault) -> f64 {
        self.shares[fault as usize]
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), PairError> {
        let span = |key, value| whole(key, value, YEAR_MS, "a whole number of milliseconds, a year at most");
        let count = |key, value| whole(key, value, u64::MAX, "a whole number of answers").map(Some);
        match key {
            "wait_ms" => self.wait_ms = span(key, value)?,
            "drip_ms" => self.drip_ms = span(key, value)?,
            "quota_after" => self.quota_after = count(key, value)?,
            "unauthorized_after" => self.unauthorized_after = count(key, value)?,
            "redirect_to" => self.redirect_to = Some(address(key, value)?),
            "seed" => self.seed = Some(whole(key, value, u64::MAX, "a whole number from 0 to 2^64 - 1")?),
            _ => return Err(unknown(&WORDS, key, &Self::keys(), "`tribunal mock --help` lists them".to_owned())),
        }
        Ok(())
    }

    /// Divides a share among the faults that belong.
    fn spread(&mut self, belongs: Belongs, share: f64) {
        let count = Fault::all().filter(|fault| belongs(fault.group())).count();
        for fault in Fault::all().filter(|fault| belongs(fault.group())) {
            self.shares[fault as usize] += share / count as f64;
        }
    }

    fn check(&self) -> Result<(), FaultsError> {
        for (of, of_ask) in [("all attempts", false), ("all asks", true)] {
            let drawn = Fault::all().filter(|fault| fault.group().is_of_ask() == of_ask);
            let sum: f64 = drawn.map(|fault| self.share(fault)).sum();
            if sum > 1.0 + ROUNDING {
                return Err(FaultsError::Sum { of, sum });
            }
        }
        match (self.share(Fault::Redirect) > 0.0, &self.redirect_to) {
            (true, None) => Err(FaultsError::Redirect { there: "redirect", missing: "redirect_to" }),
            (false, Some(_)) => Err(FaultsError::Redirect { there: "redirect_to", missing: "redirect" }),
            _ => Ok(()),
        }
    }
}

fn address(key: &str, value: &str) -> Result<String, PairError> {
    let url = Url::parse(value).ok().filter(|url| matches!(url.scheme(), "http" | "https") && value.is_ascii());
    url.map(|_| value.to_owned()).ok_or_else(|| wrong(key, value, "a URL with http or https"))
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shares, wait_ms, drip_ms, quota_after, unauthorized_after, redirect_to, seed } = self;
        for fault in Fault::all().filter(|fault| shares[*fault as usize] > 0.0) {
            write!(f, "{}={},", fault.name(), shares[fault as usize])?;
        }
        write!(f, "wait_ms={wait_ms},drip_ms={drip_ms}")?;
        for (key, value) in [("quota_after", quota_after), ("unauthorized_after", unauthorized_after), ("seed", seed)] {
            if let Some(value) = value {
                write!(f, ",{key}={value}")?;
            }
        }
        redirect_to.as_ref().map_or(Ok(()), |url| write!(f, ",redirect_to={url}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use proptest::prelude::*;

    use super::*;

    fn faults(text: &str) -> Faults {
        text.parse().unwrap()
    }

    fn message(text: &str) -> String {
        text.parse::<Faults>().unwrap_err().to_string()
    }

    #[test]
    fn nothing_goes_wrong_unless_asked_for() {
        assert_eq!(faults(" "), Faults::default());
        assert!(Fault::all().all(|fault| Faults::default().share(fault) == 0.0));
        assert_eq!(Faults::default().to_string(), "wait_ms=20,drip_ms=50");
    }

    #[test]
    fn a_group_divides_its_share_among_what_passes() {
        let faults = faults("all=.3, throttles = .12, cut=.1");
        let near = |fault, share: f64| assert!((faults.share(fault) - share).abs() < 1e-12, "{fault:?}");
        near(Fault::RetryAfter, 0.3 / 30.0 + 0.12 / 12.0);
        near(Fault::Html502, 0.3 / 30.0);
        near(Fault::Cut, 0.3 / 30.0 + 0.1);
        for fault in Fault::all().filter(|fault| !fault.group().is_passing()) {
            near(fault, 0.0);
        }
        assert!("all=1".parse::<Faults>().is_ok(), "rounding is forgiven");
    }

    #[test]
    fn an_error_says_the_key_the_value_and_what_was_expected() {
        let cases = [
            (
                "retry_aftr=.1",
                "unknown fault `retry_aftr`: did you mean `retry_after`? (`tribunal mock --help` lists them)",
            ),
            ("wait=20", "unknown fault `wait`: did you mean `wait_ms`?"),
            ("throttle=.2", "unknown fault `throttle`: did you mean `throttles`?"),
            ("cut", "`cut` is no fault: expected key=value, such as all=0.3"),
            ("cut=2", "`cut=2`: expected a share from 0 to 1"),
            ("cut=.1,cut=.2", "`cut=.2`: `cut` is given twice, expected once"),
            ("wait_ms=soon", "`wait_ms=soon`: expected a whole number of milliseconds, a year at most"),
            ("wait_ms=99999999999999", "`wait_ms=99999999999999`: expected a whole number of milliseconds, a year"),
            ("quota_after=-1", "`quota_after=-1`: expected a whole number of answers"),
            ("redirect_to=there", "`redirect_to=there`: expected a URL with http or https"),
            ("redirect=.1", "`redirect` without `redirect_to`: expected both, such as"),
            ("redirect_to=http://a/v1", "`redirect_to` without `redirect`: expected both, such as"),
            ("cut=.6,all=.5", "the shares of all attempts add up to 1.100: expected at most 1"),
            ("too_long=.75,refusal=.5", "the shares of all asks add up to 1.250: expected at most 1"),
        ];
        for (text, expected) in cases {
            assert!(message(text).starts_with(expected), "{}", message(text));
        }
        assert!("too_long=1,all=1".parse::<Faults>().is_ok(), "they are drawn apart");
    }

    proptest! {
        #[test]
        fn the_canonical_form_parses_back(
            mut shares in prop::collection::vec(0.0..1.0_f64, Fault::COUNT),
            used in prop::collection::vec(any::<bool>(), Fault::COUNT),
            (wait_ms, drip_ms) in (0..=YEAR_MS, 0..=YEAR_MS),
            (quota_after, unauthorized_after, seed) in any::<(Option<u64>, Option<u64>, Option<u64>)>(),
        ) {
            for (share, used) in shares.iter_mut().zip(used) {
                *share = if used { *share / Fault::COUNT as f64 } else { 0.0 };
            }
            let redirects = shares[Fault::Redirect as usize] > 0.0;
            let faults = Faults {
                shares: shares.try_into().unwrap(),
                redirect_to: redirects.then(|| "http://127.0.0.1:8802/v1?a=b".to_owned()),
                wait_ms, drip_ms, quota_after, unauthorized_after, seed,
            };
            prop_assert_eq!(faults.to_string().parse(), Ok(faults));
        }
    }
}
