//! The API's document against the running server: the same methods, and answers of the promised form.

use crate::process::{Answer, Running};
use crate::schema::fits;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

#[test]
fn every_documented_path_takes_exactly_the_documented_methods() {
    let server = Running::serve(&[]);
    let document = server.get("/api/openapi.json", "").json();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in METHODS {
            let answer = server.request(method, path, "", &[], "");
            if answer.status == 404 {
                continue; // Accounts, where there are none.
            }
            let is_documented = operations[method.to_lowercase()].is_object();
            assert_eq!(answer.status != 405, is_documented, "{method} {path}: {}", answer.status);
        }
    }
}

#[test]
fn real_answers_have_the_documented_form() {
    let server = Running::serve(&["--requests-per-second-per-ip", "0"]);
    let document = server.get("/api/openapi.json", "").json();
    let (ada, linus) = (server.token("Ada"), server.token("Linus"));
    let mut socket = server.socket(&ada);
    socket.read().unwrap();
    let check = |path: &str, query: &str, answer: &Answer| {
        let responses = &document["paths"][path]["get"]["responses"];
        let promised = &responses[answer.status.to_string()];
        assert!(promised.is_object(), "{path}{query}: {} is not documented", answer.status);
        let schema = &promised["content"]["application/json"]["schema"];
        if !schema.is_null() {
            fits(&document, schema, &answer.json()).unwrap_or_else(|why| panic!("{path}{query}: {why}"));
        }
    };
    for (path, query) in [
        ("/api/users/online/", ""),
        ("/api/users/online/", "?limit=1&include_self=true"),
        ("/api/users/online/", "?limit=0"),
        ("/api/users/recent/", "?days=7"),
        ("/api/users/recent/", "?days=x"),
        ("/livez/", ""),
        ("/api/docs/", ""),
    ] {
        for token in [&linus, ""] {
            check(path, query, &server.get(&format!("{path}{query}"), token));
        }
    }
    assert_eq!(
        server.get("/api/users/online/", &linus).json().as_array().unwrap().len(),
        1,
        "a row was checked"
    );
}

#[test]
fn the_reading_page_needs_no_script_and_no_other_host() {
    let server = Running::serve(&[]);
    let page = server.get("/api/docs/", "");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(
        !page.body.contains("<script") && !page.body.contains("http://") && !page.body.contains("https://")
    );
    for part in
        ["/api/asyncapi.json", "/api/users/online/", "Who is online now", "id=\"OnlineUser\"", "include_self"]
    {
        assert!(page.body.contains(part), "{part}");
    }
}
