//! Stub.
#![allow(missing_docs)]
#[derive(Clone, Copy, Debug)]
pub enum Method {
    ClusteredT,
}
impl Method {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        "clustered-t"
    }
}
#[derive(Clone, Copy, Debug)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
    pub method: Method,
}
#[derive(Clone, Debug)]
pub struct Mean {
    pub n: usize,
    pub clusters: usize,
    pub mean: f64,
    pub se: Option<f64>,
    pub deff: Option<f64>,
}
pub fn clustered(s: &[f64], c: &[u32]) -> Option<Mean> {
    if s.is_empty() {
        return None;
    }
    let n = s.len() as f64;
    let mean = s.iter().sum::<f64>() / n;
    let mut m = std::collections::BTreeMap::new();
    for (s, c) in s.iter().zip(c) {
        *m.entry(*c).or_insert(0.0) += s - mean;
    }
    let cc = m.len() as f64;
    let ss: f64 = m.values().map(|v: &f64| v * v).sum();
    Some(Mean {
        n: s.len(),
        clusters: m.len(),
        mean,
        se: (m.len() > 1).then(|| (cc / (cc - 1.0) * ss).sqrt() / n),
        deff: None,
    })
}
pub fn interval(m: &Mean) -> Option<Interval> {
    m.se.map(|se| Interval { low: m.mean - 1.96 * se, high: m.mean + 1.96 * se, method: Method::ClusteredT })
}
pub fn mean_of_subsets(l: &[(Vec<f64>, Vec<u32>)]) -> Option<Mean> {
    let k = l.len() as f64;
    let mut m = std::collections::BTreeMap::new();
    let mut mean = 0.0;
    for (s, c) in l {
        let n = s.len() as f64;
        let a = s.iter().sum::<f64>() / n;
        mean += a / k;
        for (s, c) in s.iter().zip(c) {
            *m.entry(*c).or_insert(0.0) += (s - a) / n / k;
        }
    }
    let cc = m.len() as f64;
    let ss: f64 = m.values().map(|v: &f64| v * v).sum();
    Some(Mean { n: 0, clusters: m.len(), mean, se: Some((cc / (cc - 1.0) * ss).sqrt()), deff: None })
}
pub fn subsets_interval(m: &Mean) -> Option<Interval> {
    interval(m)
}
