//! Numbers of the process itself, by the names that Prometheus' own clients give them, read from `/proc` when asked.

use std::fs;

use rustix::process::{Resource, getrlimit};

use super::Description;

/// What is told of the process.
pub(super) const DESCRIPTIONS: &[Description] = &[
    Description { name: "hereabouts_build_info", kind: "gauge", help: "Always 1; the version is its label." },
    Description {
        name: "process_start_time_seconds",
        kind: "gauge",
        help: "When the process started, in seconds since 1970.",
    },
    Description {
        name: "process_cpu_seconds_total",
        kind: "counter",
        help: "Time on all cores, of the process and the kernel for it.",
    },
    Description { name: "process_resident_memory_bytes", kind: "gauge", help: "Memory that is in use now." },
    Description { name: "process_open_fds", kind: "gauge", help: "Open files; one socket is one." },
    Description {
        name: "process_max_fds",
        kind: "gauge",
        help: "Open files that the process may have; 0 when there is no limit.",
    },
];

/// Kernel ticks per second: the same on every Linux that anybody runs this on.
const TICKS_PER_SECOND: f64 = 100.0;
const PAGE_BYTES: u64 = 4096;

/// The samples, each a line's value with its labels; what cannot be read is left out.
pub(super) fn samples() -> Vec<(&'static str, String)> {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program stands in parentheses and may hold spaces; what follows is numbers.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3).and_then(|text| text.parse::<u64>().ok());
    let cpu = field(14).zip(field(15)).map(|(user, kernel)| (user + kernel) as f64 / TICKS_PER_SECOND);
    let started_at =
        field(22).zip(boot_seconds()).map(|(ticks, boot)| boot as f64 + ticks as f64 / TICKS_PER_SECOND);
    let open = fs::read_dir("/proc/self/fd").ok().map(|listing| listing.count() as u64);
    let values = [
        ("hereabouts_build_info", Some(format!("{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")))),
        ("process_start_time_seconds", started_at.map(|value| format!(" {value}"))),
        ("process_cpu_seconds_total", cpu.map(|value| format!(" {value}"))),
        ("process_resident_memory_bytes", field(24).map(|pages| format!(" {}", pages * PAGE_BYTES))),
        ("process_open_fds", open.map(|value| format!(" {value}"))),
        ("process_max_fds", Some(format!(" {}", getrlimit(Resource::Nofile).current.unwrap_or(0)))),
    ];
    values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn boot_seconds() -> Option<u64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_tells_plausible_numbers() {
        let samples = samples();
        let value = |wanted: &str| {
            let (_, text) = samples.iter().find(|(name, _)| *name == wanted).unwrap();
            text.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
        };
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
        assert!((now - value("process_start_time_seconds")).abs() < 3600.0);
        assert!(value("process_resident_memory_bytes") > 100_000.0);
        assert!(value("process_open_fds") >= 3.0);
        assert_eq!(samples.len(), DESCRIPTIONS.len());
    }
}
