//! `tribunal view`: judgments one by one, on a page for this machine alone.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::live::{Live, follow};
use super::stop::Wish;
use super::{Exit, Trouble, note, runtime, say};
use crate::report::{RunFolder, counted};
use crate::view::{Shelf, ViewServer};

/// The port of an address that people keep: links to cases stay good. Where it is taken, any other will do.
const PORT: u16 = 8642;

/// What `tribunal view` is told.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tribunal view runs/mine\n  tribunal view runs/gpt runs/llama --port 9000\n\n\
    Only this machine can open the page. A run that is still under way is read from the store, and the page follows it.")]
pub(super) struct ViewArguments {
    /// Folders of runs
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// Where to listen on this machine; 8642, or any free port if that is taken
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// The store of replies, for runs that are under way
    #[arg(long, value_name = "FILE", default_value = "tribunal.db")]
    store: PathBuf,
}

pub(super) fn view(arguments: &ViewArguments) -> Result<Exit, Trouble> {
    let folders = RunFolder::open_all(&arguments.runs)?;
    runtime()?.block_on(async {
        let mut live = Live::open(folders, &arguments.store);
        if let (_, Some(trouble)) = live.renew().await {
            return Err(trouble);
        }
        let cases = live.cases()?;
        cases.gaps().for_each(|gap| note(&format!("texts are missing: {gap}")));
        note(&counted(cases.len(), "judgment"));
        let shelf = Arc::new(Shelf::new(cases, live.progress()));
        let mut wish = Wish::listen()?;
        let server = listen(arguments.port, &shelf).await?;
        say(&format!("{}\n", server.address()))?;
        note("open this address in a browser; Ctrl-C ends it");
        follow(live, shelf)?;
        wish.came().await;
        Ok(Exit::Interrupted)
    })
}

async fn listen(port: Option<u16>, shelf: &Arc<Shelf>) -> Result<ViewServer, Trouble> {
    let mut server = ViewServer::start(port.unwrap_or(PORT), Arc::clone(shelf)).await;
    if port.is_none() && server.as_ref().is_err_and(|error| error.kind() == ErrorKind::AddrInUse) {
        server = ViewServer::start(0, Arc::clone(shelf)).await;
    }
    server.map_err(|error| {
        let port = port.unwrap_or(PORT);
        Trouble::usage(format!("port {port}: {error}; name another with --port, or 0 for a free one"))
    })
}
