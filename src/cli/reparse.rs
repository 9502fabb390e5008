//! `tribunal reparse`: the replies of a run read again. Nothing is asked.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Exit, Trouble, note, say, setup};
use crate::config::{ConfigFile, StrategyPlace, strategy_named};
use crate::report::{CONFIG, JUDGMENTS, RunFolder, counted, plain, reread};
use crate::strategy::Strategy;

/// What `tribunal reparse` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tribunal reparse runs/mine\n  tribunal reparse runs/mine --strategy stricter.toml"
)]
pub(super) struct ReparseArguments {
    /// The folder of a run
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// The strategy whose [verdict] reads the replies; the run's own as it is now, if none is named
    #[arg(long, value_name = "NAME|FILE")]
    strategy: Option<String>,
}

pub(super) fn reparse(arguments: &ReparseArguments) -> Result<Exit, Trouble> {
    let folder = RunFolder::open(&arguments.run)?;
    let judgments = folder.needed(JUDGMENTS)?;
    let reread = if let Some(named) = &arguments.strategy {
        let strategy = setup::strategy_at(&strategy_named(named)?.place)?;
        reread(&judgments, |_| Some(&strategy))
    } else {
        let strategies = own_strategies(&folder)?;
        reread(&judgments, |name| strategies.iter().find(|strategy| strategy.name == name))
    };
    let reread = reread.map_err(|problem| Trouble::usage(format!("{}: {problem}", arguments.run.display())))?;
    let lines: String = reread.changes.iter().flat_map(|change| [plain(change), "\n".to_owned()]).collect();
    say(&lines)?;
    for ((before, now), count) in &reread.counts {
        note(&format!("{before} -> {now}: {}", counted(*count, "verdict")));
    }
    note(&format!(
        "{} of {} changed; nothing was asked. `tribunal run` with the strategy scores them anew",
        counted(reread.changes.len(), "verdict"),
        reread.replies
    ));
    Ok(Exit::Complete)
}

/// The strategies that a run used, as they are now.
pub(super) fn own_strategies(folder: &RunFolder) -> Result<Vec<Strategy>, Trouble> {
    let path = folder.file(CONFIG);
    let (config, _) = ConfigFile::read(&path)?;
    let place = |file: Option<&Path>, name: Option<&str>| match (file, name) {
        (Some(file), _) => StrategyPlace::File(file.to_path_buf()),
        (None, name) => StrategyPlace::Shipped(name.unwrap_or_default().to_owned()),
    };
    let tables = config.strategy.iter();
    tables.map(|table| setup::strategy_at(&place(table.file.as_deref(), table.name.as_deref()))).collect()
}
