//! Row A48: what `serve` refuses to start with, and what it warns of.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::process::{KEY, Running, eventually, hereabouts};

#[test]
fn a48_weak_keys_and_open_doors_are_refused_with_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (empty, weak) = (file("empty", "\n"), file("weak", &format!("{KEY}\nshort\n")));
    let good = file("good", KEY);
    let missing = folder.path().join("missing").to_str().unwrap().to_owned();
    let open = ["--bind", "0.0.0.0:0", "--allowed-hosts", "*", "--secret-key", KEY];
    for (line, named) in [
        (&["--secret-key", "your-256-bit-secret"][..], "SECRET_KEY"),
        (&["--secret-key", "01234567890123456789012345678901"], "SECRET_KEY"),
        (&["--secret-key", "change-me-to-a-long-random-string-please"], "SECRET_KEY"),
        (&["--secret-key", KEY, "--secret-key-fallbacks", "short"], "SECRET_KEY_FALLBACKS"),
        (&["--secret-key-file", &empty], "SECRET_KEY_FILE"),
        (&["--secret-key-file", &weak], "SECRET_KEY_FILE"),
        (&["--secret-key-file", &missing], "SECRET_KEY_FILE"),
        (&["--secret-key-file", &good, "--secret-key", KEY], "SECRET_KEY_FILE"),
        (&["--jwks-url", "http://login.example.com/jwks.json"], "--jwks-url"),
        // People who log in here get tokens of this server, which an issuer's keys do not sign.
        (&["--jwks-url", "https://login.example.com/jwks.json"], "SECRET_KEY"),
        (
            &["--jwks-url", "https://login.example.com/jwks.json", "--directory", "builtin"],
            "--directory token",
        ),
        (&open, "ALLOWED_HOSTS"),
    ] {
        let output = hereabouts(folder.path()).arg("serve").args(line).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{line:?}: {message}");
        assert!(message.contains(named), "{line:?}: {message}");
        assert!(!message.contains(KEY) && !message.contains("short"), "a key is not repeated: {message}");
    }
}

#[test]
fn a48_a_key_file_that_everybody_can_read_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    fs::write(&path, KEY).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let server = Running::serve(&["--secret-key", "", "--secret-key-file", path.to_str().unwrap()]);
    eventually("it says so", || server.log().contains("everybody on this machine can read"));
    assert!(!server.log().contains(KEY));
}
