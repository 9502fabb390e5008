//! What the judgments of finished runs speak of, read from the files that their runs were made from.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use super::attack::Attacks;
use super::run::{RunArguments, resolve};
use super::{Trouble, setup};
use crate::bench::Bench;
use crate::cases::{Cases, CasesBuilder, Filter, Material};
use crate::config::{BenchSource, Resolved};
use crate::report::{CONFIG, JUDGMENTS, RunFolder};

/// A run, with the file of its judgments and what these speak of.
#[derive(Debug)]
pub(super) struct RunCases {
    /// The run, as it was named.
    pub(super) name: String,
    /// Where the file is, or was: once it is open nothing else is looked at.
    pub(super) path: PathBuf,
    pub(super) file: File,
    /// Benchmarks and strategies, as far as they are at hand.
    pub(super) material: Arc<Material>,
}

impl RunCases {
    /// A run whose judgments were written; `None` where they were not.
    pub(super) fn finished(folder: &RunFolder, material: Arc<Material>) -> Result<Option<Self>, Trouble> {
        let run =
            |file| Self { name: folder.path().display().to_string(), path: folder.file(JUDGMENTS), file, material };
        Ok(folder.open_file(JUDGMENTS)?.map(run))
    }

    /// How many of its judgments were answered.
    pub(super) fn answered(&self) -> Result<usize, Trouble> {
        let cases = cases([self])?;
        let all = cases.find(&Filter::default())?;
        Ok(cases.len() - cases.counts(&all).failed)
    }
}

/// The judgments of runs.
pub(super) fn cases<'a>(runs: impl IntoIterator<Item = &'a RunCases>) -> Result<Cases, Trouble> {
    let mut builder = CasesBuilder::default();
    for run in runs {
        let file = run.file.try_clone().map_err(Trouble::from)?;
        builder.add(&run.name, (&run.path, file), Arc::clone(&run.material))?;
    }
    Ok(builder.build())
}

/// The configuration of a run, as its folder holds it.
pub(super) fn resolved(folder: &RunFolder) -> Result<Resolved, Trouble> {
    if !folder.file(CONFIG).exists() {
        let run = folder.path().display();
        return Err(Trouble::usage(format!("{run}: there is no {CONFIG} in it: is it the folder of a run?")));
    }
    let arguments = RunArguments::of_file(folder.file(CONFIG), Vec::new(), folder.path().to_path_buf());
    resolve(arguments.without_keys())
}

/// A benchmark, as far as a run asks about it.
pub(super) fn bench(source: &BenchSource, resolved: &Resolved) -> Result<Bench, Trouble> {
    let mut bench = setup::bench(source)?;
    setup::narrow(&mut bench, resolved)?;
    Ok(bench)
}

/// What a run's judgments speak of. What is not at hand is told in place of it: judgments can be looked at all the same.
pub(super) fn material(folder: &RunFolder) -> Material {
    let run = folder.path().display().to_string();
    // A gap is told in a line.
    let line = |message: &str| message.split_whitespace().collect::<Vec<_>>().join(" ");
    let gap = |trouble: Trouble| {
        let message = line(&trouble.message);
        vec![if message.starts_with(&run) { message } else { format!("{run}: {message}") }]
    };
    let resolved = match resolved(folder) {
        Ok(resolved) => resolved,
        Err(trouble) => return Material::new(Vec::new(), Vec::new(), gap(trouble)),
    };
    let (strategies, mut gaps) = match setup::strategies(&resolved) {
        Ok(strategies) => (strategies, Vec::new()),
        Err(trouble) => (Vec::new(), gap(trouble)),
    };
    let mut benches = Vec::new();
    for source in &resolved.benches {
        match bench(source, &resolved) {
            Ok(bench) => benches.push(bench),
            Err(trouble) => gaps.extend(gap(trouble)),
        }
    }
    if gaps.is_empty() {
        // Those under attack are made anew from the same draws.
        gaps.extend(Attacks::prepare(&resolved, &mut benches, &strategies).err().map_or_else(Vec::new, gap));
    }
    Material::new(benches, strategies, gaps)
}
