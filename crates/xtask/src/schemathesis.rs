//! The HTTP API as its own document has it, tried by schemathesis against a real server: what the document forbids must
//! be refused, what it allows must be answered in the promised form, and nothing may be answered with a 5xx.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::{python, shell, workspace};

const VERSION: &str = "4.32.5";
/// Few: this runs in every test run, and the corners are covered apart from the random examples.
const EXAMPLES_MAX: &str = "10";
/// Of a server that lives for this test.
const KEY: &str = "5d2f8e0c4b7a41939f6e1c0d8a7b3e52";

/// A body with more ids than may be is often larger than any body may be, and refused for that.
const CONFIG: &str = "[checks]\nnegative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, \
                      422, 428, 429, \"5xx\"]\n";

/// Runs it, on the debug binary.
pub(crate) fn schemathesis() -> Result<()> {
    let environment = python::environment("schemathesis", &[&format!("schemathesis=={VERSION}")])?;
    let folder = workspace::target_dir().join("tmp/schemathesis");
    // Left over from a run before.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("schemathesis.toml"), CONFIG)?;
    shell::capture(hereabouts(&folder, &["user", "add", "Ada"]))?;
    let token = shell::capture(hereabouts(&folder, &["token", "--user", "Ada"]))?;
    let server = Server::start(&folder)?;
    let mut command = shell::command(environment.join("bin/schemathesis"));
    command
        .current_dir(&folder)
        .args(["run", &format!("http://{}/api/openapi.json", server.address)])
        .args(["--header", &format!("Authorization: Bearer {}", token.trim())])
        .args(["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES_MAX])
        // Whether `after` names a place depends on who is online: well-formed ones may be refused.
        .args(["--exclude-checks", "positive_data_acceptance"])
        // Their own tests drive the accounts: here each failed sign-in would be answered with 429 after a few.
        .args(["--exclude-tag", "Accounts"]);
    // Not `shell::run`: it would show the token.
    let status = command.status().context("schemathesis could not be started")?;
    if !status.success() {
        bail!("schemathesis ended with {status}");
    }
    Ok(())
}

fn hereabouts(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = shell::command(workspace::server_binary("debug"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("SECRET_KEY", KEY)
        .env("DATABASE_URL", "sqlite://people.sqlite3");
    command
}

/// A server that ends with this value.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(folder: &Path) -> Result<Self> {
        let line =
            ["serve", "--bind", "127.0.0.1:0", "--internal-bind", "127.0.0.1:0", "--log-format", "json"];
        let mut command = hereabouts(folder, &line);
        command.args(["--requests-per-second-per-ip", "0"]).stderr(Stdio::piped());
        let mut child = command.spawn().context("the server could not be started")?;
        let log = child.stderr.take().context("it was asked for")?;
        let mut lines = BufReader::new(log).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            let (_, rest) = line.split_once("\"listening on http://")?;
            Some(rest.split('"').next()?.to_owned())
        });
        // Reads on, so that the log never fills the pipe.
        thread::spawn(move || lines.for_each(drop));
        let mut server = Self { child, address: String::new() };
        server.address =
            address.with_context(|| format!("the server ended: {:?}", server.child.try_wait()))?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
