//! Files that may be compressed: `.gz` and `.zst` are read as what they hold.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use zstd::stream::read::Decoder;

use crate::mistake::of_system;

/// The most bytes that an archive may hold: 4 GiB, far above any benchmark and any set of replies. A few kilobytes can swell to more than
/// any memory.
const MOST_BYTES: u64 = 4 << 30;

/// Why a file cannot be read. The path is told by whoever asked for it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be opened or read.
    #[error("cannot be read: {}; check the path", of_system(.0))]
    Io(#[from] io::Error),
    /// It is no archive of its kind, or it breaks off.
    #[error("cannot be decompressed: {problem}; expected a whole {kind} archive: copy or download the file again")]
    Damaged {
        /// The kind of archive, by the end of its name.
        kind: &'static str,
        /// What the decompressor found.
        problem: io::Error,
    },
    /// The archive holds too much.
    #[error(
        "holds more than {most} bytes when decompressed, which is the most that is read: split it into several files"
    )]
    TooLarge {
        /// The most bytes.
        most: u64,
    },
    /// It is no text.
    #[error("byte {good} of the file is not UTF-8; save the file as UTF-8")]
    NotText {
        /// How many bytes before it are text.
        good: usize,
    },
}

#[derive(Clone, Copy)]
enum Compression {
    Gzip,
    Zstd,
}

/// The name of a file without the ending that says how it is compressed: `S1.json` for `S1.json.gz`.
#[must_use]
pub fn without_compression(name: &str) -> &str {
    name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name)
}

/// All bytes of a file, decompressed where its name ends in `.gz` or `.zst`.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    read_up_to(path, MOST_BYTES)
}

/// The text of such a file, which must be UTF-8.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    String::from_utf8(read(path)?).map_err(|error| FileError::NotText { good: error.utf8_error().valid_up_to() })
}

/// The first bytes of such a file, decompressed: at most `most`.
pub fn beginning(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    let file = File::open(path)?;
    if let Some(compression) = compression(path) {
        return compression.take(file, most);
    }
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_up_to(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    let Some(compression) = compression(path) else {
        return Ok(std::fs::read(path)?);
    };
    let bytes = compression.take(File::open(path)?, most + 1)?;
    if bytes.len() as u64 > most {
        return Err(FileError::TooLarge { most });
    }
    Ok(bytes)
}

fn compression(path: &Path) -> Option<Compression> {
    match path.extension()?.to_str()? {
        "gz" => Some(Compression::Gzip),
        "zst" => Some(Compression::Zstd),
        _ => None,
    }
}

impl Compression {
    /// At most so many bytes of what an archive holds.
    fn take(self, archive: File, most: u64) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::new();
        let (kind, read) = match self {
            // A file of several archives one after another is one text: parallel compressors write such.
            Self::Gzip => ("gzip", MultiGzDecoder::new(archive).take(most).read_to_end(&mut bytes)),
            Self::Zstd => ("zstd", Decoder::new(archive)?.take(most).read_to_end(&mut bytes)),
        };
        read.map(|_| bytes).map_err(|problem| FileError::Damaged { kind, problem })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::PathBuf;

    use super::*;

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &str) -> Vec<u8> {
        zstd::encode_all(text.as_bytes(), 0).unwrap()
    }

    fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    #[test]
    fn archives_are_read_as_what_they_hold() {
        for (name, bytes) in [
            ("a.jsonl", b"one\ntwo\n".to_vec()),
            ("a.jsonl.gz", gzip("one\ntwo\n")),
            ("a.jsonl.gz", [gzip("one\n"), gzip("two\n")].concat()),
            ("a.jsonl.zst", zstd("one\ntwo\n")),
            ("a.jsonl.zst", [zstd("one\n"), zstd("two\n")].concat()),
        ] {
            let (_folder, path) = written(name, &bytes);
            assert_eq!(read_text(&path).unwrap(), "one\ntwo\n", "{name}");
            assert_eq!(beginning(&path, 3).unwrap(), b"one", "{name}");
        }
    }

    #[test]
    fn a_damaged_archive_says_so() {
        let text = "many words ".repeat(100);
        for (name, whole) in [("a.gz", gzip(&text)), ("a.zst", zstd(&text))] {
            for bytes in [&whole[..whole.len() - 3], &whole[..5], b"no archive at all"] {
                let (_folder, path) = written(name, bytes);
                let said = read(&path).unwrap_err().to_string();
                assert!(
                    said.starts_with("cannot be decompressed: ") && said.contains("archive: copy"),
                    "{name}: {said}"
                );
            }
        }
    }

    #[test]
    fn an_archive_that_swells_is_stopped() {
        let text = "0".repeat(100_000);
        for (name, bytes) in [("a.gz", gzip(&text)), ("a.zst", zstd(&text))] {
            let (_folder, path) = written(name, &bytes);
            let said = read_up_to(&path, 99_999).unwrap_err().to_string();
            assert!(said.contains("more than 99999 bytes"), "{name}: {said}");
            assert_eq!(read_up_to(&path, 100_000).unwrap().len(), 100_000, "{name}");
        }
    }
}
