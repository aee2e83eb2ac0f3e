//! Forged, mistyped and stale tokens, and what becomes of them.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{directory, settings::Secrets};

const KEY: &str = "0b5c1d0cf0a34dd0b1a6e2f7a9c48e1d";
const OLD_KEY: &str = "91d3a40e7ff04cd08e5a2f6f6ce0d7aa";
const USER: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const NOW: Timestamp = Timestamp::from_secs(1_795_482_123);

fn verifier() -> TokenVerifier {
    verifier_with(None, None)
}

fn verifier_with(issuer: Option<&str>, audience: Option<&str>) -> TokenVerifier {
    let secrets = Secrets { current: Secret::new(KEY), fallbacks: vec![Secret::new(OLD_KEY)] };
    let rules = TokenRules { issuer: issuer.map(str::to_owned), audience: audience.map(str::to_owned) };
    TokenVerifier::new(Arc::new(KeyRing::new(&secrets, None)), rules)
}

fn claims() -> Value {
    json!({
        "token_type": "access", "exp": NOW.as_secs() + 300, "iat": NOW.as_secs(), "jti": "0f", "user_id": USER
    })
}

fn with(claim: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[claim] = value;
    claims
}

fn without(claim: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(claim);
    claims
}

fn signed(claims: &Value, key: &str) -> String {
    let key = EncodingKey::from_secret(key.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).unwrap()
}

fn verdict(claims: &Value) -> Result<Claims, Refusal> {
    verifier().verify(&signed(claims, KEY), NOW)
}

#[test]
fn a_token_as_simplejwt_writes_it_is_good() {
    let expected = Claims {
        user_id: USER.parse().unwrap(),
        username: None,
        picture: None,
        slug: None,
        sid: None,
        expires_at: NOW + Duration::from_secs(300),
    };
    assert_eq!(verdict(&claims()), Ok(expected));
}

#[test]
fn sub_stands_in_for_a_missing_user_id() {
    let mut claims = without("user_id");
    claims["sub"] = json!(USER);
    assert_eq!(verdict(&claims).unwrap().user_id.to_string(), USER);
}

#[test]
fn tokens_of_the_signer_are_good_and_refresh_tokens_are_not_access_tokens() {
    let profile = directory::profile(USER.parse().unwrap(), "Ada Lovelace", None, None);
    let signer = TokenSigner::new(&Secret::new(KEY));
    let token = signer.sign(&profile, TokenKind::Access, NOW, Duration::from_secs(60));
    let claims = verifier().verify(&token, NOW).unwrap();
    assert_eq!(claims.username.as_deref(), Some("Ada Lovelace"));
    let token = signer.sign(&profile, TokenKind::Refresh, NOW, Duration::from_secs(60));
    assert!(verifier().verify(&token, NOW).is_err());
}

#[test]
fn a_key_of_before_the_rotation_still_verifies_and_a_foreign_one_never() {
    assert!(verifier().verify(&signed(&claims(), OLD_KEY), NOW).is_ok());
    assert_eq!(
        verifier().verify(&signed(&claims(), "somebody else's key, 32 bytes long"), NOW),
        Err(INVALID)
    );
}

#[test]
fn a1_unsigned_tokens_are_refused() {
    let encode = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let good = signed(&claims(), KEY);
    let signature = good.rsplit('.').next().unwrap();
    for algorithm in ["none", "None", "NONE", "nOnE", "HS384", "HS512", "RS256", "ES256", "EdDSA", ""] {
        let head = encode(json!({"alg": algorithm, "typ": "JWT"}));
        let body = encode(claims());
        for token in [
            format!("{head}.{body}."),
            format!("{head}.{body}"),
            format!("{head}.{body}.{signature}"),
            format!("{head}.{body}.AAAA"),
        ] {
            assert_eq!(verifier().verify(&token, NOW), Err(INVALID), "{algorithm}: {token}");
        }
    }
    let (head_and_body, _) = good.rsplit_once('.').unwrap();
    assert_eq!(verifier().verify(&format!("{head_and_body}."), NOW), Err(INVALID));
    for token in ["a", "a.b.c", "..", "....", " ", "Bearer x", &"a".repeat(TOKEN_BYTES_MAX + 1)] {
        assert_eq!(verifier().verify(token, NOW), Err(INVALID), "{token}");
    }
    assert!(verifier().verify("", NOW).is_err());
}

#[test]
fn a2_another_hmac_than_hs256_is_refused_also_with_the_right_key() {
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let key = EncodingKey::from_secret(KEY.as_bytes());
        let token = jsonwebtoken::encode(&Header::new(algorithm), &claims(), &key).unwrap();
        assert_eq!(verifier().verify(&token, NOW), Err(INVALID));
    }
}

#[test]
fn a3_claims_of_a_wrong_type_are_refused() {
    let wrong_numbers = [
        json!("1795482423"),
        json!(1e99),
        json!(1_795_482_423.5),
        json!(-1),
        json!(true),
        json!([1]),
        json!({}),
        json!(null),
    ];
    for claim in ["exp", "iat", "nbf"] {
        for value in &wrong_numbers {
            assert_eq!(verdict(&with(claim, value.clone())), Err(INVALID), "{claim} = {value}");
        }
    }
    let huge = json!(9_223_372_036_854_775_808_u64);
    for claim in ["exp", "iat", "nbf"] {
        assert!(verdict(&with(claim, huge.clone())).is_err(), "{claim}");
    }
    for claims in [without("exp"), without("user_id"), without("token_type")] {
        assert_eq!(verdict(&claims), Err(INVALID), "{claims}");
    }
    for value in
        [json!(7), json!("7"), json!(""), json!("{7c9e6679-7425-40de-944b-e07fc1f90ae7}"), json!(null)]
    {
        assert_eq!(verdict(&with("user_id", value.clone())), Err(INVALID), "user_id = {value}");
    }
    for claim in ["username", "picture", "slug", "iss", "typ", "token_use"] {
        assert_eq!(verdict(&with(claim, json!(["x"]))), Err(INVALID), "{claim}");
    }
    for value in [json!(7), json!([7]), json!({}), json!(null)] {
        assert_eq!(verdict(&with("aud", value.clone())), Err(INVALID), "aud = {value}");
    }
    assert!(verdict(&with("picture", Value::Null)).is_ok(), "issuers write null for no picture");
}

#[test]
fn a4_a_key_id_chooses_nothing_and_its_length_is_bounded() {
    let with_header = |header: Value, key: &str| {
        let head = BASE64_URL_SAFE_NO_PAD.encode(header.to_string());
        let unsigned = format!("{head}.{}", BASE64_URL_SAFE_NO_PAD.encode(claims().to_string()));
        let key = EncodingKey::from_secret(key.as_bytes());
        let signature = jsonwebtoken::crypto::sign(unsigned.as_bytes(), &key, Algorithm::HS256).unwrap();
        verifier().verify(&format!("{unsigned}.{signature}"), NOW)
    };
    let header = |kid: Value| json!({"alg": "HS256", "typ": "JWT", "kid": kid});
    for kid in ["../../dev/null", "' OR 1=1 --", "https://127.0.0.9/key", &"k".repeat(64)] {
        assert_eq!(with_header(header(json!(kid)), ""), Err(INVALID), "{kid}: an empty file is no key");
        assert!(with_header(header(json!(kid)), KEY).is_ok(), "{kid}: some issuers name a shared key");
    }
    for kid in [json!("k".repeat(65)), json!("k".repeat(4096)), json!(7), json!(["x"]), json!(null)] {
        assert_eq!(with_header(header(kid.clone()), KEY), Err(INVALID), "{kid}");
    }
    for (name, value) in [("crit", json!(["exp"])), ("crit", json!(null)), ("b64", json!(false))] {
        let mut header = header(json!("k"));
        header[name] = value;
        assert_eq!(with_header(header.clone(), KEY), Err(INVALID), "{header}");
    }
    let doubled = r#"{"alg":"none","alg":"HS256"}"#;
    assert_eq!(
        verifier().verify(&format!("{}.e30.AAAA", BASE64_URL_SAFE_NO_PAD.encode(doubled)), NOW),
        Err(INVALID)
    );
}

#[test]
fn a5_issuer_and_audience_are_required_where_a_setting_says_so() {
    let strict = verifier_with(Some("https://login.example.com"), Some("presence"));
    let verdict = |iss: Value, aud: Value| {
        let mut claims = claims();
        claims["iss"] = iss;
        claims["aud"] = aud;
        strict.verify(&signed(&claims, KEY), NOW)
    };
    let (iss, aud) = (json!("https://login.example.com"), json!("presence"));
    assert!(verdict(iss.clone(), aud.clone()).is_ok());
    assert!(verdict(iss.clone(), json!(["other", "presence"])).is_ok());
    for wrong in [json!("other"), json!("presence2"), json!([]), json!(["other"]), json!("Presence")] {
        assert_eq!(verdict(iss.clone(), wrong), Err(INVALID));
    }
    for wrong in ["https://login.example.com/", "https://login.example.com.evil.example", ""] {
        assert_eq!(verdict(json!(wrong), aud.clone()), Err(INVALID));
    }
    assert_eq!(strict.verify(&signed(&claims(), KEY), NOW), Err(INVALID), "both are missing");
    assert!(
        verifier().verify(&signed(&with("iss", json!("anybody")), KEY), NOW).is_ok(),
        "no setting, no rule"
    );
}

#[test]
fn a5_other_kinds_of_token_are_refused() {
    for kind in [json!("refresh"), json!("sliding"), json!("Access"), json!(1), Value::Null] {
        assert!(verdict(&with("token_type", kind.clone())).is_err(), "{kind}");
    }
    for (claim, kind) in [("typ", "ID"), ("typ", "Refresh"), ("typ", "Offline"), ("token_use", "id")] {
        assert_eq!(verdict(&with(claim, json!(kind))), Err(INVALID), "{claim} = {kind}");
    }
}

#[test]
fn a_claim_that_stands_twice_is_refused() {
    let text = claims().to_string();
    let doubled = text.replacen('{', &format!("{{\"user_id\":\"{}\",", Uuid::nil()), 1);
    let head = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let unsigned = format!("{head}.{}", BASE64_URL_SAFE_NO_PAD.encode(doubled));
    let key = EncodingKey::from_secret(KEY.as_bytes());
    let signature = jsonwebtoken::crypto::sign(unsigned.as_bytes(), &key, Algorithm::HS256).unwrap();
    assert_eq!(verifier().verify(&format!("{unsigned}.{signature}"), NOW), Err(INVALID));
}

#[test]
fn thirty_seconds_of_leeway_and_not_one_more() {
    let at = NOW.as_secs();
    assert!(verdict(&with("exp", json!(at - 29))).is_ok());
    assert_eq!(verdict(&with("exp", json!(at - 30))), Err(EXPIRED));
    assert!(verdict(&with("nbf", json!(at + 30))).is_ok());
    assert!(verdict(&with("nbf", json!(at + 31))).is_err());
}

proptest! {
    #[test]
    fn a3_no_json_in_a_claim_gets_past_its_type(
        claim in prop::sample::select(vec![
            "exp", "iat", "nbf", "iss", "aud", "user_id", "sub", "token_type", "username",
        ]),
        value in prop_oneof![
            any::<f64>().prop_map(|number| json!(number)),
            any::<i64>().prop_map(|number| json!(number)),
            any::<u64>().prop_map(|number| json!(number)),
            ".*".prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            prop::collection::vec(".*", 0..3).prop_map(Value::from),
            Just(Value::Null),
            Just(json!({})),
        ],
    ) {
        let number = value.as_u64();
        if let Ok(claims) = verdict(&with(claim, value.clone())) {
            match claim {
                "username" => prop_assert!(value.is_string() || value.is_null()),
                "iss" | "sub" => prop_assert!(value.is_string()),
                "aud" => prop_assert!(value.is_string() || value.is_array()),
                "exp" | "iat" | "nbf" => prop_assert!(number.is_some_and(|n| n <= EXP_SECONDS_MAX)),
                _ => prop_assert!(value == USER || value == "access"),
            }
            prop_assert_eq!(claims.user_id.to_string(), USER);
        }
    }

    #[test]
    fn no_text_is_a_token(text in ".{0,200}") {
        prop_assert!(verifier().verify(&text, NOW).is_err());
    }
}
