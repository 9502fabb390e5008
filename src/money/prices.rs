//! The prices of a judge, and what a request costs at them.

use super::usd::Usd;

const MILLION: u128 = 1_000_000;

/// Tokens that one request used, or that several did at a flat price.
///
/// As OpenAI's usage has it, cached input is part of the input and reasoning part of the output. Where an endpoint tells a part that is greater
/// than its whole, the part is what is paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Tokens of the request.
    pub input: u64,
    /// Tokens of the request that the endpoint had read before.
    pub cached_input: u64,
    /// Tokens of the reply, reasoning included.
    pub output: u64,
    /// Tokens of the reply that were thought and not said.
    pub reasoning: u64,
}

/// What a million tokens cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// US dollars per million tokens of input.
    pub input: Usd,
    /// Of input that the endpoint had read before; as input where it is left out.
    pub cached_input: Option<Usd>,
    /// Of output.
    pub output: Usd,
    /// Of reasoning; as output where it is left out.
    pub reasoning: Option<Usd>,
}

impl Rates {
    fn cached_input(&self) -> Usd {
        self.cached_input.unwrap_or(self.input)
    }

    fn reasoning(&self) -> Usd {
        self.reasoning.unwrap_or(self.output)
    }
}

/// Rates of requests with a long input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// A request with more tokens of input than this is charged by the tier, all its tokens alike.
    pub above: u64,
    /// What they cost.
    pub rates: Rates,
}

/// The prices of a judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    base: Rates,
    /// By `above`, ascending.
    tiers: Vec<Tier>,
    per_request: Usd,
}

impl Prices {
    /// The same rates whatever the length of the input.
    #[must_use]
    pub fn flat(rates: Rates) -> Self {
        Self::new(rates, Vec::new(), Usd::ZERO)
    }

    /// Rates, those of longer inputs, and what each request costs besides its tokens.
    #[must_use]
    pub fn new(base: Rates, mut tiers: Vec<Tier>, per_request: Usd) -> Self {
        tiers.sort_by_key(|tier| tier.above);
        Self { base, tiers, per_request }
    }

    /// Whether nothing costs anything.
    #[must_use]
    pub fn are_free(&self) -> bool {
        self.worst(1_000_000, 1_000_000) == Usd::ZERO
    }

    /// What one request costs that used so many tokens, rounded up to the nano-dollar.
    #[must_use]
    pub fn cost(&self, spent: Spent) -> Usd {
        let Spent { input, cached_input, output, reasoning } = spent;
        let tier = self.tiers.iter().rfind(|tier| input > tier.above);
        let rates = tier.map_or(&self.base, |tier| &tier.rates);
        let tokens = of_tokens(&[
            (input.saturating_sub(cached_input), rates.input),
            (cached_input, rates.cached_input()),
            (output.saturating_sub(reasoning), rates.output),
            (reasoning, rates.reasoning()),
        ]);
        self.per_request + tokens
    }

    /// The most that one request costs with at most so many tokens of input and output, whatever part of them is cached or reasoning and
    /// whichever tier it falls into.
    #[must_use]
    pub fn worst(&self, input_tokens: u64, max_output_tokens: u64) -> Usd {
        let reached = self.tiers.iter().filter(|tier| input_tokens > tier.above).map(|tier| &tier.rates);
        let (mut input, mut output) = (Usd::ZERO, Usd::ZERO);
        for rates in reached.chain([&self.base]) {
            input = input.max(rates.input).max(rates.cached_input());
            output = output.max(rates.output).max(rates.reasoning());
        }
        self.per_request + of_tokens(&[(input_tokens, input), (max_output_tokens, output)])
    }
}

/// What tokens cost at rates per million, together rounded up.
fn of_tokens(parts: &[(u64, Usd)]) -> Usd {
    let of_a_million =
        parts.iter().map(|(tokens, rate)| u128::from(*tokens) * u128::from(rate.nanos())).fold(0, u128::saturating_add);
    Usd::from_nanos(u64::try_from(of_a_million.div_ceil(MILLION)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usd(text: &str) -> Usd {
        text.parse().unwrap()
    }

    fn rates() -> Rates {
        Rates { input: usd("2.50"), cached_input: Some(usd("1.25")), output: usd("10"), reasoning: Some(usd("12")) }
    }

    #[test]
    fn cached_input_and_reasoning_have_prices_of_their_own() {
        let spent = Spent { input: 1_000, cached_input: 400, output: 300, reasoning: 200 };
        // 600 x 2.50 + 400 x 1.25 + 100 x 10 + 200 x 12, over a million.
        assert_eq!(Prices::flat(rates()).cost(spent), usd("0.0054"));
        let plain = Rates { cached_input: None, reasoning: None, ..rates() };
        assert_eq!(Prices::flat(plain).cost(spent), usd("0.0055"));
    }

    #[test]
    fn a_long_input_is_charged_by_its_tier_as_a_whole() {
        let double = Rates { input: usd("5"), cached_input: None, output: usd("15"), reasoning: None };
        let dear = Rates { input: usd("50"), ..double };
        let tiers = vec![Tier { above: 500, rates: dear }, Tier { above: 200, rates: double }];
        let prices = Prices::new(rates(), tiers, Usd::ZERO);
        let cost = |input| prices.cost(Spent { input, output: 10, ..Spent::default() });
        assert_eq!(cost(200), usd("0.0006"));
        assert_eq!(cost(201), usd("0.001155"));
        assert_eq!(cost(500), usd("0.00265"));
        assert_eq!(cost(501), usd("0.0252"));
    }

    #[test]
    fn a_price_per_request_is_paid_once() {
        let prices = Prices::new(rates(), Vec::new(), usd("0.005"));
        assert_eq!(prices.cost(Spent::default()), usd("0.005"));
        assert_eq!(prices.worst(0, 0), usd("0.005"));
    }

    #[test]
    fn a_part_of_a_nano_dollar_is_a_whole_one() {
        let tiny = Rates { input: Usd::from_nanos(1), cached_input: None, output: Usd::ZERO, reasoning: None };
        assert_eq!(Prices::flat(tiny).cost(Spent { input: 1, ..Spent::default() }), Usd::from_nanos(1));
    }

    #[test]
    fn more_reasoning_than_output_is_paid_all_the_same() {
        let spent = Spent { reasoning: 1_000_000, output: 5, ..Spent::default() };
        assert_eq!(Prices::flat(rates()).cost(spent), usd("12"));
    }

    prop_compose! {
        fn any_rates()(
            input in 0_u64..100_000_000_000,
            cached in proptest::option::of(0_u64..100_000_000_000),
            output in 0_u64..100_000_000_000,
            reasoning in proptest::option::of(0_u64..100_000_000_000),
        ) -> Rates {
            let usd = Usd::from_nanos;
            Rates { input: usd(input), cached_input: cached.map(usd), output: usd(output), reasoning: reasoning.map(usd) }
        }
    }

    prop_compose! {
        fn any_spent()(plain in 0_u64..500_000, cached_input in 0_u64..500_000, said in 0_u64..500_000, reasoning in 0_u64..500_000) -> Spent {
            Spent { input: plain + cached_input, cached_input, output: said + reasoning, reasoning }
        }
    }

    fn together(one: Spent, other: Spent) -> Spent {
        Spent {
            input: one.input + other.input,
            cached_input: one.cached_input + other.cached_input,
            output: one.output + other.output,
            reasoning: one.reasoning + other.reasoning,
        }
    }

    proptest! {
        #[test]
        fn costs_grow_with_tokens_and_add_up_but_for_rounding(rates in any_rates(), one in any_spent(), other in any_spent()) {
            let prices = Prices::flat(rates);
            let (sum, both) = (prices.cost(one) + prices.cost(other), prices.cost(together(one, other)));
            prop_assert!(prices.cost(one) <= both);
            prop_assert!(both <= sum && sum <= both + Usd::from_nanos(1));
        }

        #[test]
        fn nothing_costs_more_than_the_worst(
            base in any_rates(),
            tiers in proptest::collection::vec((0_u64..1_000_000, any_rates()), 0..3),
            per_request in 0_u64..1_000_000_000,
            spent in any_spent(),
            more in any_spent(),
        ) {
            let tiers = tiers.into_iter().map(|(above, rates)| Tier { above, rates }).collect();
            let prices = Prices::new(base, tiers, Usd::from_nanos(per_request));
            let worst = prices.worst(spent.input, spent.output);
            prop_assert!(prices.cost(spent) <= worst);
            prop_assert!(worst <= prices.worst(spent.input + more.input, spent.output + more.output));
        }

        #[test]
        fn no_count_and_no_price_overflows(tokens in any::<[u64; 4]>(), nanos in any::<u64>()) {
            let all = Usd::from_nanos(nanos);
            let [input, cached_input, output, reasoning] = tokens;
            let prices = Prices::flat(Rates { input: all, cached_input: None, output: all, reasoning: None });
            let spent = Spent { input, cached_input: cached_input.min(input), output, reasoning: reasoning.min(output) };
            prop_assert_eq!(prices.cost(spent), prices.worst(input, output));
        }
    }
}
