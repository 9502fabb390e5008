//! `tribunal mock`: the simulated judge as a server of its own.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use clap::Args;

use super::stop::Wish;
use super::{Exit, Trouble, note, runtime, say};
use crate::mock::{Fault, Faults, Group, Limits, Parameters, Server, ServerOptions};

const AFTER_HELP: &str = "Example:\n  tribunal mock --port 8801 --parameters accuracy=.8,first_lean=.1\n  \
    tribunal run --judge any@http://127.0.0.1:8801/v1\n\n\
    Only `tribunal run --judge mock:...` tells the simulated judge which answer is the gold. Asked by others, it takes a side \
    that depends on the texts alone.";

const ABOUT_FAULTS: &str = "`all`, `throttles`, `server` and `connection` divide a share among their names. After\n  \
    three faults in a row an ask gets its reply, the same as without faults. GET /stats (beside\n  \
    /v1) tells what was given and how it was met.";
const SETTINGS: &str = "\n  settings:\n    \
    wait_ms=20         the wait that throttles announce; forms that know only seconds round it up\n    \
    drip_ms=50         how long a dripping reply takes\n    \
    quota_after=N      after N answers 429 insufficient_quota, for good\n    \
    unauthorized_after=N\n                       after N answers 401, for good\n    \
    redirect_to=URL    the base URL that redirects point to\n    \
    seed=N             other faults at the same frequencies; if none is given, the judge's own";

const ABOUT_LIMITS: &str = "Each is a number, or numbers with the seconds that they hold from: 16@0+6@120, counted\n  \
    from the start. A request over a limit gets 429. A request counts for exactly one window.";
const LIMITS: &str = "\n    \
    requests           within a minute\n    \
    requests_per_day   within a day\n    \
    tokens             of prompts and replies, within a minute\n    \
    input_tokens       of prompts\n    \
    output_tokens      of replies\n    \
    concurrency        requests at once; no header tells of it, and no wait is announced\n\n  settings:\n    \
    charge=reserved    the prompt and max_tokens (16 if not given) are charged at arrival\n    \
    charge=used        the prompt is, and the reply's own tokens when it is sent\n    \
    charge_rejected=1  rejected requests are charged too\n    \
    window_ms=60000    how long a minute is\n    \
    headers=none       or openai, anthropic, openrouter, azure: on each answer; retry_after: on a\n                       \
    429. What they call a reset is when nothing of the window is used any more\n    \
    latency=fixed:MS   how long replies take, in place of latency_ms\n    \
    latency=uniform:LOW:HIGH\n    \
    latency=lognormal:MEDIAN:SIGMA\n                       \
    drawn for each attempt; at most 100 medians\n    \
    output=lognormal:MEDIAN:SIGMA\n                       \
    pads replies to about so many tokens, drawn for each ask: it changes what\n                       \
    the judge says, though the label still comes last\n    \
    down=600..1800     connections are closed without a response in these seconds; several with +\n    \
    seed=N             other latencies and lengths of the same kind; if none is given, the judge's own";

/// What `tribunal mock` is told.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP, after_long_help = with_lists())]
#[allow(clippy::doc_markdown, reason = "these lines are the help text, shown as they stand")]
pub(super) struct MockArguments {
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8801)]
    port: u16,
    /// What it is like: accuracy, first_lean, length_lean, obeys, ties, unparsed, shared, steady, confidence (probabilities), latency_ms, seed
    #[arg(long, default_value = "", value_name = "KEY=VALUE,...")]
    parameters: Parameters,
    /// What goes wrong, and how often: shares of groups and names, and settings, all listed below
    #[arg(long, default_value = "", value_name = "NAME=SHARE,...")]
    faults: Faults,
    /// What is limited, and how long replies take: limits and settings, all listed below
    #[arg(long, default_value = "", value_name = "LIMIT=NUMBER,...")]
    limits: Limits,
    /// The key that requests must carry
    #[arg(long, value_name = "KEY")]
    expect_key: Option<String>,
    /// The models that it knows; any, if none is named
    #[arg(long, value_delimiter = ',', value_name = "MODEL,...")]
    models: Vec<String>,
}

pub(super) fn mock(arguments: &MockArguments) -> Result<Exit, Trouble> {
    let options = ServerOptions {
        parameters: arguments.parameters,
        faults: arguments.faults.clone(),
        limits: arguments.limits.clone(),
        api_key: arguments.expect_key.clone(),
        models: arguments.models.clone(),
    };
    let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), arguments.port);
    runtime()?.block_on(async {
        let mut wish = Wish::listen()?;
        let server = Server::start(address, options).await.map_err(|error| {
            Trouble::usage(format!("port {}: {error}; name another with --port, or 0 for a free one", arguments.port))
        })?;
        say(&format!("{}\n", server.base_url()))?;
        note("the simulated judge is listening; Ctrl-C ends it. It does not know the gold: asked over a URL, it is right by chance");
        wish.came().await;
        note(&format!("{} chat requests were received", crate::report::count(server.stats().received)));
        Ok(Exit::Interrupted)
    })
}

/// The help with every fault and limit, and what each is.
fn with_lists() -> String {
    let mut text = format!("{AFTER_HELP}\n\nFaults:\n  {ABOUT_FAULTS}\n");
    for group in Group::ALL {
        let _ = writeln!(text, "\n  {}:", about(group));
        for fault in Fault::all().filter(|fault| fault.group() == group) {
            let _ = writeln!(text, "    {:18} {}", fault.name(), fault.meaning());
        }
    }
    format!("{text}{SETTINGS}\n\nLimits:\n  {ABOUT_LIMITS}\n{LIMITS}")
}

fn about(group: Group) -> &'static str {
    match group {
        Group::Throttles => "throttles, drawn for each attempt",
        Group::Server => "server, drawn for each attempt",
        Group::Connection => "connection, drawn for each attempt",
        Group::Rough => "not in `all`, drawn for each attempt",
        Group::Lasting => "not in `all`, drawn for each ask: it is always refused",
        Group::Odd => "not in `all`, drawn for each ask: it is always answered oddly",
    }
}
