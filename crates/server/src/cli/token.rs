//! `hereabouts token`: an access token for somebody, on standard output.

use anyhow::{Context, bail};
use clap::Args;

use super::{
    block_on,
    flags::SecretFlags,
    user::{Place, find},
};
use crate::{
    auth::{TokenKind, TokenSigner},
    clock::Clock,
    settings::{Fault, Faults, given_secrets, parse_duration},
};

/// The flags of `token`.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  curl -H \"Authorization: Bearer $(hereabouts token --user ada)\" \\
    http://127.0.0.1:8000/api/users/online/")]
pub(super) struct Token {
    /// Whose token: a name, slug or id from `hereabouts user list`
    #[arg(long, value_name = "NAME")]
    user: String,
    /// How long it lasts
    #[arg(long, value_name = "TIME", default_value = "1h")]
    ttl: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    secret: SecretFlags,
}

impl Token {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Some(ttl) = parse_duration(&self.ttl).filter(|ttl| !ttl.is_zero()) else {
            return Err(Faults(vec![Fault {
                setting: "--ttl",
                wrong: format!("\"{}\" is not a time", self.ttl),
                right: "such as 30s, 15m, 1h or 7d".to_owned(),
            }])
            .into());
        };
        let secret = match (self.place.data_dir()?, given_secrets(&self.secret)?) {
            // A folder that was named wins over a key that happens to be in the environment.
            (Some(folder), None) => folder.secret()?,
            (Some(folder), Some(_)) if self.place.names_folder() => folder.secret()?,
            (_, Some(secrets)) => secrets.current,
            (None, None) => bail!(
                "no key to sign with: set SECRET_KEY as the server has it, or name the data folder of \
                 `hereabouts dev` with --data-dir"
            ),
        };
        block_on(async {
            let store = self.place.open().await?;
            let user = find(store.as_ref(), &self.user).await?.with_context(|| {
                format!("nobody is called {:?}; `hereabouts user list` shows everybody, `hereabouts user add` adds somebody", self.user)
            })?;
            let signer = TokenSigner::new(&secret);
            println!("{}", signer.sign(&user.profile, TokenKind::Access, Clock::start().now(), ttl));
            Ok(())
        })
    }
}
