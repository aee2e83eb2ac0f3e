//! Latencies in an HDR histogram.

use std::time::Duration;

use hdrhistogram::Histogram;

/// One minute; whatever took longer counts as that.
const HIGHEST_US: u64 = 60_000_000;

/// How long things took.
#[derive(Debug)]
pub(crate) struct Latencies {
    histogram: Histogram<u64>,
}

impl Latencies {
    /// None yet.
    pub(crate) fn new() -> Self {
        let histogram = Histogram::new_with_bounds(1, HIGHEST_US, 3).expect("the bounds are in order");
        Self { histogram }
    }

    /// Takes one in, in steps of a microsecond.
    pub(crate) fn record(&mut self, latency: Duration) {
        self.histogram.saturating_record((latency.as_micros() as u64).max(1));
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// The latency that so many per cent do not exceed, in milliseconds.
    pub(crate) fn percentile_ms(&self, percent: f64) -> f64 {
        self.histogram.value_at_percentile(percent) as f64 / 1e3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_in_milliseconds() {
        let mut latencies = Latencies::new();
        for ms in 1..=100 {
            latencies.record(Duration::from_millis(ms));
        }
        latencies.record(Duration::from_secs(3_600));
        assert_eq!(latencies.count(), 101);
        assert!((latencies.percentile_ms(50.0) - 51.0).abs() < 0.5);
        assert!(latencies.percentile_ms(100.0) > 59_000.0);
    }
}
