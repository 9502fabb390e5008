//! The Pareto front of what something costs and what it is worth.

/// Which of some points, each a cost and a score, no other beats: none scores as high for less, or higher for as much.
#[must_use]
pub fn front(points: &[(f64, f64)]) -> Vec<bool> {
    let is_beaten = |(cost, score): (f64, f64)| {
        points.iter().any(|(other, high)| *other <= cost && *high >= score && (*other < cost || *high > score))
    };
    points.iter().map(|point| !is_beaten(*point)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beaten_is_not_on_the_front() {
        let points = [(1.0, 0.5), (2.0, 0.5), (2.0, 0.7), (3.0, 0.6), (0.0, 0.4), (1.0, 0.5)];
        assert_eq!(front(&points), [true, false, true, false, true, true], "equal ones do not beat each other");
        assert!(front(&[]).is_empty());
    }
}
