//! The command line of the real binary: exit codes, words, and what it leaves behind.

use std::{net::TcpListener, os::unix::fs::PermissionsExt, path::Path, process::Output};

use crate::process::{KEY, Running, eventually, hereabouts};

fn run(folder: &Path, line: &[&str]) -> Output {
    hereabouts(folder).args(line).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn row_57_help_fits_80_columns_and_shows_names_and_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let mut waiting = vec![Vec::new()];
    let mut n_commands = 0;
    while let Some(command) = waiting.pop() {
        let line: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let help = out(&run(folder.path(), &line));
        assert!(help.contains("Usage: hereabouts"), "{line:?}: {help}");
        for text in help.lines() {
            assert!(text.chars().count() <= 80, "{line:?}: {text}");
        }
        waiting.extend(subcommands(&help).map(|name| [command.as_slice(), &[name]].concat()));
        n_commands += 1;
        assert!(n_commands < 100, "commands within commands without end");
    }
    assert!(n_commands >= 12, "every command is visited: {n_commands}");
    let help = out(&run(folder.path(), &["serve", "--help"]));
    // Long lines are wrapped between words.
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for (flag, env) in [
        ("--bind", "HEREABOUTS_BIND"),
        ("--secret-key", "SECRET_KEY"),
        ("--database-url", "DATABASE_URL"),
        ("--max-connections-per-ip", "HEREABOUTS_MAX_CONNECTIONS_PER_IP"),
        ("--grace", "HEREABOUTS_GRACE"),
    ] {
        assert!(words.contains(flag) && words.contains(env), "{flag}");
    }
    assert!(words.contains("[default: 127.0.0.1:8000]"));
    let (_, examples) = help.split_once("Examples:").unwrap();
    assert_eq!(examples.matches("hereabouts serve").count(), 3, "{examples}");
}

/// The commands that a help lists, without `help` itself.
fn subcommands(help: &str) -> impl Iterator<Item = String> {
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // A name stands two columns in; a description that goes on in the next line, further.
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned)
}

#[test]
fn row_57_shells_complete_every_command() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, words) in [
        ("bash", ["_hereabouts()", "--max-connections-per-ip"]),
        ("zsh", ["#compdef hereabouts", "--max-connections-per-ip"]),
        ("fish", ["complete -c hereabouts", "max-connections-per-ip"]),
    ] {
        let script = run(folder.path(), &["completions", shell]);
        assert_eq!(script.status.code(), Some(0));
        for word in words.into_iter().chain(["doctor", "migrate"]) {
            assert!(out(&script).contains(word), "{shell}: {word}");
        }
    }
    let script = out(&run(folder.path(), &["completions", "bash"]));
    let mut syntax = std::process::Command::new("bash");
    syntax.args(["-n", "-c", &script]);
    assert!(syntax.status().is_ok_and(|status| status.success()), "bash reads its script");
    assert_eq!(run(folder.path(), &["completions", "cmd"]).status.code(), Some(2));
}

#[test]
fn a_secret_in_the_environment_is_not_in_the_help() {
    let folder = tempfile::tempdir().unwrap();
    let help = hereabouts(folder.path())
        .args(["serve", "--help"])
        .env("SECRET_KEY", "canary-1")
        .env("DATABASE_URL", "canary-2")
        .env("REDIS_URL", "canary-3")
        .output()
        .unwrap();
    assert!(!out(&help).contains("canary"));
}

#[test]
fn the_seeds_environment_is_refused_with_every_reason_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let output = hereabouts(folder.path())
        .args(["serve", "--grace", "soon"])
        .env("REDIS_URL", "redis://localhost:6379")
        .env("DATABASE_URL", "postgresql://user:password@localhost:5432/liberty_social")
        .env("DEBUG", "False")
        .env("SECRET_KEY", "your-secret-key-here")
        .env("ALLOWED_HOSTS", "localhost,127.0.0.1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = err(&output);
    assert!(message.starts_with("hereabouts: 3 settings are wrong"), "{message}");
    for part in ["REDIS_URL", "SECRET_KEY", "--grace", "env -u REDIS_URL", "openssl rand"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(!message.contains("password"));
}

#[test]
fn serve_refuses_weak_keys() {
    let folder = tempfile::tempdir().unwrap();
    for key in ["", "short", "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz"] {
        let output = hereabouts(folder.path()).arg("serve").env("SECRET_KEY", key).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{key:?}");
        assert!(err(&output).contains("SECRET_KEY"));
    }
}

#[test]
fn a_port_in_use_is_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = hereabouts(folder.path())
        .args(["serve", "--bind", &address, "--internal-bind", "127.0.0.1:0", "--log", "off"])
        .env("SECRET_KEY", KEY)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = err(&output);
    assert!(message.contains(&address) && message.contains("--bind"), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
}

#[test]
fn migrations_go_up_and_down_and_say_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let migrate = |action| out(&run(folder.path(), &["migrate", action]));
    assert_eq!(
        migrate("status"),
        "pending 0001 users\npending 0002 presence\npending 0003 accounts\npending 0004 people\n"
    );
    assert_eq!(
        migrate("up"),
        "applied 0001 users\napplied 0002 presence\napplied 0003 accounts\napplied 0004 people\n"
    );
    assert_eq!(migrate("up"), "nothing to do: the schema is current\n");
    run(folder.path(), &["user", "add", "Ada"]);
    assert_eq!(migrate("down"), "took back 0004 people\n");
    assert_eq!(migrate("down"), "took back 0003 accounts\n");
    assert_eq!(migrate("down"), "took back 0002 presence\n");
    assert_eq!(
        migrate("status"),
        "applied 0001 users\npending 0002 presence\npending 0003 accounts\npending 0004 people\n"
    );
    let refused = hereabouts(folder.path())
        .args([
            "serve",
            "--no-migrate",
            "--bind",
            "127.0.0.1:0",
            "--internal-bind",
            "127.0.0.1:0",
            "--log",
            "off",
        ])
        .env("SECRET_KEY", KEY)
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(err(&refused).contains("hereabouts migrate"), "{}", err(&refused));
    assert_eq!(migrate("up"), "applied 0002 presence\napplied 0003 accounts\napplied 0004 people\n");
    assert!(
        out(&run(folder.path(), &["user", "list"])).contains("Ada"),
        "people survive the way down and up"
    );
    migrate("down");
    migrate("down");
    migrate("down");
    migrate("down");
    assert_eq!(migrate("down"), "nothing to do: no migration is applied\n");
}

#[test]
fn people_are_added_listed_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let id = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    let added = run(folder.path(), &["user", "add", "Ada Lovelace", "--id", id, "--picture", "/ada.svg"]);
    assert_eq!(out(&added).trim(), id);
    assert_eq!(run(folder.path(), &["user", "add", "Ada", "--id", id]).status.code(), Some(1));
    assert_eq!(
        run(folder.path(), &["user", "add", "Eve", "--picture", "javascript:1"]).status.code(),
        Some(1)
    );
    assert_eq!(run(folder.path(), &["user", "add", " \u{200b}"]).status.code(), Some(1));
    let listed = out(&run(folder.path(), &["user", "list"]));
    assert_eq!(listed, format!("{id}  Ada Lovelace  (ada-lovelace)  never seen\n"));
    assert_eq!(run(folder.path(), &["user", "remove", "ada-lovelace"]).status.code(), Some(0));
    assert_eq!(run(folder.path(), &["user", "remove", "ada-lovelace"]).status.code(), Some(1));
    assert_eq!(out(&run(folder.path(), &["user", "list"])), "");
}

#[test]
fn tokens_are_for_people_who_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let token = |line: &[&str]| {
        hereabouts(folder.path()).arg("token").args(line).env("SECRET_KEY", KEY).output().unwrap()
    };
    let nobody = token(&["--user", "Ada"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(err(&nobody).contains("hereabouts user add"));
    run(folder.path(), &["user", "add", "Ada"]);
    assert_eq!(out(&token(&["--user", "Ada"])).matches('.').count(), 2);
    assert_eq!(token(&["--user", "Ada", "--ttl", "soon"]).status.code(), Some(2));
    run(folder.path(), &["user", "add", "Ada"]);
    let several = token(&["--user", "Ada"]);
    assert!(err(&several).contains("several people"), "{}", err(&several));
    let keyless = run(folder.path(), &["token", "--user", "Ada"]);
    assert_eq!(keyless.status.code(), Some(1));
    assert!(err(&keyless).contains("SECRET_KEY"));
}

#[test]
fn dev_keeps_its_key_to_itself() {
    let server = Running::dev(&["--data-dir", "data"]);
    let secret = server.folder.path().join("data/secret-key");
    assert_eq!(std::fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    let token = hereabouts(server.folder.path())
        .args(["token", "--user", "ada", "--data-dir", "data"])
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    assert_eq!(token.status.code(), Some(1), "the database of this server is another one");
}

#[test]
fn healthcheck_says_whether_a_server_answers() {
    let server = Running::serve(&[]);
    let folder = server.folder.path();
    let address = server.internal_address.to_string();
    assert_eq!(run(folder, &["healthcheck", "--internal-bind", &address]).status.code(), Some(0));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    assert_eq!(run(folder, &["healthcheck", "--internal-bind", &closed]).status.code(), Some(1));
}

#[test]
fn what_is_written_behind_is_in_the_table_while_somebody_is_here() {
    let server = Running::serve(&[]);
    let ada = server.token("Ada");
    let mut socket = server.socket(&ada);
    socket.read().unwrap();
    eventually("is_online is written", || server.command(&["user", "list"]).ends_with("  online"));
    drop(socket);
}
