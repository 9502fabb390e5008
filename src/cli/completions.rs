//! `tribunal completions` and `tribunal man`: what shells and `man` know of the command line.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _};

use super::{Arguments, Exit, Trouble, note, say};

/// What `tribunal completions` is told.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tribunal completions bash > ~/.local/share/bash-completion/completions/tribunal")]
pub(super) struct CompletionsArguments {
    /// The shell
    shell: clap_complete::Shell,
}

/// What `tribunal man` is told.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tribunal man | man -l -\n  tribunal man --out man1")]
pub(super) struct ManArguments {
    /// The folder for one page a subcommand; without it the main page is printed
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn completions(arguments: &CompletionsArguments) -> Result<Exit, Trouble> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "tribunal", &mut script);
    say(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Complete)
}

pub(super) fn man(arguments: &ManArguments) -> Result<Exit, Trouble> {
    let command = Arguments::command();
    match &arguments.out {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            say(&String::from_utf8_lossy(&page))?;
        }
        Some(folder) => {
            let wrong = |error: std::io::Error| Trouble::usage(format!("--out {}: {error}", folder.display()));
            std::fs::create_dir_all(folder).map_err(wrong)?;
            clap_mangen::generate_to(command, folder).map_err(wrong)?;
            note(&format!("written: {}", folder.display()));
        }
    }
    Ok(Exit::Complete)
}
