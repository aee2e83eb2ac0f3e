//! Origins, hosts and forwarded addresses, each as an attacker would write them.

use super::*;
use crate::settings::{for_tests, for_tests_with};

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    lines.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
}

#[test]
fn a13_only_the_own_origin_and_listed_ones_may_connect() {
    let settings =
        for_tests_with(&["--cors-allowed-origins", "https://app.example.com,http://localhost:3000"]);
    let allowed = |origin: &str, host: &str| {
        origin_allowed(&headers(&[("origin", origin), ("host", host)]), &settings).is_ok()
    };
    for (origin, host) in [
        ("http://localhost:8000", "localhost:8000"),
        ("HTTP://LOCALHOST:8000", "localhost:8000"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("https://presence.example.com", "presence.example.com"),
        ("http://presence.example.com", "presence.example.com"),
        ("https://app.example.com", "presence.example.com"),
        ("http://localhost:3000", "localhost:8000"),
    ] {
        assert!(allowed(origin, host), "{origin} at {host}");
    }
    for (origin, host) in [
        ("null", "localhost:8000"),
        ("", "localhost:8000"),
        ("http://localhost", "localhost:8000"),
        ("http://localhost:8001", "localhost:8000"),
        ("https://localhost:8000", "localhost:8000"),
        ("ftp://localhost:8000", "localhost:8000"),
        ("http://localhost:8000.evil.example", "localhost:8000"),
        ("http://evil.example/localhost:8000", "localhost:8000"),
        ("http://evil.example", "localhost:8000"),
        ("https://app.example.com.evil.example", "presence.example.com"),
        ("https://evil-app.example.com", "presence.example.com"),
        ("https://sub.app.example.com", "presence.example.com"),
        ("https://example.com", "presence.example.com"),
        ("http://app.example.com", "presence.example.com"),
        ("https://app.example.com:8443", "presence.example.com"),
        ("https://app.example.com@evil.example", "presence.example.com"),
        ("http://127.0.0.1:8000", "localhost:8000"),
        ("file://", "localhost:8000"),
        ("chrome-extension://abcdef", "localhost:8000"),
    ] {
        assert!(!allowed(origin, host), "{origin} at {host}");
    }
}

#[test]
fn no_origin_is_no_page_and_two_are_an_attack() {
    let settings = for_tests();
    assert!(origin_allowed(&headers(&[("host", "localhost:8000")]), &settings).is_ok());
    let mut two = headers(&[("host", "localhost:8000"), ("origin", "http://localhost:8000")]);
    two.append(header::ORIGIN, HeaderValue::from_static("http://localhost:8000"));
    assert!(origin_allowed(&two, &settings).is_err());
}

#[test]
fn a_refusal_names_the_origin_and_the_setting() {
    let lines = headers(&[("origin", "https://app.example"), ("host", "localhost")]);
    let refusal = origin_allowed(&lines, &for_tests()).unwrap_err();
    assert_eq!(refusal.status(), StatusCode::FORBIDDEN);
    assert!(refusal.detail().contains("CORS_ALLOWED_ORIGINS=https://app.example"));
}

#[test]
fn a30_only_trusted_proxies_are_believed() {
    let settings = for_tests_with(&["--trusted-proxies", "10.0.0.0/8"]);
    let address = |peer: &str, forwarded: &str| {
        forwarded_address(peer.parse().unwrap(), &headers(&[("x-forwarded-for", forwarded)]), &settings)
            .to_string()
    };
    assert_eq!(address("8.8.8.8", "1.1.1.1"), "8.8.8.8");
    assert_eq!(address("10.0.0.1", "1.1.1.1"), "1.1.1.1");
    assert_eq!(address("10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.9"), "1.1.1.1");
    assert_eq!(address("10.0.0.1", "1.1.1.1, nonsense"), "10.0.0.1");
    assert_eq!(address("10.0.0.1", "nonsense, 1.1.1.1"), "1.1.1.1");
    assert_eq!(address("::ffff:10.0.0.1", "2001:db8::1"), "2001:db8::1");
}

#[tokio::test]
async fn a50_a_panic_in_a_handler_is_one_answer_and_no_more() {
    let good = surviving_panics(async { StatusCode::OK.into_response() }).await;
    assert_eq!(good.unwrap().status(), StatusCode::OK);
    let bad = surviving_panics(async {
        tokio::task::yield_now().await;
        panic!("a bug")
    });
    let refusal = bad.await.unwrap_err();
    assert_eq!(refusal.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!refusal.detail().contains("a bug"), "what failed is for the log");
}
