//! The command line: arguments, exit codes, and what is printed.

mod agree;
mod attack;
mod cells;
mod compare;
mod completions;
mod conclude;
mod data;
mod deadline;
mod enough;
mod estimate;
mod exit;
mod export;
mod import;
mod init;
mod job;
mod jury;
mod live;
mod material;
mod matrix;
mod mock;
mod money;
mod power;
mod progress;
mod prompt;
mod prompts;
mod reparse;
mod report;
mod run;
mod schema;
mod setup;
mod shape;
mod show;
mod stop;
mod store;
mod values;
mod view;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use exit::{Exit, Trouble};

use crate::report::Width;

/// Puts LLM judges on trial: how often each is right, how sure that is, how it leans, what it cost.
#[derive(Debug, Parser)]
#[command(name = "tribunal", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 complete, 1 unexpected, 2 usage or configuration, 3 incomplete (failed asks), \
    4 stopped at the budget, 5 an endpoint refused, 130 interrupted.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Ask judges about a benchmark, score their verdicts, report.
    Run(Box<run::RunArguments>),
    /// Show what a run would take: asks, tokens, money, time. Sends nothing.
    Estimate(Box<estimate::EstimateArguments>),
    /// Ask about worse answers that speak to their judge, and show how often that wins.
    Attack(Box<attack::AttackArguments>),
    /// Show the reports of runs again.
    Report(report::ReportArguments),
    /// Look at judgments one by one, on a local web page: filter, search, compare; also while a run goes on.
    View(view::ViewArguments),
    /// Show one item of a run: its texts, and what was said of it.
    Show(show::ShowArguments),
    /// Hold cells of finished runs against each other, item by item: what differs, and how sure that is.
    Compare(compare::CompareArguments),
    /// Show all cells of finished runs as a leaderboard, with places, effects and costs.
    Matrix(matrix::MatrixArguments),
    /// Hold the order of cells against other numbers, or against published scores.
    Correlate(matrix::CorrelateArguments),
    /// Foretell how many conversations it takes to see a difference.
    Power(power::PowerArguments),
    /// Take scores that others gave, such as those of a reward model, as the run of a judge.
    Import(import::ImportArguments),
    /// Let the judges of runs vote: what a jury of them scores, and which. Asks nothing.
    Jury(jury::JuryArguments),
    /// Show how far the judges of runs agree beyond chance. Asks nothing.
    Agree(agree::AgreeArguments),
    /// Read the replies of a run again, and show which verdicts change. Asks nothing.
    Reparse(reparse::ReparseArguments),
    /// Write the judgments of a run for other programs: as recorded replies, which `--judge replay:FILE` reads, or as Parquet.
    Export(export::ExportArguments),
    /// Look at the ways of asking.
    Prompts(prompts::PromptsArguments),
    /// Look at benchmarks: what is known, what is at hand, what is odd in one.
    Data(data::DataArguments),
    /// Look at a store of replies, and save what can be saved of a damaged one.
    Store(store::StoreArguments),
    /// Serve the simulated judge, an OpenAI-compatible endpoint with known leanings.
    Mock(Box<mock::MockArguments>),
    /// Write a configuration file to start from.
    Init(init::InitArguments),
    /// Print the JSON Schema of the configuration file or of strategy files.
    Schema(schema::SchemaArguments),
    /// Print a script that completes this command line in a shell.
    Completions(completions::CompletionsArguments),
    /// Print the manual page, or write one for each subcommand.
    Man(completions::ManArguments),
}

/// Runs the command line and answers with its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(arguments) => run::run(*arguments),
        Command::Estimate(arguments) => estimate::estimate(*arguments),
        Command::Attack(arguments) => attack::attack(*arguments),
        Command::Report(arguments) => report::report(&arguments),
        Command::View(arguments) => view::view(&arguments),
        Command::Show(arguments) => show::show(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Matrix(arguments) => matrix::matrix(&arguments),
        Command::Correlate(arguments) => matrix::correlate(&arguments),
        Command::Power(arguments) => power::run(&arguments),
        Command::Import(arguments) => import::import(arguments),
        Command::Jury(arguments) => jury::jury(&arguments),
        Command::Agree(arguments) => agree::agree(&arguments),
        Command::Reparse(arguments) => reparse::reparse(&arguments),
        Command::Export(arguments) => export::export(&arguments),
        Command::Prompts(arguments) => prompts::prompts(&arguments),
        Command::Data(arguments) => data::data(&arguments),
        Command::Store(arguments) => store::store(&arguments),
        Command::Mock(arguments) => mock::mock(&arguments),
        Command::Init(arguments) => init::init(&arguments),
        Command::Schema(arguments) => schema::schema(&arguments),
        Command::Completions(arguments) => completions::completions(&arguments),
        Command::Man(arguments) => completions::man(&arguments),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(trouble) if trouble.is_broken_pipe() => Exit::Complete.into(),
        Err(trouble) => {
            complain(&trouble.message);
            trouble.exit.into()
        }
    }
}

/// Writes an error to the person.
fn complain(message: &str) {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    aside(&format!("{style}error:{style:#} {}\n", crate::report::plain_block(message)));
}

/// Writes beside the results. A run must not end because nobody can read along.
fn aside(text: &str) {
    progress::above(|| {
        let _ = anstream::stderr().lock().write_all(text.as_bytes());
    });
}

/// Writes a note to the person, beside the results; in lines that fit, where a person reads along.
fn note(message: &str) {
    let message = crate::report::plain(message);
    if std::io::stderr().is_terminal() {
        aside(&crate::report::wrapped(&message, 2, Width::of_terminal()));
    } else {
        aside(&format!("{message}\n"));
    }
}

/// Writes results.
fn say(text: &str) -> Result<(), Trouble> {
    anstream::stdout().lock().write_all(text.as_bytes()).map_err(|error| Trouble::output(&error))
}

/// A runtime for what waits on the network.
fn runtime() -> Result<tokio::runtime::Runtime, Trouble> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Trouble::new(Exit::Unexpected, format!("no runtime: {error}")))
}
