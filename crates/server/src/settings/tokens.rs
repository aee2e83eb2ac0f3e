//! Where the keys of access tokens come from: the environment, a file, an issuer's address.

use std::{
    fs,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use axum::http::Uri;

use super::{
    Faults, Purpose, Secret, Secrets, check::list, fault::Refused, is_weak, parse, secret::SECRET_BYTES_MIN,
    without_port,
};
use crate::{
    cli::flags::{SecretFlags, TokenFlags},
    limits::SECRET_FILE_BYTES_MAX,
};

/// Names of the settings, as people meet them.
mod name {
    pub(super) const SECRET: &str = "SECRET_KEY (--secret-key)";
    pub(super) const FALLBACKS: &str = "SECRET_KEY_FALLBACKS (--secret-key-fallbacks)";
    pub(super) const FILE: &str = "SECRET_KEY_FILE (--secret-key-file)";
    pub(super) const JWKS_URL: &str = "--jwks-url (HEREABOUTS_JWKS_URL)";
    pub(super) const JWKS_REFRESH: &str = "--jwks-refresh (HEREABOUTS_JWKS_REFRESH)";
}

/// Which tokens are believed, and where keys may change.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// The file of the shared keys, read again when it changes.
    pub secret_file: Option<PathBuf>,
    /// The issuer whose published keys are believed.
    pub jwks: Option<JwksSettings>,
    /// What `iss` must be.
    pub issuer: Option<String>,
    /// What `aud` must be or contain.
    pub audience: Option<String>,
}

/// Where an issuer's keys are.
#[derive(Clone, Debug)]
pub struct JwksSettings {
    /// The address.
    pub url: JwksUrl,
    /// How often they are fetched: a key that was taken back is refused this much later at most.
    pub refresh: Duration,
}

/// An `https:` address, or an `http:` one on this machine, without a name and password in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwksUrl(String);

impl JwksUrl {
    fn parse(text: &str) -> Result<Self, Refused> {
        let refused =
            |wrong: &str| Err((wrong.to_owned(), "such as https://login.example.com/jwks.json".to_owned()));
        // The address may hold a password, so it is not repeated.
        let Ok(uri) = text.trim().parse::<Uri>() else { return refused("it is no address") };
        let Some(authority) = uri.authority().map(|authority| authority.as_str().to_ascii_lowercase()) else {
            return refused("it has no host");
        };
        if authority.contains('@') {
            return refused("it has a user name in it");
        }
        match uri.scheme_str() {
            Some("https") => Ok(Self(uri.to_string())),
            Some("http") if is_loopback(without_port(&authority)) => Ok(Self(uri.to_string())),
            Some("http") => refused("without TLS, whoever is on the way could send keys of their own"),
            _ => refused("it is neither https nor http"),
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn secret_file(flags: &SecretFlags) -> Option<PathBuf> {
    flags.secret_key_file.clone().filter(|path| !path.as_os_str().is_empty())
}

/// Reads a file of keys, one a line: the first signs, all verify. An error says what is wrong with it.
pub fn read_secret_file(path: &Path) -> Result<Secrets, String> {
    let file = fs::File::open(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let mut text = String::new();
    file.take(SECRET_FILE_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    if text.len() as u64 > SECRET_FILE_BYTES_MAX {
        return Err(format!("{} is larger than {SECRET_FILE_BYTES_MAX} bytes", path.display()));
    }
    let mut keys = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(Secret::new);
    let Some(current) = keys.next() else { return Err(format!("{} is empty", path.display())) };
    Ok(Secrets { current, fallbacks: keys.collect() })
}

/// Whether everybody on this machine can read the file.
pub fn is_world_readable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

/// Keys that were given for signing, whatever their strength; `None` when there are none.
pub(crate) fn given_secrets(flags: &SecretFlags) -> Result<Option<Secrets>, Faults> {
    let mut faults = Faults::default();
    let secrets = given(flags, &mut faults);
    if faults.0.is_empty() { Ok(secrets) } else { Err(faults) }
}

fn given(flags: &SecretFlags, faults: &mut Faults) -> Option<Secrets> {
    let current = flags.secret_key.as_deref().filter(|key| !key.is_empty());
    let Some(path) = secret_file(flags) else {
        let fallbacks = list(flags.secret_key_fallbacks.as_deref()).map(Secret::new).collect();
        return current.map(|current| Secrets { current: Secret::new(current), fallbacks });
    };
    let right = "a file with the current key in its first line and earlier ones below".to_owned();
    if current.is_some() {
        let wrong = "SECRET_KEY is set too, and only one of them can be meant".to_owned();
        faults.check(name::FILE, Err((wrong, "one of the two".to_owned())), ());
    }
    faults.check(name::FILE, read_secret_file(&path).map(Some).map_err(|wrong| (wrong, right)), None)
}

/// Whether an issuer's keys are enough, so that no key of our own is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IssuerAlone {
    /// There is no issuer.
    No,
    /// It makes all tokens.
    Yes,
    /// There is one, but people register and log in here, and their tokens are made here.
    NotWithAccounts,
}

/// The shared keys. Without any, a server that only believes an issuer's keys gets one that nobody has.
pub(super) fn check_secrets(
    flags: &SecretFlags,
    purpose: &Purpose,
    issuer: IssuerAlone,
    faults: &mut Faults,
) -> Secrets {
    let n_faults = faults.0.len();
    let given = given(flags, faults);
    let secret = match purpose {
        Purpose::Dev { secret, .. } => {
            return given.unwrap_or(Secrets { current: secret.clone(), fallbacks: Vec::new() });
        }
        Purpose::Serve if faults.0.len() > n_faults => return Secrets::of_nobody(),
        Purpose::Serve => given,
    };
    let right = "the key your app signs its tokens with, or a new one where people log in here: at least 32 bytes of \
                 chance, such as what `openssl rand -hex 32` prints"
        .to_owned();
    let Some(secrets) = secret else {
        let fault = match issuer {
            IssuerAlone::Yes => None,
            IssuerAlone::No => Some((
                format!("it is not set; tokens are checked with it ({SECRET_BYTES_MIN} bytes or more)"),
                right,
            )),
            IssuerAlone::NotWithAccounts => Some((
                "it is not set; with --directory builtin people log in here, and their tokens are signed with it"
                    .to_owned(),
                "a key of at least 32 bytes, such as what `openssl rand -hex 32` prints; or --directory token, if \
                 everybody's token comes from the issuer of --jwks-url"
                    .to_owned(),
            )),
        };
        if let Some(fault) = fault {
            faults.check(name::SECRET, Err(fault), ());
        }
        return Secrets::of_nobody();
    };
    let (first, others) = match secret_file(flags) {
        Some(_) => (name::FILE, name::FILE),
        None => (name::SECRET, name::FALLBACKS),
    };
    for (name, why) in
        weaknesses(&secrets).into_iter().map(|(is_first, why)| (if is_first { first } else { others }, why))
    {
        faults.check(name, Err((why, right.clone())), ());
    }
    secrets
}

/// What is wrong with each weak key; whether it is the current one.
pub(crate) fn weaknesses(secrets: &Secrets) -> Vec<(bool, String)> {
    let all =
        std::iter::once((true, &secrets.current)).chain(secrets.fallbacks.iter().map(|key| (false, key)));
    all.filter_map(|(is_first, key)| Some((is_first, is_weak(&String::from_utf8_lossy(key.as_bytes()))?)))
        .collect()
}

pub(super) fn check_tokens(flags: &TokenFlags, secret: &SecretFlags, faults: &mut Faults) -> TokenSettings {
    let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
    let refresh =
        faults.check(name::JWKS_REFRESH, parse::duration(&flags.jwks_refresh, second, minute), minute);
    let url = text(&flags.jwks_url)
        .and_then(|url| faults.check(name::JWKS_URL, JwksUrl::parse(&url).map(Some), None));
    TokenSettings {
        secret_file: secret_file(secret),
        jwks: url.map(|url| JwksSettings { url, refresh }),
        issuer: text(&flags.token_issuer),
        audience: text(&flags.token_audience),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_fetched_over_tls_or_on_this_machine() {
        for url in [
            "https://login.example.com/.well-known/jwks.json",
            "http://127.0.0.1:9/x",
            "http://[::1]/x",
            "http://LocalHost:1/x",
        ] {
            assert!(JwksUrl::parse(url).is_ok(), "{url}");
        }
        for url in [
            "http://login.example.com/jwks.json",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example/",
            "https://user:hush@login.example.com/",
            "http://127.0.0.1@evil.example/",
            "file:///etc/passwd",
            "login.example.com",
            "/jwks.json",
            "",
        ] {
            let (wrong, _) = JwksUrl::parse(url).unwrap_err();
            assert!(!wrong.contains("hush"), "{url}");
        }
    }

    #[test]
    fn the_first_line_of_a_file_signs_and_empty_lines_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        assert!(read_secret_file(&path).unwrap_err().contains("cannot be read"));
        fs::write(&path, " \n\n").unwrap();
        assert!(read_secret_file(&path).unwrap_err().contains("is empty"));
        fs::write(&path, "\n one \ntwo\r\n\nthree").unwrap();
        let secrets = read_secret_file(&path).unwrap();
        assert_eq!(secrets.current, Secret::new("one"));
        assert_eq!(secrets.fallbacks, [Secret::new("two"), Secret::new("three")]);
        fs::write(&path, vec![b'x'; SECRET_FILE_BYTES_MAX as usize + 1]).unwrap();
        assert!(read_secret_file(&path).unwrap_err().contains("larger"));
    }
}
