//! Links to judgments, which stay good whatever else is looked at.

use super::gather::Cases;

/// Which judgment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The key of its cell.
    pub cell: String,
    /// The first digits of the hash of its comparison.
    pub comparison: String,
    /// 0: the seeded order.
    pub order: u8,
    /// The number of the sample.
    pub sample: u32,
}

impl Cases {
    /// The link to a judgment.
    #[must_use]
    pub fn link(&self, number: u32) -> Link {
        let entry = self.entry(number);
        Link {
            cell: self.cells[usize::from(entry.cell)].key.clone(),
            comparison: format!("{:016x}", self.comparisons[entry.comparison as usize].hash),
            order: entry.order,
            sample: entry.sample,
        }
    }

    /// The number of the judgment that a link leads to.
    #[must_use]
    pub fn number(&self, link: &Link) -> Option<u32> {
        let hash = u64::from_str_radix(&link.comparison, 16).ok()?;
        let cell = self.cells.iter().position(|known| known.key == link.cell)?;
        let bench = &self.cells[cell].name.bench;
        let at = self.comparisons.iter().position(|known| known.hash == hash && known.bench_name == *bench)?;
        self.beside(u32::try_from(at).ok()?).iter().copied().find(|number| {
            let entry = self.entry(*number);
            usize::from(entry.cell) == cell && entry.order == link.order && entry.sample == link.sample
        })
    }
}
