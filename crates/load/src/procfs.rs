//! What the kernel says about a process: CPU time from `/proc/PID/stat`, memory from `/proc/PID/status` and
//! `smaps_rollup`. All figures of this program about the server come through here.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// CPU seconds (user + system, all threads, dead ones too) the process has used since it started.
/// Resolution: one clock tick, 10 ms.
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
    let path = format!("/proc/{pid}/stat");
    let stat = fs::read_to_string(&path).with_context(|| format!("cannot read {path}: has it ended?"))?;
    let ticks = cpu_ticks(&stat).with_context(|| format!("{path} has an unknown form"))?;
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// Anonymous resident memory of the process in bytes: heap and stacks, without files and without the kernel's
/// own memory for sockets.
pub(crate) fn anonymous_bytes(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("cannot read {path}: has it ended?"))?;
    kilobyte_line(&status, "RssAnon:").with_context(|| format!("no RssAnon in {path}"))
}

/// The same figure counted page by page by the kernel (`smaps_rollup`), in bytes: slower, and exact where
/// `status` may lag by some pages per thread.
pub(crate) fn anonymous_bytes_exact(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let rollup =
        fs::read_to_string(&path).with_context(|| format!("cannot read {path}: not our process?"))?;
    kilobyte_line(&rollup, "Anonymous:").with_context(|| format!("no Anonymous in {path}"))
}

/// Threads of the process.
pub(crate) fn n_threads(pid: u32) -> Result<usize> {
    count_entries(&format!("/proc/{pid}/task"))
}

/// Open descriptors of the process.
pub(crate) fn n_descriptors(pid: u32) -> Result<usize> {
    count_entries(&format!("/proc/{pid}/fd"))
}

fn count_entries(path: &str) -> Result<usize> {
    Ok(fs::read_dir(path).with_context(|| format!("cannot read {path}: has it ended?"))?.count())
}

/// A stopwatch for the CPU time and the wall time of one process.
#[derive(Debug)]
pub(crate) struct CpuWatch {
    pid: u32,
    cpu_seconds: f64,
    started: Instant,
}

impl CpuWatch {
    /// Starts measuring now.
    pub(crate) fn start(pid: u32) -> Result<Self> {
        Ok(Self { pid, cpu_seconds: cpu_seconds(pid)?, started: Instant::now() })
    }

    /// CPU seconds used since the start.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        Ok(cpu_seconds(self.pid)? - self.cpu_seconds)
    }

    /// Wall time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Clock ticks in user and system mode from the text of a `stat` file. The second field is the program's name in
/// brackets and may itself hold spaces and brackets, so counting starts after the last one.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// The value of a line `NAME:   123 kB`, in bytes.
fn kilobyte_line(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_behind_a_name_with_brackets_and_spaces() {
        let stat = "4242 (a) b (c) S 1 4242 4242 0 -1 4194560 1711 0 0 0 37 21 5 6 20 0 3 0 100 0 0";
        assert_eq!(cpu_ticks(stat), Some(58));
        assert_eq!(cpu_ticks("4242 (x) S 1 2"), None);
    }

    #[test]
    fn memory_lines_are_read_in_bytes() {
        let status = "VmRSS:\t   9000 kB\nRssAnon:\t    1204 kB\nRssFile:\t 10 kB\n";
        assert_eq!(kilobyte_line(status, "RssAnon:"), Some(1204 * 1024));
        assert_eq!(kilobyte_line(status, "RssShmem:"), None);
    }

    #[test]
    fn this_process_uses_cpu_and_memory() {
        let pid = std::process::id();
        let watch = CpuWatch::start(pid).unwrap();
        let mut sum = 0_u64;
        while watch.elapsed() < Duration::from_millis(150) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        let used = watch.cpu_seconds().unwrap();
        assert!(used > 0.0 && used < 60.0, "{used}");
        assert!(anonymous_bytes(pid).unwrap() > 50_000);
        assert!(anonymous_bytes_exact(pid).unwrap() > 50_000);
    }

    #[test]
    fn a_process_that_is_gone_is_an_error_with_its_path() {
        let fault = cpu_seconds(u32::MAX).unwrap_err().to_string();
        assert!(fault.contains("/proc/4294967295/stat"), "{fault}");
    }
}
