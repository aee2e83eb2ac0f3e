//! One GET to an address that an operator chose: bounded in time and size, and it goes nowhere else.

use std::{io::Read, time::Duration};

use ureq::Agent;

use crate::{limits::JWKS_BYTES_MAX, settings::JwksUrl};

/// From the name lookup to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The document, or why there is none. Blocks.
pub(super) fn get(url: &JwksUrl) -> Result<String, String> {
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        // Whoever may answer for this address must not send the server to another one.
        .max_redirects(0)
        .user_agent("hereabouts")
        .build()
        .into();
    let mut response = agent
        .get(url.as_str())
        .header("Accept", "application/json")
        .call()
        .map_err(|error| error.to_string())?;
    if response.status() != 200 {
        return Err(format!("the answer has the status {}", response.status().as_u16()));
    }
    let mut bytes = Vec::new();
    let limit = JWKS_BYTES_MAX as u64 + 1;
    response.body_mut().as_reader().take(limit).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > JWKS_BYTES_MAX {
        return Err(format!("the answer is larger than {JWKS_BYTES_MAX} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "the answer is not text".to_owned())
}
