//! The HTTP side of the real binary: who may ask, what is refused, and in which words.

use crate::process::{Running, eventually, exchange};
use tungstenite::Message;

const LIST: &str = "/api/users/online";

#[test]
fn every_route_answers_with_and_without_its_slash() {
    let server = Running::serve(&[]);
    let token = server.token("Ada");
    for path in ["/api/users/online", "/api/users/recent", "/livez"] {
        for path in [path.to_owned(), format!("{path}/")] {
            assert_eq!(server.get(&path, &token).status, 200, "{path}");
        }
    }
    for path in ["/readyz", "/metrics", "/livez"] {
        assert_eq!(server.internal(path).status, 200, "{path}");
    }
    assert!(server.internal("/metrics").body.contains("\nhereabouts_users_online 0\n"));
    assert_eq!(server.get("/metrics", &token).status, 404, "the world does not see the numbers");
}

#[test]
fn no_token_and_bad_tokens_get_401_and_a_detail() {
    let server = Running::serve(&[]);
    let token = server.token("Ada");
    let (signed, _) = token.rsplit_once('.').unwrap();
    for bad in ["", "nonsense", &format!("{signed}.AAAA"), &format!("{signed}.")] {
        let answer = server.get(LIST, bad);
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert!(!answer.detail().is_empty());
        assert!(bad.is_empty() || !answer.body.contains(bad), "the token is not repeated");
    }
}

#[test]
fn what_is_nowhere_is_404_and_a_wrong_method_405() {
    let server = Running::serve(&[]);
    for path in ["/api/nothing", "/api/users/online/x", "/ws/other", "/%2e%2e/Cargo.toml"] {
        let answer = server.get(path, "");
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.detail().is_empty());
    }
    assert_eq!(server.request("DELETE", LIST, "", &[], "").status, 405);
    assert_eq!(server.get("/demo/people/", "").status, 404, "the demo lives in dev only");
}

#[test]
fn a14_a_foreign_host_gets_421() {
    let server = Running::serve(&[]);
    let port = server.address.port();
    for host in ["evil.example", "localhost.evil.example", "127.0.0.2", "", "127.0.0.1.nip.io", "[::2]"] {
        let answer = server.get_with("/livez", "", &[("Host", host)]);
        assert_eq!(answer.status, 421, "{host}");
        assert!(answer.detail().contains("ALLOWED_HOSTS"));
    }
    let port_and_host = format!("LocalHost:{port}");
    for host in ["localhost", "127.0.0.1:1", "[::1]:99", &port_and_host] {
        assert_eq!(server.get_with("/livez", "", &[("Host", host)]).status, 200, "{host}");
    }
    let forwarded = [("Host", "evil.example"), ("X-Forwarded-Host", "localhost")];
    assert_eq!(server.get_with("/livez", "", &forwarded).status, 421);
    let absolute = "GET http://evil.example/livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(exchange(server.address, absolute).status, 421);
}

#[test]
fn a15_only_listed_origins_may_read() {
    let server = Running::serve(&["--cors-allowed-origins", "https://app.example.com"]);
    let token = server.token("Ada");
    let listed = server.get_with(LIST, &token, &[("Origin", "https://app.example.com")]);
    assert_eq!(listed.header("access-control-allow-origin"), "https://app.example.com");
    assert_eq!(listed.header("access-control-expose-headers"), "X-Total-Count, Link, ETag, Retry-After");
    assert_eq!(listed.header("access-control-allow-credentials"), "");
    assert_eq!(listed.header("vary"), "Authorization, Origin");
    for origin in
        ["https://evil.example", "null", "https://app.example.com.evil.example", "http://app.example.com"]
    {
        let answer = server.get_with(LIST, &token, &[("Origin", origin)]);
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, ""), "{origin}");
        assert!(answer.header("vary").contains("Origin"));
    }
    // An error too can be read by the page it is meant for.
    let refused = server.get_with(LIST, "", &[("Origin", "https://app.example.com")]);
    assert_eq!(refused.header("access-control-allow-origin"), "https://app.example.com");
    let ask = [("Origin", "https://app.example.com"), ("Access-Control-Request-Method", "GET")];
    let preflight = server.request("OPTIONS", LIST, "", &ask, "");
    assert_eq!(preflight.status, 204);
    assert_eq!(
        preflight.header("access-control-allow-headers"),
        "Authorization, If-None-Match, Content-Type"
    );
    let foreign = [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "GET")];
    assert_eq!(server.request("OPTIONS", LIST, "", &foreign, "").header("access-control-allow-headers"), "");
}

#[test]
fn a13_a_foreign_page_gets_403_before_any_socket() {
    let server = Running::serve(&[]);
    let token = server.token("Ada");
    let upgrade = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Origin", "https://evil.example"),
    ];
    let mut head: String = upgrade.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    head.push_str(&["Host: ", &server.address.to_string(), "\r\n\r\n"].concat());
    let answer = exchange(server.address, &format!("GET /ws/user-status/?token={token} HTTP/1.1\r\n{head}"));
    assert_eq!(answer.status, 403);
    assert!(answer.detail().contains("CORS_ALLOWED_ORIGINS=https://evil.example"));
    assert!(server.online(&server.token("Linus")).is_empty());
}

#[test]
fn sizes_have_limits() {
    let server = Running::dev(&[]);
    let long = format!("/livez?x={}", "a".repeat(8 * 1024));
    assert_eq!(server.get(&long, "").status, 414);
    let body = format!("{{\"slug\":\"{}\"}}", "a".repeat(64 * 1024));
    assert_eq!(server.post("/demo/sign-in/", &body).status, 413);
    let packed = [("Content-Type", "application/json"), ("Content-Encoding", "gzip")];
    assert_eq!(server.request("POST", "/demo/sign-in/", "", &packed, "{}").status, 415);
    let many: String = (0..100).map(|n| format!("X-{n}: 1\r\n")).collect();
    let request = format!("GET /livez HTTP/1.1\r\nHost: localhost\r\n{many}\r\n");
    assert_eq!(exchange(server.address, &request).status, 431);
    for nonsense in ["{", "[]", "{\"slug\":7}", "{\"slug\":\"ada\",\"slug\":\"ada\"}"] {
        let answer = server.post("/demo/sign-in/", nonsense);
        assert!((400..500).contains(&answer.status), "{nonsense}: {}", answer.status);
        assert!(!answer.detail().is_empty());
    }
}

#[test]
fn one_address_may_ask_so_much_and_is_told_when_to_come_back() {
    let server = Running::serve(&["--requests-per-second-per-ip", "1", "--request-burst-per-ip", "3"]);
    let statuses: Vec<_> = (0..5).map(|_| server.get(LIST, "").status).collect();
    assert_eq!(statuses[..3], [401, 401, 401]);
    assert!(statuses[3..].contains(&429), "{statuses:?}");
    let refused = (0..5).map(|_| server.get(LIST, "")).find(|answer| answer.status == 429).unwrap();
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert!(refused.detail().contains("--requests-per-second-per-ip"));
    // A forwarded address of nobody's proxy buys nothing.
    let spoofed: Vec<_> = (0..9)
        .map(|n| server.get_with(LIST, "", &[("X-Forwarded-For", &format!("10.0.0.{n}"))]).status)
        .collect();
    assert!(spoofed.contains(&429));
    assert_eq!(server.get("/livez", "").status, 200, "a health check is always answered");
}

#[test]
fn the_site_is_served_with_a_policy_and_tags() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("index.html", "<script>start()</script>home"),
        ("messages.html", "messages"),
        ("404.html", "nothing here"),
        ("a.svg", "<svg/>"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    std::fs::create_dir_all(folder.path().join("_next/static")).unwrap();
    std::fs::write(folder.path().join("_next/static/x.js"), "1").unwrap();
    let server = Running::serve(&["--assets", folder.path().to_str().unwrap()]);
    let home = server.get("/", "");
    assert_eq!((home.status, home.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = home.header("content-security-policy");
    for part in
        ["default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "'sha256-"]
    {
        assert!(policy.contains(part), "{part}: {policy}");
    }
    assert!(!policy.contains("unsafe-inline") && policy.contains(&format!("ws://{}", server.address)));
    assert_eq!(home.header("x-content-type-options"), "nosniff");
    assert_eq!(home.header("referrer-policy"), "no-referrer");
    let again = server.get_with("/", "", &[("If-None-Match", home.header("etag"))]);
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    for path in ["/messages", "/messages/", "/messages.html"] {
        assert_eq!(server.get(path, "").body, "messages", "{path}");
    }
    assert_eq!(server.get("/a.svg", "").header("content-type"), "image/svg+xml");
    assert!(server.get("/_next/static/x.js", "").header("cache-control").contains("immutable"));
    let missing = server.get_with("/nowhere", "", &[("Accept", "text/html")]);
    assert_eq!((missing.status, missing.body.as_str()), (404, "nothing here"));
    assert_eq!(server.get("/nowhere", "").json()["detail"], "There is nothing at /nowhere.");
}

#[test]
fn the_demo_lets_anybody_in_as_one_of_twelve() {
    let server = Running::dev(&[]);
    let people = server.get("/demo/people/", "").json();
    assert_eq!(people.as_array().unwrap().len(), 12);
    assert_eq!(people[0]["profile_image_url"], "/avatars/ada.svg");
    let signed_in = server.post("/demo/sign-in/", r#"{"slug":"ada"}"#).json();
    assert_eq!(signed_in["user"]["username"], "Ada Lovelace");
    let token = signed_in["accessToken"].as_str().unwrap();
    assert_eq!(server.get(LIST, token).status, 200);
    assert_eq!(server.get(LIST, signed_in["refreshToken"].as_str().unwrap()).status, 401);
    assert_eq!(server.post("/demo/sign-in/", r#"{"slug":"eve"}"#).status, 404);
    let mut socket = server.socket(token);
    let ack = socket.read().unwrap();
    assert!(matches!(&ack, Message::Text(text) if text.contains("connection.ack")), "{ack:?}");
}

#[test]
fn who_left_is_recent_and_who_is_here_is_not() {
    let server = Running::serve(&[]);
    let (ada, linus) = (server.token("Ada"), server.token("Linus"));
    let recent = || {
        let rows = server.get("/api/users/recent/?days=7&limit=5", &linus).json();
        rows.as_array().unwrap().clone()
    };
    let mut socket = server.socket(&ada);
    socket.read().unwrap();
    assert_eq!(server.online(&linus), ["Ada"]);
    assert!(recent().is_empty());
    socket.close(None).unwrap();
    while socket.read().is_ok() {}
    eventually("a closed socket leaves the list", || server.online(&linus).is_empty());
    let rows = recent();
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["username"], &rows[0]["is_online"]), (&"Ada".into(), &false.into()));
    assert!(rows[0]["last_seen"].as_str().unwrap().ends_with(":00.000000Z"), "to the minute: {}", rows[0]);
    assert_eq!(rows[0]["last_seen"], rows[0]["last_activity"]);
    assert!(
        server.get("/api/users/recent/", &ada).json().as_array().unwrap().is_empty(),
        "oneself is left out"
    );
    assert_eq!(server.get("/api/users/recent/?days=x", &ada).status, 400);
}

#[test]
fn a10_a_token_is_never_in_a_log_a_metric_or_an_answer() {
    let server = Running::serve(&["--log", "trace"]);
    let token = server.token("Ada");
    let mut socket = server.socket(&token);
    socket.read().unwrap();
    let paths = ["/api/users/online/", "/api/users/recent/", "/ws/user-status/", "/nothing", "/livez"];
    let answers: Vec<_> = paths
        .iter()
        .flat_map(|path| [server.get(path, &token), server.get(&format!("{path}?token={token}"), &token)])
        .collect();
    let long = server.get(&format!("/livez?token={token}&x={}", "a".repeat(9000)), "");
    let foreign = server.get_with(&format!("/livez?token={token}"), "", &[("Host", "evil.example")]);
    eventually("requests are logged", || server.log().matches("request answered").count() >= 12);
    let signature = token.rsplit('.').next().unwrap();
    assert!(!server.log().contains(signature), "a token in the log");
    assert!(server.log().contains("token=[redacted]"));
    assert!(!server.internal("/metrics").body.contains(signature));
    for answer in answers.iter().chain([&long, &foreign]) {
        assert!(!format!("{answer:?}").contains(signature), "{answer:?}");
    }
}

#[test]
fn a45_every_log_line_is_one_json_object_whatever_is_asked() {
    let server = Running::serve(&["--log", "debug"]);
    let token = server.token("Ada");
    server.get("/api/users/online/%0a%1b[31m?x=%0d%0a", &token);
    eventually("requests are logged", || server.log().contains("request answered"));
    for line in server.log().lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
        assert!(!line.contains('\u{1b}'));
    }
}
