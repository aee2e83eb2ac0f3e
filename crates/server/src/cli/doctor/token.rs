//! The token: what stands in it, and what the server says of it. It is never shown.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hereabouts_protocol::{Timestamp, UserId};
use serde_json::Value;

use super::report::Check;
use crate::{cli::client::Server, limits::TOKEN_LEEWAY};

/// What stands in the token, by its own words; nothing is verified.
pub(super) fn content(token: &str, now: Timestamp) -> Check {
    let Some(claims) = claims(token) else {
        return Check::fail(
            "token",
            "it is no JWT: three parts of base64url with dots between them are expected",
            "give the access token alone, without `Bearer` and without quotes: `accessToken` of \
             localStorage.liberty_auth_v1, or what `hereabouts token --user NAME` prints",
        );
    };
    let fresh = "sign in again, or take a new one: `hereabouts token --user NAME`";
    let seconds = |claim: &str| claims[claim].as_u64();
    match claims["token_type"].as_str() {
        Some("access") => {}
        Some("refresh") => {
            return Check::fail("token", "it is the refresh token", "give `accessToken`, not `refreshToken`");
        }
        _ => {
            return Check::fail(
                "token",
                "it has no claim token_type: \"access\"",
                "sign tokens as Django simplejwt does: token_type, exp, iat, jti, user_id",
            );
        }
    }
    let Some(exp) = seconds("exp") else {
        return Check::fail(
            "token",
            "its exp is missing or no whole number",
            "sign tokens with exp in seconds",
        );
    };
    if exp + TOKEN_LEEWAY.as_secs() <= now.as_secs() {
        return Check::fail("token", format!("it expired {} s ago", now.as_secs() - exp), fresh);
    }
    if seconds("nbf").is_some_and(|nbf| nbf > now.as_secs() + TOKEN_LEEWAY.as_secs()) {
        return Check::fail("token", "it is not valid yet (nbf)", "set the clock of the machine that signs");
    }
    match user_id(&claims) {
        Some(_) => Check::ok("token", "an access token that has not expired"),
        None => Check::fail(
            "token",
            "neither user_id nor sub is a UUID",
            "sign tokens with the user's UUID in user_id, in the form 7c9e6679-7425-40de-944b-e07fc1f90ae7",
        ),
    }
}

/// Whom the token names.
pub(super) fn owner(token: &str) -> Option<UserId> {
    user_id(&claims(token)?)
}

/// What the server says of it: the list that the component shows.
pub(super) async fn accepted(server: &Server, token: &str, origin: Option<&str>) -> Check {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("Authorization", bearer.as_str())];
    headers.extend(origin.map(|origin| ("Origin", origin)));
    let answer = match server.get("/api/users/online/", &headers).await {
        Ok(answer) => answer,
        Err(error) => return Check::fail("list", format!("no answer: {error}"), "see `reach`"),
    };
    let detail = answer.detail();
    match answer.status.as_u16() {
        200 if answer.json().is_array() => Check::ok(
            "list",
            "the list that the component shows is answered; if it is not rendered, wrap the page in \
             UserStatusProvider inside AuthProvider, and sign in",
        ),
        401 if answer.header("www-authenticate").is_empty() && detail.is_empty() => Check::fail(
            "list",
            "a proxy asks for credentials of its own",
            "let it pass the Authorization header of /api/ and /ws/ on, and ask for none itself",
        ),
        401 => Check::fail(
            "list",
            format!("the server refuses the token: {detail}"),
            "a token that is in order above and refused here is signed with another key: SECRET_KEY must be \
             the key of the app that signs (SECRET_KEY_FALLBACKS for earlier ones)",
        ),
        403 => Check::fail("list", format!("refused: {detail}"), "unblock the account, or take another one"),
        429 => Check::fail(
            "list",
            format!("too many requests: {detail}"),
            "behind a proxy everybody has its address: set TRUSTED_PROXIES to the proxy's, or raise the limit",
        ),
        status => Check::fail(
            "list",
            format!("the answer is {status} {detail}"),
            "let the proxy pass /api/ on to the server as it is; then look at the server's log",
        ),
    }
}

fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?;
    serde_json::from_slice(&bytes).ok().filter(Value::is_object)
}

fn user_id(claims: &Value) -> Option<UserId> {
    let text = claims["user_id"].as_str().or_else(|| claims["sub"].as_str())?;
    if text.len() == UserId::TEXT_LEN { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_795_482_123);

    fn token(claims: &Value) -> String {
        format!("h.{}.signature", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    #[test]
    fn each_fault_of_a_token_is_told_from_the_others() {
        let user = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
        let good = json!({"token_type": "access", "exp": NOW.as_secs() + 60, "user_id": user});
        assert!(!content(&token(&good), NOW).is_failure());
        for (claim, value, found) in [
            ("exp", json!(NOW.as_secs() - 90), "expired 90 s ago"),
            ("exp", json!("soon"), "exp"),
            ("token_type", json!("refresh"), "refresh token"),
            ("token_type", json!(null), "token_type"),
            ("nbf", json!(NOW.as_secs() + 90), "not valid yet"),
            ("user_id", json!(7), "UUID"),
        ] {
            let mut claims = good.clone();
            claims[claim] = value;
            let token = token(&claims);
            let check = content(&token, NOW);
            assert!(check.is_failure() && check.found.contains(found), "{check:?}");
            assert!(!format!("{check:?}").contains(&token));
        }
        assert!(content("Bearer x", NOW).found.contains("no JWT"));
    }
}
