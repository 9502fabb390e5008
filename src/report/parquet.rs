//! Judgments as Parquet: a row a line of `judgments.jsonl`, in columns that are the same for every run.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_json::ReaderBuilder;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::part::{PathError, write_whole};
use super::recorded::Wanted;
use crate::across::{JudgmentLine, LineError};
use crate::cases::CasesError;
use crate::mistake::of_system;

/// What names another place for the file.
const ELSEWHERE: &str = "name another file with --parquet";
/// The most lines and the most bytes of them that become rows at once: what is in memory is bounded, however long a run is.
const BATCH: (usize, usize) = (8_192, 8 << 20);
/// The most rows and the most bytes of a row group, which is held in memory, encoded, until it is whole.
const GROUP: (usize, usize) = (65_536, 64 << 20);
/// What a Parquet file begins with.
const MAGIC: &[u8] = b"PAR1";

/// Why judgments cannot be written as Parquet.
#[derive(Debug, thiserror::Error)]
pub enum ParquetError {
    /// They cannot be read, or a line is none.
    #[error(transparent)]
    Judgments(#[from] CasesError),
    /// The file cannot be written.
    #[error(transparent)]
    File(#[from] PathError),
    /// The file cannot be made.
    #[error("the judgments do not become Parquet: {0}")]
    Format(String),
}

impl From<io::Error> for ParquetError {
    fn from(error: io::Error) -> Self {
        Self::File(error.into())
    }
}

impl From<parquet::errors::ParquetError> for ParquetError {
    fn from(error: parquet::errors::ParquetError) -> Self {
        let parquet::errors::ParquetError::External(inner) = error else { return Self::Format(error.to_string()) };
        match inner.downcast::<io::Error>() {
            Ok(error) => (*error).into(),
            Err(other) => Self::Format(other.to_string()),
        }
    }
}

/// Writes the judgments of a run that are wanted into a file, whole or not at all; answers with their number. `judgments` is the file that holds
/// them, with its path.
pub fn write_parquet((path, judgments): (&Path, File), wanted: Wanted<'_>, file: &Path) -> Result<usize, ParquetError> {
    may_be_written(file)?;
    write_whole(file, ELSEWHERE, |out| {
        let rows = write_rows(RowWriter::new(out, path)?, judgments, wanted)?;
        if rows == 0 && wanted.is_narrowed() {
            let problem = "no judgments of that judge and strategy are in it: check --judge and --strategy";
            return Err(PathError::new(path, problem).into());
        }
        Ok(rows)
    })
}

fn write_rows<W: Write + Send>(
    mut writer: RowWriter<'_, W>,
    judgments: File,
    wanted: Wanted<'_>,
) -> Result<usize, ParquetError> {
    let path = writer.path;
    let wrong = |error| CasesError::Io { path: path.to_path_buf(), error };
    let mut reader = BufReader::with_capacity(1 << 20, judgments);
    let (mut bytes, mut number) = (Vec::new(), 0);
    while reader.read_until(b'\n', &mut bytes).map_err(wrong)? > 0 {
        number += 1;
        writer.add(number, &bytes, wanted)?;
        bytes.clear();
    }
    writer.finish()
}

/// What stands there already is replaced only where it is Parquet too: a mistyped name must not cost anybody a file.
fn may_be_written(file: &Path) -> Result<(), PathError> {
    let refused = |problem: &str| Err(PathError::new(file, format!("{problem}; {ELSEWHERE}")));
    match fs::metadata(file) {
        Ok(there) if !there.is_file() => refused("is there already, and is no file"),
        Ok(there) if there.len() == 0 => Ok(()),
        Ok(_) => {
            let mut start = [0; MAGIC.len()];
            match File::open(file).and_then(|mut there| there.read_exact(&mut start)) {
                Ok(()) if start == MAGIC => Ok(()),
                Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                    refused(&format!("is there already, and cannot be read: {}", of_system(&error)))
                }
                _ => refused("is there already, and is no Parquet"),
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => match file.parent() {
            Some(folder) if folder.as_os_str().is_empty() || folder.is_dir() => Ok(()),
            _ => refused("its folder is not there: make it"),
        },
        Err(error) => refused(&format!("cannot be written: {}", of_system(&error))),
    }
}

/// Gathers lines and writes them as rows.
struct RowWriter<'a, W: Write + Send> {
    writer: ArrowWriter<W>,
    path: &'a Path,
    columns: SchemaRef,
    /// The lines of the next batch.
    lines: Vec<u8>,
    /// The number of each of them in its file, and where it ends among these.
    ends: Vec<(usize, usize)>,
}

impl<'a, W: Write + Send> RowWriter<'a, W> {
    fn new(out: W, path: &'a Path) -> Result<Self, ParquetError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP.0))
            .set_max_row_group_bytes(Some(GROUP.1))
            .build();
        let columns = columns();
        let writer = ArrowWriter::try_new(out, Arc::clone(&columns), Some(properties))?;
        Ok(Self { writer, path, columns, lines: Vec::new(), ends: Vec::new() })
    }

    fn add(&mut self, number: usize, bytes: &[u8], wanted: Wanted<'_>) -> Result<(), ParquetError> {
        let text = std::str::from_utf8(bytes).map_err(|error| self.damaged(number, error.to_string()))?;
        // arrow-json takes 1.5 and "1" for whole numbers; this does not.
        let line = JudgmentLine::parse(text, number);
        let line = line.map_err(|error| CasesError::Line { path: self.path.to_path_buf(), error })?;
        let Some(line) = line else { return Ok(()) };
        if wanted.has(&line) {
            self.lines.extend_from_slice(text.trim_end().as_bytes());
            self.lines.push(b'\n');
            self.ends.push((number, self.lines.len()));
        }
        if self.ends.len() >= BATCH.0 || self.lines.len() >= BATCH.1 {
            self.write()?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), ParquetError> {
        let batch = self.decode(&self.lines).map_err(|error| self.blame(&error))?;
        if let Some(batch) = batch {
            self.writer.write(&batch)?;
        }
        self.lines.clear();
        self.ends.clear();
        Ok(())
    }

    /// Whole lines as rows; `None` of no lines.
    fn decode(&self, lines: &[u8]) -> Result<Option<RecordBatch>, ArrowError> {
        let builder = ReaderBuilder::new(Arc::clone(&self.columns)).with_strict_mode(true);
        let mut decoder = builder.with_batch_size(self.ends.len().max(1)).build_decoder()?;
        decoder.decode(lines)?;
        decoder.flush()
    }

    /// The first line that does not become a row by itself. A batch only says that one does not.
    fn blame(&self, of_batch: &ArrowError) -> ParquetError {
        let mut start = 0;
        for (number, end) in &self.ends {
            if let Err(error) = self.decode(&self.lines[start..*end]) {
                let told = told(&error);
                return self.damaged(*number, format!("it holds what no judgment of this version has: {told}")).into();
            }
            start = *end;
        }
        ParquetError::Format(told(of_batch))
    }

    fn damaged(&self, line: usize, problem: String) -> CasesError {
        CasesError::Line { path: self.path.to_path_buf(), error: LineError { line, problem } }
    }

    /// Writes what is left, and what makes the file whole; answers with the number of rows in it.
    fn finish(mut self) -> Result<usize, ParquetError> {
        self.write()?;
        let rows = self.writer.close()?.file_metadata().num_rows();
        Ok(usize::try_from(rows).unwrap_or_default())
    }
}

/// What the library says, without the kind of its error.
fn told(error: &ArrowError) -> String {
    match error {
        ArrowError::JsonError(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The columns: the fields of a line, in their order. Those that a line may lack are there all the same.
fn columns() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, false);
    let text_or_none = |name| Field::new(name, DataType::Utf8, true);
    let number_or_none = |name| Field::new(name, DataType::Float64, true);
    let tokens = |name| Field::new(name, DataType::UInt64, true);
    let list = |name, of: DataType| Field::new_list(name, Field::new("element", of, false), false);
    let fields_of = |fields: &[Field]| DataType::Struct(fields.to_vec().into());
    let item = fields_of(&[
        text("id"),
        text("task"),
        text("group"),
        list("shown", DataType::UInt64),
        text_or_none("outcome"),
        text_or_none("stands"),
    ]);
    let usage = fields_of(&["prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens"].map(tokens));
    Arc::new(Schema::new(vec![
        text("bench"),
        text("judge"),
        text_or_none("strategy"),
        text("hash"),
        list("items", item),
        Field::new("order", DataType::UInt8, false),
        Field::new("sample", DataType::UInt32, false),
        text_or_none("key"),
        text_or_none("verdict"),
        number_or_none("strength"),
        number_or_none("preference"),
        text_or_none("reason"),
        text_or_none("reply"),
        text_or_none("finish_reason"),
        Field::new("usage", usage, true),
    ]))
}
