//! The API's document against the running server: the same methods, and answers of the promised form.

use serde_json::Value;

use crate::process::{Answer, Running};

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
    for part in ["/api/users/online/", "Who is online now", "id=\"OnlineUser\"", "include_self"] {
        assert!(page.body.contains(part), "{part}");
    }
}

/// Whether a value is what a schema allows: the words of JSON Schema that the document uses.
fn fits(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(path) = schema["$ref"].as_str() {
        return fits(document, document.pointer(&path[1..]).ok_or("a dead reference")?, value);
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |name: &str| match name {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => false,
    };
    if !types.is_empty() && !types.iter().any(|name| is(name)) {
        return Err(format!("{value} is no {types:?}"));
    }
    if schema.get("const").is_some_and(|wanted| wanted != value) {
        return Err(format!("{value} is not {}", schema["const"]));
    }
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        value.get(required).ok_or_else(|| format!("{required} is missing: {value}"))?;
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(schema) => fits(document, schema, inner)?,
            None if schema["additionalProperties"] == false => return Err(format!("{name} is not promised")),
            None => {}
        }
    }
    value.as_array().into_iter().flatten().try_for_each(|item| fits(document, &schema["items"], item))
}
