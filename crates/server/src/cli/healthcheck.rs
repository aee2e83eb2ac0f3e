//! `hereabouts healthcheck`: for containers and scripts; opens one connection, reads one line.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Args;

use crate::settings::{Fault, Faults};

const TIMEOUT: Duration = Duration::from_secs(3);
const ANSWER_BYTES_MAX: u64 = 4 * 1024;

/// The flags of `healthcheck`.
#[derive(Args, Debug)]
pub(super) struct Healthcheck {
    /// Address of the server's health, as --internal-bind has it
    #[arg(long, env = "HEREABOUTS_INTERNAL_BIND", value_name = "IP:PORT", default_value = "127.0.0.1:9000")]
    internal_bind: String,
}

impl Healthcheck {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Ok(address) = self.internal_bind.parse() else {
            return Err(Faults(vec![Fault {
                setting: "--internal-bind (HEREABOUTS_INTERNAL_BIND)",
                wrong: format!("\"{}\" is not an IP address with a port", self.internal_bind),
                right: "such as 127.0.0.1:9000".to_owned(),
            }])
            .into());
        };
        let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)
            .with_context(|| format!("nothing listens at {address}"))?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer).context("the server does not answer")?;
        if !answer.starts_with("HTTP/1.1 200 ") {
            bail!("the server is not healthy: {}", answer.lines().next().unwrap_or("no answer"));
        }
        println!("ok");
        Ok(())
    }
}
