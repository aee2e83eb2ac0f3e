//! The figures as a table for the terminal, as JSON for machines, and as the page `docs/BENCHMARKS.md`.

use std::fmt::Write as _;

use serde::Serialize;

use crate::figure::{Figure, number};
use crate::machine::Machine;

/// Everything one run found out.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Where and with what.
    pub(crate) machine: Machine,
    /// Sizes: `full` or `small`.
    pub(crate) profile: String,
    /// The medians are over so many runs.
    pub(crate) n_runs: usize,
    /// The medians.
    pub(crate) figures: Vec<Figure>,
}

impl Report {
    /// Columns for a terminal.
    pub(crate) fn table(&self) -> String {
        let mut rows = vec![["figure", "measured", "floor", "ratio", "target", "ok"].map(str::to_owned)];
        rows.extend(self.figures.iter().map(cells));
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 6] = std::array::from_fn(width);
        let mut table = String::new();
        for [title, measured, floor, ratio, target, verdict] in &rows {
            let [w0, w1, w2, w3, w4, _] = widths;
            let line =
                format!("{title:w0$}  {measured:>w1$}  {floor:>w2$}  {ratio:>w3$}  {target:>w4$}  {verdict}");
            table.push_str(line.trim_end());
            table.push('\n');
        }
        table
    }

    /// The page for the repository.
    pub(crate) fn markdown(&self) -> String {
        let mut page = format!("{INTRODUCTION}\n{}\n{TABLE_HEAD}", self.conditions());
        for figure in &self.figures {
            let _ = writeln!(page, "| {} |", cells(figure).join(" | "));
        }
        page.push('\n');
        page.push_str(METHOD);
        page
    }

    /// Figures more than `factor` times worse than their target, as lines for people.
    pub(crate) fn failures(&self, factor: f64) -> Vec<String> {
        self.figures
            .iter()
            .filter(|figure| figure.times_worse().is_some_and(|worse| worse > factor))
            .map(|figure| {
                let [title, measured, _, ratio, target, _] = cells(figure);
                format!("{title}: {measured}, ratio {ratio}, target {target}")
            })
            .collect()
    }

    fn conditions(&self) -> String {
        let Machine { cpu, n_cores, memory_gb, kernel, load_before, commit, server_version, date } =
            &self.machine;
        format!(
            "- Date: {date}\n- Machine: {cpu}, {n_cores} cores, {memory_gb} GB, Linux {kernel}, load average before \
             the run {load_before}\n- Versions: {server_version}, commit `{commit}`\n- Profile `{}`, median of {} \
             runs\n",
            self.profile, self.n_runs
        )
    }
}

const INTRODUCTION: &str = "# Benchmarks\n\nWritten by `cargo xtask bench`; do not edit by hand.\n";

const TABLE_HEAD: &str =
    "| figure | measured | floor | ratio | target | ok |\n|---|---:|---:|---:|---:|---|\n";

const METHOD: &str = "## Method\n\n\
    Server and load generator share one machine and speak over loopback, so the generator competes with the server \
    for its cores: CPU times are comparable, wall times are upper bounds.\n\n\
    - **CPU** is user and system time of the server's process from `/proc/PID/stat`; **memory** is `RssAnon` from \
    `/proc/PID/status`, checked against `smaps_rollup`; latencies go through an HDR histogram.\n\
    - **Floor** is what the kernel alone asks for the same work: a loop of nothing but the unavoidable system calls, \
    with the other end of the sockets in another process, measured in the same run with the same number of sockets. \
    The machines are shared and noisy; the **ratio** to the floor is what carries from one to another. Each run is \
    compared with its own floor, and the median of the ratios is shown.\n\
    - The heartbeat's floor answers pings that arrive all at once, when a poll returns many; the row below compares \
    with pings spread over the second, as the workload sends them.\n\
    - A **storm** is complete when every client knows every other, from the list or an event; otherwise the run \
    fails.\n";

fn cells(figure: &Figure) -> [String; 6] {
    let with_unit = |value: f64| format!("{} {}", number(value), figure.unit).trim_end().to_owned();
    [
        figure.title.clone(),
        with_unit(figure.measured),
        figure.floor.map(with_unit).unwrap_or_default(),
        figure.ratio.map(|ratio| format!("{} ×", number(ratio))).unwrap_or_default(),
        figure.target.map(|target| target.to_string()).unwrap_or_default(),
        match figure.times_worse() {
            None => String::new(),
            Some(worse) if worse <= 1.0 => "yes".to_owned(),
            Some(_) => "**no**".to_owned(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            machine: Machine {
                cpu: "Some CPU".to_owned(),
                n_cores: 2,
                memory_gb: 8.2,
                kernel: "6.1".to_owned(),
                load_before: "0.50".to_owned(),
                commit: "abc1234".to_owned(),
                server_version: "hereabouts 0.1.0".to_owned(),
                date: "2026-11-24 01:02 UTC".to_owned(),
            },
            profile: "full".to_owned(),
            n_runs: 3,
            figures: vec![
                Figure::new("a", "CPU per delivery", "µs", 7.04).over_floor(6.4).ratio_at_most(1.3),
                Figure::new("b", "memory", "B", 1_900.0).at_most(600.0),
                Figure::new("c", "time", "s", 0.5),
            ],
        }
    }

    #[test]
    fn the_page_carries_conditions_and_all_columns() {
        let page = report().markdown();
        assert!(
            page.contains(
                "- Machine: Some CPU, 2 cores, 8.2 GB, Linux 6.1, load average before the run 0.50\n"
            )
        );
        assert!(page.contains("- Versions: hereabouts 0.1.0, commit `abc1234`\n"));
        assert!(page.contains("median of 3 runs"));
        assert!(
            page.contains("\n| CPU per delivery | 7.04 µs | 6.40 µs | 1.10 × | ≤ 1.30 × | yes |\n"),
            "{page}"
        );
        assert!(page.contains("\n| memory | 1,900 B |  |  | ≤ 600 | **no** |\n"));
        assert!(page.contains("\n| time | 0.500 s |  |  |  |  |\n"));
        let columns = |line: &str| line.matches('|').count();
        assert!(page.lines().filter(|line| line.starts_with('|')).all(|line| columns(line) == 7));
    }

    #[test]
    fn the_gate_catches_only_what_is_far_off() {
        assert!(report().failures(4.0).is_empty());
        let failures = report().failures(2.0);
        assert_eq!(failures.len(), 1);
        assert!(failures[0].contains("memory") && failures[0].contains("1,900 B"));
    }

    #[test]
    fn the_table_is_aligned() {
        let table = report().table();
        let measured_ends: Vec<usize> =
            ["7.04 µs", "1,900 B", "0.500 s"].iter().map(|cell| end_of(&table, cell)).collect();
        assert!(measured_ends.windows(2).all(|pair| pair[0] == pair[1]), "{table}");
    }

    fn end_of(table: &str, cell: &str) -> usize {
        let line = table.lines().find(|line| line.contains(cell)).unwrap();
        line[..line.find(cell).unwrap() + cell.len()].chars().count()
    }
}
