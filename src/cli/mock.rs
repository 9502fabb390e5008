//! `tribunal mock`: the simulated judge as a server of its own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use clap::Args;

use super::stop::Wish;
use super::{Exit, Trouble, note, runtime, say};
use crate::mock::{Parameters, Server, ServerOptions};

/// What `tribunal mock` is told.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tribunal mock --port 8801 --parameters accuracy=.8,first_lean=.1\n  \
    tribunal run --judge any@http://127.0.0.1:8801/v1\n\n\
    Only `tribunal run --judge mock:...` tells the simulated judge which answer is the gold. Asked by others, it takes a side \
    that depends on the texts alone.")]
#[allow(clippy::doc_markdown, reason = "these lines are the help text, shown as they stand")]
pub(super) struct MockArguments {
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8801)]
    port: u16,
    /// What it is like: accuracy, first_lean, ties, unparsed (probabilities), latency_ms, seed
    #[arg(long, default_value = "", value_name = "KEY=VALUE,...")]
    parameters: Parameters,
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
        note(&format!("{} chat requests were received", crate::report::count(server.requests().received)));
        Ok(Exit::Interrupted)
    })
}
