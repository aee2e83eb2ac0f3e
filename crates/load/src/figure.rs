//! A measured number with what it is compared to: the floor of the same run and the target of the design.

use serde::Serialize;

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Figure {
    /// Stable name for machines.
    pub(crate) key: String,
    /// Name for people.
    pub(crate) title: String,
    /// Unit of `measured` and `floor`.
    pub(crate) unit: String,
    /// What came out.
    pub(crate) measured: f64,
    /// What the kernel alone costs, measured in the same run.
    pub(crate) floor: Option<f64>,
    /// `measured / floor`.
    pub(crate) ratio: Option<f64>,
    /// What it should be.
    pub(crate) target: Option<Target>,
}

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Target {
    /// What is compared.
    pub(crate) of: Compared,
    /// In which direction.
    pub(crate) bound: Bound,
    /// With what.
    pub(crate) limit: f64,
}

/// Whether a target is about the number itself or about its ratio to the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Compared {
    /// The measured value.
    Measured,
    /// Measured divided by floor.
    Ratio,
}

/// The good side of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    /// Costs.
    AtMost,
    /// Rates and shares.
    AtLeast,
}

impl Figure {
    /// A figure without floor or target.
    pub(crate) fn new(key: &str, title: &str, unit: &str, measured: f64) -> Self {
        Self {
            key: key.to_owned(),
            title: title.to_owned(),
            unit: unit.to_owned(),
            measured,
            floor: None,
            ratio: None,
            target: None,
        }
    }

    /// Compares with a floor of the same unit.
    #[must_use]
    pub(crate) fn over_floor(mut self, floor: f64) -> Self {
        self.floor = Some(floor);
        self.ratio = (floor > 0.0).then(|| self.measured / floor);
        self
    }

    /// The ratio should be at most this.
    #[must_use]
    pub(crate) fn ratio_at_most(self, limit: f64) -> Self {
        self.with_target(Compared::Ratio, Bound::AtMost, limit)
    }

    /// The number should be at most this.
    #[must_use]
    pub(crate) fn at_most(self, limit: f64) -> Self {
        self.with_target(Compared::Measured, Bound::AtMost, limit)
    }

    /// The number should be at least this.
    #[must_use]
    pub(crate) fn at_least(self, limit: f64) -> Self {
        self.with_target(Compared::Measured, Bound::AtLeast, limit)
    }

    /// How many times worse than the target: 1 is just reached, below is better. `None` without a target, and
    /// infinite where the compared number is missing or no number: what was not measured has not passed.
    pub(crate) fn times_worse(&self) -> Option<f64> {
        let target = self.target?;
        let compared = match target.of {
            Compared::Measured => Some(self.measured),
            Compared::Ratio => self.ratio,
        };
        let worse = match (compared, target.bound) {
            (None, _) => f64::INFINITY,
            // "None at all" is reached or missed: nothing is twice as bad as zero.
            (Some(compared), Bound::AtMost) if target.limit <= 0.0 && compared <= target.limit => 0.0,
            (Some(compared), Bound::AtMost) => compared / target.limit,
            (Some(compared), Bound::AtLeast) => target.limit / compared,
        };
        Some(if worse.is_nan() { f64::INFINITY } else { worse })
    }

    fn with_target(mut self, of: Compared, bound: Bound, limit: f64) -> Self {
        self.target = Some(Target { of, bound, limit });
        self
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = match self.bound {
            Bound::AtMost => "≤",
            Bound::AtLeast => "≥",
        };
        let times = match self.of {
            Compared::Measured => "",
            Compared::Ratio => " ×",
        };
        write!(f, "{sign} {}{times}", number(self.limit))
    }
}

/// The median of several runs, figure by figure: of the measured values, of the floors, and of the ratios, each run
/// compared with its own floor.
pub(crate) fn median_of_runs(runs: &[Vec<Figure>]) -> Vec<Figure> {
    let Some(first) = runs.first() else { return Vec::new() };
    first
        .iter()
        .map(|figure| {
            let same: Vec<&Figure> = runs.iter().flatten().filter(|other| other.key == figure.key).collect();
            Figure {
                measured: median(same.iter().map(|figure| figure.measured)).unwrap_or(f64::NAN),
                floor: median(same.iter().filter_map(|figure| figure.floor)),
                ratio: median(same.iter().filter_map(|figure| figure.ratio)),
                ..figure.clone()
            }
        })
        .collect()
}

/// A number as people read it: three or four digits that matter, thousands apart.
pub(crate) fn number(value: f64) -> String {
    let magnitude = value.abs();
    if !value.is_finite() {
        return "–".to_owned();
    }
    let decimals = match magnitude {
        _ if value.fract() == 0.0 => 0,
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    let text = format!("{magnitude:.decimals$}");
    let (whole, fraction) =
        text.split_once('.').map_or((text.as_str(), ""), |(whole, fraction)| (whole, fraction));
    let mut grouped = String::new();
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}{grouped}{point}{fraction}")
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worse_is_above_one_in_both_directions() {
        let cost = Figure::new("a", "a", "µs", 13.0).over_floor(6.5).ratio_at_most(1.0);
        assert_eq!(cost.times_worse(), Some(2.0));
        let rate = Figure::new("b", "b", "1/s", 4_000.0).at_least(8_000.0);
        assert_eq!(rate.times_worse(), Some(2.0));
        assert_eq!(Figure::new("c", "c", "B", 300.0).at_most(600.0).times_worse(), Some(0.5));
        assert_eq!(Figure::new("d", "d", "B", 300.0).times_worse(), None);
        assert_eq!(Figure::new("e", "e", "", 0.0).at_most(0.0).times_worse(), Some(0.0));
        assert_eq!(Figure::new("f", "f", "", 1.0).at_most(0.0).times_worse(), Some(f64::INFINITY));
    }

    #[test]
    fn what_was_not_measured_has_not_passed() {
        let without_floor = Figure::new("a", "a", "µs", 1.0).over_floor(0.0).ratio_at_most(1.2);
        assert_eq!(without_floor.times_worse(), Some(f64::INFINITY));
        assert_eq!(Figure::new("b", "b", "B", f64::NAN).at_most(1.0).times_worse(), Some(f64::INFINITY));
        assert_eq!(Figure::new("c", "c", "1/s", 0.0).at_least(1.0).times_worse(), Some(f64::INFINITY));
    }

    #[test]
    fn each_run_is_compared_with_its_own_floor() {
        let run = |measured: f64, floor: f64| vec![Figure::new("a", "a", "µs", measured).over_floor(floor)];
        let [figure] = &median_of_runs(&[run(10.0, 10.0), run(40.0, 20.0), run(15.0, 5.0)])[..] else {
            panic!()
        };
        assert_eq!((figure.measured, figure.floor, figure.ratio), (15.0, Some(10.0), Some(2.0)));
        assert!(median_of_runs(&[]).is_empty());
        assert_eq!(median([4.0, 1.0].into_iter()), Some(2.5));
    }

    #[test]
    fn numbers_are_short_and_grouped() {
        let shown: Vec<String> =
            [0.0, 0.12345, 6.4321, 23.456, 512.7, 1_234_567.0, -1_500.4, f64::NAN].map(number).to_vec();
        assert_eq!(shown, ["0", "0.123", "6.43", "23.5", "513", "1,234,567", "-1,500", "–"]);
    }
}
