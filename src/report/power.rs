//! What a benchmark can show, for people: the conclusion, then the power at some sizes.

use super::table::{Width, column, grid, wrapped};
use super::text::{count, plain, share};
use crate::across::{Power, PowerPoint};

/// The power of comparing two judges on a benchmark.
#[must_use]
pub fn power_table(bench: &str, power: &Power, width: Width) -> String {
    let judges = power.judges;
    let needed = match power.needed {
        Some(point) if point.conversations > power.of => {
            format!(
                "it takes about {} conversations, and {} has {}",
                count(point.conversations),
                plain(bench),
                count(power.of)
            )
        }
        Some(point) => format!(
            "about {} of the {} conversations of {} suffice ({} items)",
            count(point.conversations),
            count(power.of),
            plain(bench),
            count(point.items)
        ),
        None => format!("not even 64 times the {} conversations of {} suffice", count(power.of), plain(bench)),
    };
    let text = format!(
        "A difference of {} is seen in 80% of cases: {needed}. Simulated: accuracies {} and {}, agreeing on {}, correlation {} within a conversation; the mean of \
         subsets, clustered, at 95%, one comparison.",
        share(judges.difference),
        share(judges.accuracy),
        share(judges.accuracy + judges.difference),
        share(judges.agreement),
        share(judges.icc)
    );
    let rows: Vec<(String, &PowerPoint)> =
        power.points.iter().map(|point| (count(point.conversations), point)).collect();
    let columns = vec![
        column(1, "items", |point: &PowerPoint| count(point.items)),
        column(0, "power", |point| format!("{:.1}%", 100.0 * point.power)),
        column(0, "seen in 80% of cases", |point| share(point.detectable)),
    ];
    wrapped(&text, 0, width) + &grid("conversations", &rows, columns, width)
}
