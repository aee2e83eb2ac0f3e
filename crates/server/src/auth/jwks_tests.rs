//! An issuer on this machine that publishes real keys, takes them back, redirects, floods and goes away.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::atomic::{AtomicUsize, Ordering},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hereabouts_protocol::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};

use super::*;
use crate::{
    auth::{KeyRing, TokenRules, TokenVerifier},
    clock::Clock,
    settings::{Secret, Secrets, for_tests_with},
};

const RSA_A: &[u8] = include_bytes!("../../tests/keys/rsa-a.der");
const RSA_B: &[u8] = include_bytes!("../../tests/keys/rsa-b.der");
const EC: &[u8] = include_bytes!("../../tests/keys/ec.der");
const ED: &[u8] = include_bytes!("../../tests/keys/ed.der");
const USER: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/// Serves the answer that stands in `answer`, whatever it is asked.
struct Issuer {
    address: std::net::SocketAddr,
    answer: Arc<RwLock<String>>,
    n_requests: Arc<AtomicUsize>,
}

impl Issuer {
    fn publishing(keys: &[Value]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (answer, n_requests) = (Arc::<RwLock<String>>::default(), Arc::<AtomicUsize>::default());
        let issuer = Self { address, answer: Arc::clone(&answer), n_requests: Arc::clone(&n_requests) };
        issuer.publish(keys);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                n_requests.fetch_add(1, Ordering::SeqCst);
                reply(stream.unwrap(), &answer.read().unwrap());
            }
        });
        issuer
    }

    fn publish(&self, keys: &[Value]) {
        let body = json!({ "keys": keys }).to_string();
        let length = body.len();
        self.say(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"));
    }

    fn say(&self, answer: String) {
        *self.answer.write().unwrap() = answer;
    }

    fn n_requests(&self) -> usize {
        self.n_requests.load(Ordering::SeqCst)
    }

    fn jwks(&self) -> Arc<Jwks> {
        let url = format!("http://{}/jwks.json", self.address);
        let settings = for_tests_with(&["--jwks-url", &url, "--jwks-refresh", "60s"]).tokens.jwks.unwrap();
        Arc::new(Jwks::new(settings, Arc::default()))
    }
}

fn reply(mut stream: TcpStream, answer: &str) {
    let mut request = [0; 4096];
    let mut n_read = 0;
    while !request[..n_read].windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut request[n_read..]) {
            Ok(n) if n > 0 => n_read += n,
            _ => return,
        }
    }
    // The client may have hung up, as it should on an endless answer.
    let _ = stream.write_all(answer.as_bytes());
}

fn encoding_key(algorithm: Algorithm, der: &[u8]) -> EncodingKey {
    match algorithm {
        Algorithm::RS256 => EncodingKey::from_rsa_der(der),
        Algorithm::ES256 => EncodingKey::from_ec_der(der),
        _ => EncodingKey::from_ed_der(der),
    }
}

fn jwk(kid: &str, algorithm: Algorithm, der: &[u8]) -> Value {
    let mut jwk = Jwk::from_encoding_key(&encoding_key(algorithm, der), algorithm).unwrap();
    jwk.common.key_id = Some(kid.to_owned());
    serde_json::to_value(jwk).unwrap()
}

fn token(kid: Option<&str>, algorithm: Algorithm, der: &[u8]) -> String {
    token_of(&claims(), kid, algorithm, &encoding_key(algorithm, der))
}

fn claims() -> Value {
    json!({"iss": "us", "aud": "presence", "sub": USER, "exp": Clock::start().now().as_secs() + 300})
}

fn token_of(claims: &Value, kid: Option<&str>, algorithm: Algorithm, key: &EncodingKey) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, key).unwrap()
}

fn verifier(jwks: &Arc<Jwks>) -> TokenVerifier {
    let secrets = Secrets { current: Secret::new("0b5c1d0cf0a34dd0b1a6e2f7a9c48e1d"), fallbacks: Vec::new() };
    TokenVerifier::new(Arc::new(KeyRing::new(&secrets, Some(Arc::clone(jwks)))), TokenRules::default())
}

fn now() -> Timestamp {
    Clock::start().now()
}

#[tokio::test]
async fn every_kind_of_key_verifies_with_and_without_its_name() {
    let (rs, es, ed) = (Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA);
    let issuer = Issuer::publishing(&[jwk("r", rs, RSA_A), jwk("e", es, EC), jwk("d", ed, ED)]);
    let jwks = issuer.jwks();
    jwks.start(Shutdown::new()).await;
    let verifier = verifier(&jwks);
    for (kid, algorithm, der) in [("r", rs, RSA_A), ("e", es, EC), ("d", ed, ED)] {
        let good = verifier.verify(&token(Some(kid), algorithm, der), now());
        assert_eq!(good.unwrap().user_id.to_string(), USER, "{kid}");
        assert!(verifier.verify(&token(None, algorithm, der), now()).is_ok(), "{kid}, nameless");
    }
    assert!(verifier.verify(&token(Some("r"), rs, RSA_B), now()).is_err(), "another key by that name");
    assert!(verifier.verify(&token(None, rs, RSA_B), now()).is_err());
    assert!(verifier.verify(&token(Some("e"), rs, RSA_A), now()).is_err(), "the name of another kind of key");
    let id_token = json!({"typ": "ID", "sub": USER, "exp": now().as_secs() + 300});
    assert!(verifier.verify(&token_of(&id_token, Some("r"), rs, &encoding_key(rs, RSA_A)), now()).is_err());
}

#[tokio::test]
async fn a2_a_public_key_is_no_shared_secret() {
    let published = jwk("r", Algorithm::RS256, RSA_A);
    let issuer = Issuer::publishing(std::slice::from_ref(&published));
    let jwks = issuer.jwks();
    jwks.start(Shutdown::new()).await;
    let n = published["n"].as_str().unwrap();
    let public = [
        n.as_bytes().to_vec(),
        BASE64_URL_SAFE_NO_PAD.decode(n).unwrap(),
        published.to_string().into_bytes(),
    ];
    for secret in &public {
        for (algorithm, kid) in
            [(Algorithm::HS256, Some("r")), (Algorithm::HS256, None), (Algorithm::HS512, Some("r"))]
        {
            let forged = token_of(&claims(), kid, algorithm, &EncodingKey::from_secret(secret));
            assert!(verifier(&jwks).verify(&forged, now()).is_err());
        }
    }
}

#[tokio::test]
async fn a4_keys_inside_a_token_are_never_read_or_fetched() {
    let issuer = Issuer::publishing(&[jwk("r", Algorithm::RS256, RSA_A)]);
    let jwks = issuer.jwks();
    jwks.start(Shutdown::new()).await;
    let verifier = verifier(&jwks);
    // 127.0.0.9 is this machine too; whoever connects there was sent by the token.
    let canary = TcpListener::bind("127.0.0.9:0").unwrap();
    canary.set_nonblocking(true).unwrap();
    let address = format!("http://{}/keys", canary.local_addr().unwrap());
    let own = jwk("evil", Algorithm::RS256, RSA_B);
    for (member, value) in [
        ("jwk", own.clone()),
        ("jku", json!(address)),
        ("x5u", json!(address)),
        ("x5c", json!(["MIIB"])),
        ("kid", json!(address)),
        ("kid", json!("../../dev/null")),
        ("kid", json!("r' UNION SELECT 'x' --")),
        ("kid", json!("k".repeat(4096))),
        ("iss", json!(address)),
    ] {
        for kid in [None, Some("r"), Some("evil")] {
            let mut header = json!({"alg": "RS256", "typ": "JWT"});
            if let Some(kid) = kid {
                header["kid"] = json!(kid);
            }
            header[member] = value.clone();
            let mut claims = claims();
            claims["iss"] = json!(address);
            let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
            let unsigned = format!("{}.{}", encode(&header), encode(&claims));
            let key = encoding_key(Algorithm::RS256, RSA_B);
            let signature = jsonwebtoken::crypto::sign(unsigned.as_bytes(), &key, Algorithm::RS256).unwrap();
            let verdict = verifier.check(&format!("{unsigned}.{signature}"), &Clock::start(), || ()).await;
            assert!(verdict.is_err(), "{header}");
        }
    }
    assert_eq!(canary.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "nobody came");
    assert_eq!(issuer.n_requests(), 1, "unknown names right after a fetch fetch nothing");
}

#[tokio::test(start_paused = true)]
async fn a6_a_new_key_is_fetched_when_it_is_first_named_and_a_removed_one_is_gone_at_the_next_fetch() {
    let (rs, pause) = (Algorithm::RS256, REFETCH_PAUSE);
    let issuer = Issuer::publishing(&[jwk("a", rs, RSA_A)]);
    let jwks = issuer.jwks();
    jwks.start(Shutdown::new()).await;
    let (verifier, clock) = (verifier(&jwks), Clock::start());
    let (old, new) = (token(Some("a"), rs, RSA_A), token(Some("b"), rs, RSA_B));
    assert!(verifier.check(&old, &clock, || ()).await.is_ok());
    issuer.publish(&[jwk("a", rs, RSA_A), jwk("b", rs, RSA_B)]);
    assert!(verifier.check(&new, &clock, || ()).await.is_err(), "asked for a moment ago");
    assert_eq!(issuer.n_requests(), 1);
    tokio::time::advance(pause).await;
    let many = (0..20).map(|_| verifier.check(&new, &clock, || ()));
    for verdict in futures_of(many).await {
        assert!(verdict.is_ok(), "all who wait share one request");
    }
    assert_eq!(issuer.n_requests(), 2);
    assert!(verifier.check(&old, &clock, || ()).await.is_ok(), "both, in the overlap");
    issuer.publish(&[jwk("b", rs, RSA_B)]);
    tokio::time::advance(Duration::from_secs(60)).await;
    // The next unknown name waits for the fetch that is under way or makes its own; either way the list is new.
    assert!(verifier.check(&token(Some("c"), rs, RSA_A), &clock, || ()).await.is_err());
    assert!(verifier.check(&old, &clock, || ()).await.is_err());
    assert!(verifier.check(&new, &clock, || ()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn keys_outlive_an_issuer_that_is_away_for_a_day_and_not_longer() {
    let rs = Algorithm::RS256;
    let issuer = Issuer::publishing(&[jwk("a", rs, RSA_A)]);
    let jwks = issuer.jwks();
    jwks.start(Shutdown::new()).await;
    let (verifier, good) = (verifier(&jwks), token(Some("a"), rs, RSA_A));
    let redirect =
        format!("HTTP/1.1 302 Found\r\nLocation: http://{}/\r\nContent-Length: 0\r\n\r\n", issuer.address);
    let huge = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{{\"keys\":[],\"x\":\"{}\"}}",
        "x".repeat(70_000)
    );
    let bad = [
        redirect,
        huge,
        "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<htm".to_owned(),
        "nonsense\r\n\r\n".to_owned(),
        String::new(),
    ];
    for answer in bad {
        let n_requests = issuer.n_requests();
        issuer.say(answer.clone());
        tokio::time::advance(REFETCH_PAUSE).await;
        assert!(jwks.refreshed().await, "it asked");
        assert_eq!(issuer.n_requests(), n_requests + 1, "and once: {answer:.40}");
        assert!(verifier.verify(&good, now()).is_ok(), "{answer:.40}");
    }
    tokio::time::advance(KEPT_WITHOUT_SOURCE).await;
    jwks.refreshed().await;
    assert!(verifier.verify(&good, now()).is_err(), "a day without an answer");
    issuer.publish(&[jwk("a", rs, RSA_A)]);
    tokio::time::advance(REFETCH_PAUSE).await;
    assert!(verifier.check(&good, &Clock::start(), || ()).await.is_ok(), "it is back, and so are its keys");
}

/// All of them at once; the results in order.
async fn futures_of<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let std::task::Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *output = Some(ready);
            }
        }
        if outputs.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}
