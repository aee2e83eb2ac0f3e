//! Rows A13, A14, A16, A46 and A47: who may call, by which name, and what is understood as a request.

use super::{handshake, quick, raw, status_of, upgrade};
use crate::QUICK;
use crate::server::{TestServer, request, token};

#[test]
fn a13_cross_site_socket() {
    let server = TestServer::start(&quick(&["--cors-allowed-origins", "https://app.example.com"]));
    let port = server.address.port();
    let host = format!("localhost:{port}");
    let path = format!("/ws/user-status/?token={}", token(1));
    let status = |origin: &str| handshake(server.address, &upgrade(&path, &host, &[("Origin", origin)])).0;
    for origin in [&format!("http://{host}"), "https://app.example.com", "HTTPS://APP.example.com:443"] {
        assert_eq!(status(origin), 101, "{origin}");
    }
    for origin in [
        "null",
        "",
        "https://evil.example",
        "http://localhost",
        "http://localhost:1",
        &format!("https://{host}"),
        &format!("http://127.0.0.1:{port}"),
        &format!("http://{host}.evil.example"),
        &format!("http://evil.example/{host}"),
        &format!("http://{host}@evil.example"),
        &format!("http://{host}, https://evil.example"),
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.example",
        "https://evil-app.example.com",
        "https://sub.app.example.com",
        "https://app.example.com/",
        "https://example.com",
        "file://",
        "chrome-extension://abcdef",
    ] {
        assert_eq!(status(origin), 403, "{origin}");
    }
    let none = upgrade(&path, &host, &[]);
    assert_eq!(handshake(server.address, &none).0, 101, "no page: its token decides");
    let two = [("Origin", format!("http://{host}")), ("Origin", format!("http://{host}"))];
    let two = two.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(handshake(server.address, &upgrade(&path, &host, &two)).0, 403);
}

#[test]
fn a14_a_socket_by_another_name_is_421() {
    let server = TestServer::start(QUICK);
    let path = format!("/ws/user-status/?token={}", token(1));
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "127.0.0.2",
        "0x7f.1",
        "2130706433",
        "[::2]",
        "localhost@evil.example",
        "localhost,evil.example",
        "",
    ] {
        let origin = format!("http://{host}");
        for more in [
            &[("X-Forwarded-Host", "localhost")][..],
            &[("Origin", &origin)],
            &[("Forwarded", "host=localhost")],
        ] {
            assert_eq!(handshake(server.address, &upgrade(&path, host, more)).0, 421, "{host}");
        }
    }
    let two = upgrade(&path, "localhost", &[("Host", "evil.example")]);
    assert!(matches!(handshake(server.address, &two).0, 400 | 421));
}

#[test]
fn a16_no_cookie_lets_anybody_in() {
    let server = TestServer::start(QUICK);
    let good = token(1);
    let cookies = format!("token={good}; access_token={good}; sessionid={good}; Authorization=Bearer {good}");
    for path in ["/api/users/online/", "/api/users/recent/"] {
        let (status, head, _) = server.get(path, &[("Cookie", &cookies), ("Origin", "https://evil.example")]);
        assert_eq!(status, 401);
        assert!(!head.contains("set-cookie") && !head.contains("access-control-allow-credentials"), "{head}");
    }
    let (status, head) =
        handshake(server.address, &upgrade("/ws/user-status/", "localhost", &[("Cookie", &cookies)]));
    assert!(status == 101 && !head.to_lowercase().contains("set-cookie"), "{head}");
    assert!(server.online(&token(2)).is_empty(), "that socket is nobody's, and closed with 4401");
    // A form of a foreign page: no preflight is asked for, so the body must not count.
    let body = "slug=ada";
    let form = format!(
        "POST /api/users/online/ HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert!(matches!(status_of(&raw(server.address, form.as_bytes())), 401 | 405));
}

#[test]
fn a46_what_two_readers_could_read_differently_is_refused() {
    let server = TestServer::start(QUICK);
    let smuggled = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let length = smuggled.len();
    for (what, head) in [
        (
            "CL and TE",
            format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"),
        ),
        ("TE and CL", format!("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{smuggled}")),
        ("two lengths", format!("Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{smuggled}")),
        ("a list of lengths", format!("Content-Length: 0, {length}\r\n\r\n{smuggled}")),
        ("a signed length", format!("Content-Length: +{length}\r\n\r\n{smuggled}")),
        ("a length in hex", format!("Content-Length: 0x10\r\n\r\n{smuggled}")),
        ("another coding", format!("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{smuggled}")),
        ("a misspelt coding", format!("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{smuggled}")),
        ("space before the colon", format!("Content-Length : {length}\r\n\r\n{smuggled}")),
        ("a folded line", format!("X: a\r\n b\r\nContent-Length: 0\r\n\r\n{smuggled}")),
        ("a NUL", "X: a\0b\r\n\r\n".to_owned()),
        ("a CR alone", "X: a\rb\r\n\r\n".to_owned()),
        ("a name with a space", "X y: z\r\n\r\n".to_owned()),
        ("a chunk of no size", format!("Transfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n{smuggled}")),
    ] {
        let answer =
            raw(server.address, format!("POST /api/none HTTP/1.1\r\nHost: localhost\r\n{head}").as_bytes());
        let n_answers = answer.matches("HTTP/1.1 ").count();
        assert!(n_answers <= 1, "{what} was two requests: {answer}");
        assert!(matches!(status_of(&answer), 0 | 400 | 401 | 404 | 405 | 501), "{what}: {answer}");
        assert!(!answer.contains("200 OK"), "{what}: {answer}");
    }
    let body = upgrade("/ws/user-status/", "localhost", &[("Content-Length", "5")]) + "hello";
    assert_eq!(handshake(server.address, &body).0, 400, "an upgrade has no body");
    let chunked = upgrade("/ws/user-status/", "localhost", &[("Transfer-Encoding", "chunked")]) + "0\r\n\r\n";
    assert_eq!(handshake(server.address, &chunked).0, 400);
    for line in
        ["GET  /livez HTTP/1.1", "GET /livez HTTP/1.1 x", "GET /livez", "G\x01T / HTTP/1.1", "\x16\x03\x01"]
    {
        let answer =
            raw(server.address, format!("{line}\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes());
        assert!(matches!(status_of(&answer), 0 | 400), "{line:?}: {answer}");
    }
    assert_eq!(server.get("/livez", &[]).0, 200);
}

#[test]
fn a47_only_the_internal_port_tells_and_it_tells_of_nobody() {
    let server = TestServer::start(QUICK);
    assert!(server.internal.ip().is_loopback() && server.internal != server.address);
    let mut ada = server.original(&token(1));
    ada.next_of("connection.ack");
    for path in
        ["/metrics", "/readyz", "/metrics/", "/debug", "/admin", "/.env", "/api/admin/stats", "/internal"]
    {
        assert!(matches!(server.get(path, &[]).0, 401 | 403 | 404), "{path}");
    }
    let (_, _, alive) = server.get("/livez", &[]);
    assert_eq!(alive, r#"{"status":"ok"}"#);
    let metrics = request(server.internal, "/metrics", &[]).2;
    let lines = metrics.lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        assert!(!name.contains("-0000-") && !name.contains("127.0.0.1"), "a person or an address: {line}");
    }
    for path in ["/api/users/online/", "/ws/user-status/", "/"] {
        assert_eq!(request(server.internal, path, &[]).0, 404, "{path} is not served inside");
    }
}
