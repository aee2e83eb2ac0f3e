//! A JSON Web Key Set (RFC 7517), as far as it is of use: public keys that sign, each for one algorithm.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use crate::limits::{JWKS_KEYS_MAX, KEY_ID_BYTES_MAX};

/// RSA keys below 2048 bits can be broken; above 8192 one signature takes too long to check.
const RSA_MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;
/// A coordinate of P-256, and a key of Ed25519.
const CURVE_BYTES: usize = 32;

/// A key, and the one algorithm it is for.
pub(crate) struct PublicKey {
    pub(crate) kid: Option<String>,
    pub(crate) algorithm: Algorithm,
    pub(crate) key: DecodingKey,
}

/// The usable keys of a document. Keys of other kinds are passed over: an issuer may have some.
pub(super) fn parse(text: &str) -> Result<Vec<PublicKey>, String> {
    let document: Document =
        serde_json::from_str(text).map_err(|error| format!("the answer is no JWKS document: {error}"))?;
    if document.keys.len() > JWKS_KEYS_MAX {
        return Err(format!("the document has more than {JWKS_KEYS_MAX} keys"));
    }
    let keys: Vec<_> = document.keys.into_iter().filter_map(usable).collect();
    // An empty list is an issuer's right: it took back all its keys.
    Ok(keys)
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct RawKey {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

fn usable(raw: Value) -> Option<PublicKey> {
    let raw: RawKey = serde_json::from_value(raw).ok()?;
    let signs = raw.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
        && raw.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|it| it == "verify"));
    let is_named_shortly = raw.kid.as_ref().is_none_or(|kid| kid.len() <= KEY_ID_BYTES_MAX);
    if !signs || !is_named_shortly {
        return None;
    }
    // `kty: oct` is a shared secret in public: never a key.
    let (algorithm, key) = match (raw.kty.as_str(), raw.crv.as_deref(), raw.alg.as_deref()) {
        ("RSA", None, None | Some("RS256")) => (Algorithm::RS256, rsa(&raw)?),
        ("EC", Some("P-256"), None | Some("ES256")) => {
            let (x, y) = (raw.x.as_deref()?, raw.y.as_deref()?);
            let is_point = [x, y].iter().all(|part| n_bytes(part) == Some(CURVE_BYTES));
            (Algorithm::ES256, DecodingKey::from_ec_components(x, y).ok().filter(|_| is_point)?)
        }
        ("OKP", Some("Ed25519"), None | Some("EdDSA" | "Ed25519")) => {
            let x = raw.x.as_deref()?;
            let is_key = n_bytes(x) == Some(CURVE_BYTES);
            (Algorithm::EdDSA, DecodingKey::from_ed_components(x).ok().filter(|_| is_key)?)
        }
        _ => return None,
    };
    Some(PublicKey { kid: raw.kid, algorithm, key })
}

fn rsa(raw: &RawKey) -> Option<DecodingKey> {
    let (n, e) = (raw.n.as_deref()?, raw.e.as_deref()?);
    let is_strong = n_bytes(n).is_some_and(|n_bytes| RSA_MODULUS_BYTES.contains(&n_bytes));
    DecodingKey::from_rsa_components(n, e).ok().filter(|_| is_strong)
}

fn n_bytes(base64: &str) -> Option<usize> {
    BASE64_URL_SAFE_NO_PAD.decode(base64).ok().map(|bytes| bytes.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn n_usable(key: &Value) -> usize {
        parse(&json!({ "keys": [key] }).to_string()).unwrap().len()
    }

    fn bytes(n: usize) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(vec![0x81; n])
    }

    #[test]
    fn keys_that_sign_are_taken_and_all_others_are_passed_over() {
        let rsa =
            json!({"kty": "RSA", "n": bytes(256), "e": "AQAB", "kid": "a", "use": "sig", "alg": "RS256"});
        let ec = json!({"kty": "EC", "crv": "P-256", "x": bytes(32), "y": bytes(32)});
        let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": bytes(32), "key_ops": ["verify"]});
        for key in [&rsa, &ec, &ed] {
            assert_eq!(n_usable(key), 1, "{key}");
        }
        for (key, member, value) in [
            (&rsa, "use", json!("enc")),
            (&rsa, "alg", json!("RS512")),
            (&rsa, "alg", json!("HS256")),
            (&rsa, "n", json!(bytes(128))),
            (&rsa, "n", json!(bytes(2048))),
            (&rsa, "n", json!("~")),
            (&rsa, "kid", json!("k".repeat(65))),
            (&rsa, "kid", json!(7)),
            (&ec, "crv", json!("P-384")),
            (&ec, "x", json!(bytes(31))),
            (&ec, "y", json!("")),
            (&ed, "x", json!(bytes(5))),
            (&ed, "crv", json!("X25519")),
            (&ed, "key_ops", json!(["sign"])),
            (&ed, "kty", json!("oct")),
        ] {
            let mut key = key.clone();
            key[member] = value;
            assert_eq!(n_usable(&key), 0, "{key}");
        }
        assert_eq!(n_usable(&json!({"kty": "oct", "k": bytes(32), "alg": "HS256"})), 0);
        for key in [json!(null), json!(7), json!({}), json!([])] {
            assert_eq!(n_usable(&key), 0, "{key}");
        }
    }

    #[test]
    fn what_is_no_key_set_says_why() {
        for text in ["", "{}", "[]", "<html>", r#"{"keys":{}}"#] {
            assert!(parse(text).err().unwrap().contains("no JWKS document"), "{text}");
        }
        let many = json!({ "keys": vec![json!({}); JWKS_KEYS_MAX + 1] }).to_string();
        assert!(parse(&many).err().unwrap().contains("more than"));
        assert!(parse(r#"{"keys":[]}"#).unwrap().is_empty());
    }
}
