//! Tribunal puts LLM judges on trial: it asks a generative judge which of two answers is better, or which of N is best, on benchmarks with
//! known answers, and tells how often it is right, how sure that is, and how it leans.
//!
//! The program `tribunal` is a thin shell over this library. A run goes through its rooms in this order:
//!
//! 1. [`mod@bench`] reads files into items: a conversation, candidate answers, the gold.
//! 2. [`plan`] turns items into distinct comparisons and these into asks. The order of two candidates is a hash of their texts and
//!    the seed: neither the file nor the gold has a say.
//! 3. [`strategy`] renders an ask to messages; [`run`] takes it through the [`store`], the [`pace`] and the [`judge`].
//! 4. [`verdict`] reads replies, [`score`] holds them against the golds, [`stats`] gives intervals, [`report`] shows.
//!
//! Scoring a baseline on the embedded sample, without a network:
//!
//! ```
//! use tribunal::bench;
//! use tribunal::judge::Baseline;
//! use tribunal::plan::{Orders, Plan};
//! use tribunal::score::{Policy, score_cell};
//! use tribunal::verdict::Verdict;
//!
//! let sample = bench::sample()?;
//! let seed = 0;
//! let plan = Plan::new(&sample, seed, Orders::Seeded, 1, false);
//! let verdicts: Vec<Option<Verdict>> = plan
//!     .judgments()
//!     .map(|ask| {
//!         let comparison = plan.comparison(ask.comparison);
//!         let slots = comparison.slots(ask.order).map(|text| sample.texts.get(text).as_ref());
//!         Some(Baseline::Longest.verdict(slots, seed, comparison.hash, ask.order, ask.sample))
//!     })
//!     .collect();
//! let scored = score_cell(&sample, &plan, &verdicts, Policy::default());
//! let overall = scored.overall.expect("all four subsets are there");
//! assert!(overall.score < 0.5, "length tells little in the sample");
//! # Ok::<(), tribunal::bench::BenchError>(())
//! ```
//!
//! Reading a verdict:
//!
//! ```
//! use tribunal::ask::Reply;
//! use tribunal::strategy;
//! use tribunal::verdict::Verdict;
//!
//! let explain = strategy::shipped("pairwise-explain").expect("it is shipped")?;
//! let reply = Reply { text: "Only B answers the question. **[[B]]**".to_owned(), ..Reply::default() };
//! assert!(matches!(explain.rule.read(&reply), Verdict::Slot { slot: 1, .. }));
//! # Ok::<(), tribunal::strategy::StrategyError>(())
//! ```

pub mod ask;
pub mod bench;
pub mod cli;
pub mod clock;
pub mod config;
pub mod digest;
pub mod file;
pub mod judge;
pub mod mock;
pub mod pace;
pub mod plan;
pub mod report;
pub mod run;
pub mod score;
pub mod stats;
pub mod store;
pub mod strategy;
pub mod verdict;
