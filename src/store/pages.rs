//! The pages of a store that SQLite itself may refuse to open, with those of its write-ahead log put over them. Only reads. The format is
//! that of <https://www.sqlite.org/fileformat2.html>.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::Path;

/// The size of the pages that this program's stores are made of: what SQLite takes by itself.
const PAGE_SIZE: usize = 4096;

const MAGIC: &[u8] = b"SQLite format 3\0";

/// Sizes of the header of a write-ahead log, and of that of each of its frames.
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// A file as pages, numbered from 1.
#[derive(Debug)]
pub(super) struct Pages {
    file: File,
    log: Option<File>,
    /// Where in the log the last image of a page stands that was committed.
    over: HashMap<u32, u64>,
    /// The same of all images, those after a damaged frame and those of a commit that was cut off included.
    over_all: HashMap<u32, u64>,
    size: usize,
    /// Bytes of a page that hold cells: all but what its end is reserved for.
    usable: usize,
    count: u32,
    /// Whether the header of the file is one.
    has_header: bool,
}

impl Pages {
    pub(super) fn open(path: &Path, log: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut header = [0; 100];
        // A shorter file is all damage.
        let read = read_up_to(&mut file, &mut header)?;
        let has_header = read == header.len() && header.starts_with(MAGIC);
        let told = usize::from(u16::from_be_bytes([header[16], header[17]]));
        let told = if told == 1 { 65_536 } else { told };
        let size = if has_header && told.is_power_of_two() && told >= 512 { told } else { PAGE_SIZE };
        let reserved = if has_header && header[20] <= 32 { usize::from(header[20]) } else { 0 };
        let pages = |bytes: u64| u32::try_from(bytes.div_ceil(size as u64)).unwrap_or(u32::MAX);
        let count = pages(file.metadata()?.len());
        let mut all = Self {
            file,
            log: None,
            over: HashMap::new(),
            over_all: HashMap::new(),
            size,
            usable: size - reserved,
            count,
            has_header,
        };
        if let Ok(log) = File::open(log) {
            // A log that cannot be read brings nothing; what the file holds is read all the same.
            let _ = all.read_log(log);
        }
        Ok(all)
    }

    pub(super) fn count(&self) -> u32 {
        self.count
    }

    pub(super) fn usable(&self) -> usize {
        self.usable
    }

    /// Where the b-tree header of a page begins.
    pub(super) fn begin(number: u32) -> usize {
        if number == 1 { 100 } else { 0 }
    }

    /// A page; zeros where the file ends, or the disk gives nothing.
    pub(super) fn page(&mut self, number: u32) -> Vec<u8> {
        let mut page = vec![0; self.size];
        let place = u64::from(number.saturating_sub(1)) * self.size as u64;
        let (file, place) = match (self.over.get(&number), &mut self.log) {
            (Some(place), Some(log)) => (log, *place),
            _ => (&mut self.file, place),
        };
        let read = file.seek(SeekFrom::Start(place)).and_then(|_| read_up_to(file, &mut page));
        if read.is_err() {
            page.fill(0);
        }
        page
    }

    /// Puts every image of the log over the file, whether it was committed or not. Whether that changes anything.
    pub(super) fn trust_whole_log(&mut self) -> bool {
        let changes = self.over != self.over_all;
        self.over.clone_from(&self.over_all);
        changes
    }

    /// Finds the pages in a write-ahead log.
    fn read_log(&mut self, mut log: File) -> io::Result<()> {
        let mut header = [0; LOG_HEADER];
        log.read_exact(&mut header)?;
        let magic = number(&header, 0);
        if magic & !1 != 0x377f_0682 || number(&header, 8) as usize != self.size {
            return Ok(());
        }
        let mut sum = Sum { big_endian: magic & 1 == 1, parts: [0, 0] };
        sum.add(&header[..24]);
        let mut is_whole = sum.parts == [number(&header, 24), number(&header, 28)];
        let mut pending = HashMap::new();
        let mut frame = vec![0; FRAME_HEADER + self.size];
        let mut place = LOG_HEADER as u64;
        while read_up_to(&mut log, &mut frame)? == frame.len() {
            place += frame.len() as u64;
            // Frames of an earlier round, which this one has not yet overwritten, bear other salts; so do damaged ones.
            if frame[8..16] != header[16..24] {
                is_whole = false;
                continue;
            }
            sum.add(&frame[..8]);
            sum.add(&frame[FRAME_HEADER..]);
            is_whole &= sum.parts == [number(&frame, 16), number(&frame, 20)];
            let page = number(&frame, 0);
            if (1..=self.count.saturating_add(1 << 20)).contains(&page) {
                pending.insert(page, place - self.size as u64);
                self.over_all.insert(page, place - self.size as u64);
            }
            if is_whole && number(&frame, 4) > 0 {
                self.over.extend(pending.drain());
            }
        }
        self.count = self.over_all.keys().copied().max().unwrap_or(0).max(self.count);
        self.log = Some(log);
        Ok(())
    }

    /// The pages that the file has given up and not yet used again: rows on them were deleted or have moved.
    pub(super) fn free(&mut self) -> HashSet<u32> {
        let mut free = HashSet::new();
        if !self.has_header {
            return free;
        }
        let mut trunk = number(&self.page(1), 32);
        while (2..=self.count).contains(&trunk) && free.insert(trunk) {
            let page = self.page(trunk);
            let leaves = number(&page, 4) as usize;
            let listed: Vec<u32> = (0..leaves.min(self.usable / 4)).map(|at| number(&page, 8 + 4 * at)).collect();
            // A damaged list would name pages that are in use.
            if leaves > self.usable / 4 - 2 || listed.iter().any(|page| !(2..=self.count).contains(page)) {
                free.remove(&trunk);
                break;
            }
            free.extend(listed);
            trunk = number(&page, 0);
        }
        free
    }
}

/// The four bytes at a place, as a number; 0 beyond the end.
pub(super) fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// The checksum of a write-ahead log.
struct Sum {
    big_endian: bool,
    parts: [u32; 2],
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        let word = |bytes: &[u8]| if self.big_endian { number(bytes, 0) } else { number(bytes, 0).swap_bytes() };
        let [mut first, mut second] = self.parts;
        for pair in bytes.chunks_exact(8) {
            first = first.wrapping_add(word(&pair[..4])).wrapping_add(second);
            second = second.wrapping_add(word(&pair[4..])).wrapping_add(first);
        }
        self.parts = [first, second];
    }
}

/// Reads until the buffer is full or the file ends; how many bytes.
fn read_up_to(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match file.read(&mut buffer[read..]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}
