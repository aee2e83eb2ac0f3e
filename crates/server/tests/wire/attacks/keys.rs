//! Row A6 on the real binary: keys change while people are connected.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::json;

use super::quick;
use crate::server::{TestServer, claims, eventually, signed, user_id};

const OLD: &str = "5d7f1c0e9a8b4c2fb1a36e0d94c7f258";
const NEW: &str = "c2a98f3b7d604e1591d7e2b80f4a6c3d";

fn status(server: &TestServer, token: &str) -> u16 {
    server.get("/api/users/online/", &[("Authorization", &format!("Bearer {token}"))]).0
}

#[test]
fn a06_keys_rotate_in_their_file_while_sockets_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    let write = |keys: &str| {
        std::fs::write(&path, keys).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    };
    write(OLD);
    let file = path.to_str().unwrap();
    let mut flags = quick(&["--secret-key", ""]);
    flags.extend(["--secret-key-file", file]);
    let server = TestServer::start(&flags);
    let by = |key: &str, n| signed(&claims(n, 3600), key);
    let (old, new) = (by(OLD, 1), by(NEW, 1));
    let mut sockets: Vec<_> = (10..60).map(|n| server.v1(&by(OLD, n))).collect();
    assert_eq!((status(&server, &old), status(&server, &new)), (200, 401));
    write(&format!("{NEW}\n{OLD}\n"));
    server.signal("HUP");
    eventually("the new key is accepted", || status(&server, &new) == 200);
    assert_eq!(status(&server, &old), 200, "both, in the overlap");
    // Half written, or nonsense: nothing changes.
    for bad in ["", "short", "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz"] {
        write(bad);
        server.signal("HUP");
    }
    assert_eq!((status(&server, &old), status(&server, &new)), (200, 200));
    // Without a signal it is noticed too.
    write(NEW);
    eventually("the removed key is refused", || status(&server, &old) == 401);
    assert_eq!(status(&server, &new), 200);
    for socket in &mut sockets {
        socket.say(r#"{"type":"ping"}"#);
        socket.next_of("pong");
    }
}

#[test]
fn a06_an_issuers_key_is_refused_soon_after_it_is_taken_back() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    let key = EncodingKey::from_rsa_der(include_bytes!("../../keys/rsa-a.der"));
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
    jwk.common.key_id = Some("a".to_owned());
    let published = Arc::new(Mutex::new(json!({ "keys": [jwk] }).to_string()));
    let answers = Arc::clone(&published);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).unwrap();
            let body = answers.lock().unwrap().clone();
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all((head + &body).as_bytes()).unwrap();
        }
    });
    let mut flags = quick(&["--secret-key", "", "--jwks-refresh", "1s"]);
    flags.extend(["--jwks-url", &url]);
    let server = TestServer::start(&flags);
    let header = Header { kid: Some("a".to_owned()), ..Header::new(Algorithm::RS256) };
    let now = claims(1, 3600)["exp"].clone();
    let token = jsonwebtoken::encode(&header, &json!({"sub": user_id(1), "exp": now}), &key).unwrap();
    let mut ada = server.v1(&token);
    assert_eq!(status(&server, &token), 200);
    *published.lock().unwrap() = r#"{"keys":[]}"#.to_owned();
    eventually("the key is refused", || status(&server, &token) == 401);
    ada.say(r#"{"type":"ping"}"#);
    ada.next_of("pong");
}

#[test]
fn a_server_starts_while_its_issuer_is_away() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{closed}/jwks.json");
    let mut flags = quick(&["--secret-key", ""]);
    flags.extend(["--jwks-url", &url]);
    let server = TestServer::start(&flags);
    assert_eq!(server.get("/livez", &[]).0, 200);
    assert_eq!(status(&server, &signed(&claims(1, 60), OLD)), 401);
}
