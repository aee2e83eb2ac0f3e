//! The one place that starts other programs: run, capture, or run while collecting the closing lines.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::tally::{Closing, Runner};
use crate::workspace;

/// After a program ended, how long its output may stay open: a left-over child of it could hold the pipe for
/// ever, and must not hold us.
const OUTPUT_LINGER: Duration = Duration::from_secs(1);

/// A command in the root of the checkout, without standard input.
pub(crate) fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    command.current_dir(workspace::root()).stdin(Stdio::null());
    command
}

/// `cargo` of the toolchain that runs us.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = command(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    command.args(arguments);
    command
}

/// `npm`, told to keep quiet about funding, audits and updates.
pub(crate) fn npm(arguments: &[&str]) -> Command {
    let mut command = command("npm");
    command
        .args(arguments)
        .env("npm_config_fund", "false")
        .env("npm_config_audit", "false")
        .env("npm_config_update_notifier", "false")
        .env("NEXT_TELEMETRY_DISABLED", "1");
    command
}

/// Runs to the end with the output on our own; a failure is an error that names the command.
pub(crate) fn run(mut command: Command) -> Result<()> {
    announce(&command);
    let status = command.status().with_context(|| could_not_start(&command))?;
    ensure!(status.success(), "`{}` ended with {status}", shown(&command));
    Ok(())
}

/// Runs to the end and returns what it printed on standard output.
pub(crate) fn capture(mut command: Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().with_context(|| could_not_start(&command))?;
    ensure!(output.status.success(), "`{}` ended with {}", shown(&command), output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program can be started and ends well; its output is dropped.
pub(crate) fn works(program: impl AsRef<Path>, arguments: &[&str]) -> bool {
    command(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a test runner: shows each line as it comes, and keeps the lines it closes with.
/// On failure the closing lines are lost to the caller but were shown.
pub(crate) fn run_tests(runner: Runner, mut command: Command, closing: &mut Closing) -> Result<()> {
    announce(&command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| could_not_start(&command))?;
    let (sender, receiver) = mpsc::channel();
    forward(child.stdout.take(), false, sender.clone());
    forward(child.stderr.take(), true, sender);

    let mut ended_at: Option<Instant> = None;
    loop {
        match receiver.recv_timeout(Duration::from_millis(200)) {
            Ok((is_error, line)) => {
                show(is_error, &line);
                closing.read(runner, &line);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                if ended_at.is_none() && has_ended(&mut child)? {
                    ended_at = Some(Instant::now());
                }
                if ended_at.is_some_and(|at| at.elapsed() > OUTPUT_LINGER) {
                    break;
                }
            }
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` ended with {status}", shown(&command));
    }
    Ok(())
}

/// The command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program()).to_string_lossy();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(name.into_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
}

fn announce(command: &Command) {
    println!("  $ {}", shown(command));
}

fn could_not_start(command: &Command) -> String {
    format!("`{}` could not be started; is it installed?", command.get_program().to_string_lossy())
}

fn has_ended(child: &mut Child) -> Result<bool> {
    Ok(child.try_wait()?.is_some())
}

fn show(is_error: bool, line: &str) {
    if is_error {
        eprintln!("{line}");
    } else {
        println!("{line}");
    }
}

/// Sends each line of a pipe, until it closes or nobody listens.
fn forward(pipe: Option<impl Read + Send + 'static>, is_error: bool, sender: Sender<(bool, String)>) {
    let Some(pipe) = pipe else { return };
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n') {
            let Ok(line) = line else { return };
            if sender.send((is_error, String::from_utf8_lossy(&line).into_owned())).is_err() {
                return;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = command("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let error = run(sh("exit 3")).unwrap_err().to_string();
        assert!(error.contains("sh -c exit 3") && error.contains('3'), "{error}");
    }

    #[test]
    fn a_missing_program_says_so() {
        let error = run(command("no-such-program-here")).unwrap_err().to_string();
        assert!(error.contains("is it installed?"), "{error}");
    }

    #[test]
    fn closing_lines_are_read_from_both_outputs() {
        let mut closing = Closing::default();
        let script = "echo 'test result: ok. 2 passed; 0 failed;'; echo 'test result: FAILED. 1 passed; 3 failed;' >&2; exit 1";
        assert!(run_tests(Runner::CargoTest, sh(script), &mut closing).is_err());
        assert_eq!((closing.tally.passed, closing.tally.failed), (3, 3));
    }

    #[test]
    fn a_left_over_child_that_holds_the_pipe_does_not_hold_us() {
        let begun = Instant::now();
        let result = run_tests(Runner::CargoTest, sh("sleep 60 & exit 0"), &mut Closing::default());
        assert!(result.is_ok());
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
}
