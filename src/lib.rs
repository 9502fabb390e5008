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
//! A judge of one's own, on a benchmark of one's own:
//!
//! ```
//! use tribunal::ask::Role;
//! use tribunal::bench::{Builder, Coverage, Item, Task};
//! use tribunal::plan::Orders;
//! use tribunal::score::{Policy, score_judge};
//! use tribunal::verdict::Verdict;
//!
//! let mut items = Builder::default();
//! for (id, question, good, bad) in [
//!     ("1", "What is 2 + 2?", "4", "It is 5, as everybody knows."),
//!     ("2", "Name a prime above 10.", "11", "Twelve would be one."),
//!     ("3", "Spell out 30.", "thirty", "3-0"),
//! ] {
//!     let conversation = items.conversation([(Role::User, question)].into_iter());
//!     let candidates = vec![items.candidate(good, None), items.candidate(bad, None)];
//!     let group = items.group("Arithmetic/Small");
//!     let item = Item { id: id.to_owned(), group, task: Task::Pairwise, conversation, candidates, best: vec![0] };
//!     items.add(item).expect("every id is new");
//! }
//! let coverage = Coverage { files: 0, files_of: 0, items_of: items.len() };
//! let bench = items.build("arithmetic", coverage, None);
//!
//! // The judge: it prefers the shorter answer. Any function will do, such as one that asks a model.
//! let scored = score_judge(&bench, Orders::Both, 0, Policy::default(), |shown| {
//!     Verdict::slot(u8::from(shown.b.len() < shown.a.len()))
//! });
//! let arithmetic = &scored.subsets[0];
//! assert_eq!((arithmetic.n, arithmetic.score), (3, Some(2.0 / 3.0)));
//! assert_eq!(scored.position.consistent, Some(3), "it does not look at the slots");
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
//! assert!(matches!(explain.rule.read(&reply, 2).verdict, Verdict::Slot { slot: 1, .. }));
//! # Ok::<(), tribunal::strategy::StrategyError>(())
//! ```

pub mod across;
pub mod ask;
pub mod attack;
pub mod bench;
pub mod cases;
pub mod cli;
pub mod clock;
pub mod config;
pub mod digest;
pub mod file;
pub mod import;
pub mod judge;
pub mod mistake;
pub mod mock;
pub mod money;
pub mod pace;
pub mod plan;
pub mod report;
pub mod run;
pub mod score;
pub mod stats;
pub mod store;
pub mod strategy;
pub mod verdict;
pub mod view;
