//! What the figures were measured on and with: they mean nothing without it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

/// Machine, versions and date of a run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    /// Model name of the processor.
    pub(crate) cpu: String,
    /// Cores this process may use.
    pub(crate) n_cores: usize,
    /// Memory in GB.
    pub(crate) memory_gb: f64,
    /// Kernel release.
    pub(crate) kernel: String,
    /// Load average of the minute before the run: what else the machine was doing.
    pub(crate) load_before: String,
    /// Git commit of the tree, marked when it has changes.
    pub(crate) commit: String,
    /// What the server says its version is.
    pub(crate) server_version: String,
    /// UTC date and time of the start.
    pub(crate) date: String,
}

impl Machine {
    /// Looks around; what cannot be found out is "unknown".
    pub(crate) fn look(server_binary: Option<&Path>) -> Self {
        let version = server_binary.and_then(|binary| output_of(Command::new(binary).arg("--version")));
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self {
            cpu: value_in("/proc/cpuinfo", "model name"),
            n_cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory_gb: memory_gb(),
            kernel: first_line("/proc/sys/kernel/osrelease"),
            load_before: first_line("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
            commit: output_of(Command::new("git").args(["describe", "--always", "--dirty", "--exclude=*"]))
                .unwrap_or_else(unknown),
            server_version: version.unwrap_or_else(unknown),
            date: utc(seconds),
        }
    }
}

fn output_of(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn first_line(path: &str) -> String {
    let text = fs::read_to_string(path).ok();
    text.and_then(|text| text.lines().next().map(str::to_owned)).unwrap_or_else(unknown)
}

fn value_in(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_once(':')).map_or_else(unknown, |(_, value)| value.trim().to_owned())
}

fn memory_gb() -> f64 {
    let total = value_in("/proc/meminfo", "MemTotal");
    let kilobytes: f64 = total.trim_end_matches("kB").trim().parse().unwrap_or(0.0);
    (kilobytes / 1e5).round() / 10.0
}

/// `2026-11-24 01:02 UTC` (days to date: H. Hinnant's `civil_from_days`).
fn utc(seconds: u64) -> String {
    let (days, second_of_day) = ((seconds / 86_400) as i64, seconds % 86_400);
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", second_of_day / 3_600, second_of_day / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right_around_leap_days_and_years() {
        assert_eq!(utc(0), "1970-01-01 00:00 UTC");
        assert_eq!(utc(951_782_399), "2000-02-28 23:59 UTC");
        assert_eq!(utc(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(utc(1_795_482_123), "2026-11-24 01:02 UTC");
        assert_eq!(utc(1_798_761_600), "2027-01-01 00:00 UTC");
    }

    #[test]
    fn this_machine_is_described() {
        let machine = Machine::look(None);
        assert!(machine.n_cores > 0 && machine.memory_gb > 0.0);
        assert_ne!(machine.kernel, "unknown");
        assert_eq!(machine.server_version, "unknown");
    }
}
