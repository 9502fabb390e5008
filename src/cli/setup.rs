//! Brings together what a run needs: benchmarks, strategies, judges, and the servers of simulated ones.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use super::{Exit, Trouble, note};
use crate::ask::Limits;
use crate::bench::{self, Bench};
use crate::config::{
    AccountSource, BenchSource, EndpointSource, JudgeSource, JudgeSourceKind, Resolved, StrategyPlace,
};
use crate::judge::{Access, Endpoint, EndpointJudge, Judge, JudgeKind, Replay, Replica, Timeouts};
use crate::mistake::of_system;
use crate::mock::{Server, ServerOptions};
use crate::money::{Listed, PriceFile, Prices};
use crate::report;
use crate::strategy::{self, Strategy};

/// Reads the benchmarks, less the tasks that are not run, and says what there is of them.
pub(super) fn benches(resolved: &Resolved) -> Result<Vec<Bench>, Trouble> {
    let mut benches = Vec::new();
    for source in &resolved.benches {
        let mut bench = bench(source)?;
        note(&report::coverage_line(&bench));
        if let Some(missing) = report::missing_line(&bench) {
            note(&format!("{}: {missing}", bench.name));
        }
        narrow(&mut bench, resolved)?;
        benches.push(bench);
    }
    Ok(benches)
}

/// Reads a benchmark as it is.
pub(super) fn bench(source: &BenchSource) -> Result<Bench, Trouble> {
    let bench = match &source.path {
        Some(path) => bench::open(path, &source.name, source.format)
            .map_err(|error| Trouble::usage(format!("bench `{}`: {error}", source.name)))?,
        None => Bench { name: source.name.clone(), ..bench::sample()? },
    };
    match &source.hash {
        Some(hash) if *hash != bench.hash.to_string() => Err(Trouble::usage(format!(
            "bench `{}`: its items have the hash {}, and the configuration wants {hash}: the files have changed; leave `hash` out if that is meant",
            source.name, bench.hash
        ))),
        _ => Ok(bench),
    }
}

/// Leaves what a run asks about.
pub(super) fn narrow(bench: &mut Bench, resolved: &Resolved) -> Result<(), Trouble> {
    bench.keep_tasks(&resolved.tasks);
    if bench.items.is_empty() {
        return Err(Trouble::usage(format!(
            "bench `{}`: it has no items of the tasks to run: run other tasks, or all",
            bench.name
        )));
    }
    if let Some(items) = resolved.limit {
        bench.limit(items, resolved.seed);
    }
    Ok(())
}

/// Loads the strategies.
pub(super) fn strategies(resolved: &Resolved) -> Result<Vec<Strategy>, Trouble> {
    let mut names = HashSet::new();
    let mut strategies = Vec::new();
    for source in &resolved.strategies {
        let strategy = strategy_at(&source.place)?;
        if let Some(name) = source.name.as_ref().filter(|name| **name != strategy.name) {
            return Err(Trouble::usage(format!(
                "strategy `{name}`: its file calls it `{}`; leave one of the names out, or make them the same",
                strategy.name
            )));
        }
        if let Some(hash) = source.hash.as_ref().filter(|hash| **hash != strategy.hash.to_string()) {
            return Err(Trouble::usage(format!(
                "strategy `{}`: it has the hash {}, and the configuration wants {hash}: it has changed; leave `hash` out if that is meant",
                strategy.name, strategy.hash
            )));
        }
        if !names.insert(strategy.name.clone()) {
            return Err(Trouble::usage(format!(
                "two strategies are called `{}`: give one of them another name in its file",
                strategy.name
            )));
        }
        strategies.push(strategy);
    }
    Ok(strategies)
}

/// Loads one strategy.
pub(super) fn strategy_at(place: &StrategyPlace) -> Result<Strategy, Trouble> {
    match place {
        StrategyPlace::Shipped(name) => Ok(strategy::shipped(name)
            .ok_or_else(|| Trouble::new(Exit::Unexpected, format!("strategy {name} is not in the binary")))??),
        StrategyPlace::File(path) => {
            let shown = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|error| {
                Trouble::usage(format!("strategy {shown}: cannot be read: {}; check the path", of_system(&error)))
            })?;
            Ok(Strategy::load(&text, &shown)?)
        }
    }
}

/// Makes the judges; the servers of simulated ones live as long as the second part.
pub(super) async fn judges(resolved: &Resolved) -> Result<(Vec<Judge>, Vec<Server>), Trouble> {
    let (mut judges, mut servers) = (Vec::new(), Vec::new());
    let listed = resolved.prices.as_ref().map(|path| PriceFile::read(path)).transpose();
    let listed = listed.map_err(|error| Trouble::usage(error.to_string()))?;
    for source in &resolved.judges {
        let kind = match &source.kind {
            JudgeSourceKind::Baseline(baseline) => JudgeKind::Baseline(*baseline),
            JudgeSourceKind::Replay(path) => JudgeKind::Replay(replay(source, path)?),
            JudgeSourceKind::Endpoint(endpoint) => {
                let replicas = endpoint.accounts.iter().map(|account| {
                    let AccountSource { name, access, limits } = account;
                    let endpoint = Endpoint::new(access.clone(), &endpoint.model, endpoint.timeouts)
                        .map_err(|problem| Trouble::new(Exit::Unexpected, problem))?;
                    Ok(Replica { name: name.clone(), endpoint, limits: *limits })
                });
                JudgeKind::Endpoint(Box::new(EndpointJudge {
                    replicas: replicas.collect::<Result<_, Trouble>>()?,
                    identity: endpoint.identity.clone(),
                    extra: Arc::new(endpoint.extra.clone()),
                    simulated: false,
                    prices: prices(&source.name, endpoint, listed.as_ref()),
                }))
            }
            JudgeSourceKind::Mock(parameters) => {
                let options = ServerOptions { parameters: *parameters, ..ServerOptions::default() };
                let server = Server::start(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0), options)
                    .await
                    .map_err(|error| Trouble::new(Exit::Unexpected, format!("the simulated judge: {error}")))?;
                let endpoint = simulated(&server)?;
                servers.push(server);
                let identity = format!("mock:v1 {parameters}");
                JudgeKind::Endpoint(Box::new(EndpointJudge {
                    replicas: vec![Replica { name: endpoint.shown(), endpoint, limits: Limits::default() }],
                    identity,
                    extra: Arc::default(),
                    simulated: true,
                    prices: None,
                }))
            }
        };
        judges.push(Judge { name: source.name.clone(), kind });
    }
    Ok((judges, servers))
}

/// The prices of a judge: its own, else those of the file; what it is not found for is told.
fn prices(name: &str, endpoint: &EndpointSource, listed: Option<&PriceFile>) -> Option<Prices> {
    if let Some(price) = endpoint.table.price {
        return Some(price.prices());
    }
    let host = endpoint.accounts.first().map(|account| account.access.host());
    match listed?.prices(&endpoint.model, host) {
        Ok(Listed { name: entry, prices }) => {
            if entry != endpoint.model {
                note(&format!("judge `{name}`: prices of {entry}"));
            }
            Some(prices)
        }
        Err(error) => {
            note(&format!("judge `{name}`: {error}. What it costs is not told"));
            None
        }
    }
}

fn simulated(server: &Server) -> Result<Endpoint, Trouble> {
    let unexpected = |problem: String| Trouble::new(Exit::Unexpected, format!("the simulated judge: {problem}"));
    let access = Access::new(&server.base_url(), None, &[]).map_err(|error| unexpected(error.to_string()))?;
    Endpoint::new(access, "mock", Timeouts::default()).map_err(unexpected)
}

fn replay(source: &JudgeSource, path: &std::path::Path) -> Result<Replay, Trouble> {
    let replay = Replay::open(path).map_err(|error| Trouble::usage(format!("judge `{}`: {error}", source.name)))?;
    match &source.hash {
        Some(hash) if *hash != replay.hash.to_string() => Err(Trouble::usage(format!(
            "judge `{}`: its file has the hash {}, and the configuration wants {hash}: the file has changed; leave `hash` out if that is meant",
            source.name, replay.hash
        ))),
        _ => Ok(replay),
    }
}
