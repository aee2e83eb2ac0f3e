//! What plain HTTP tells: whether a server is there, whether it is ours, its clock, and what pages may read.

use std::time::{Duration, SystemTime};

use axum::http::{Method, StatusCode};

use super::report::Check;
use crate::cli::client::{Answer, Server, Unreachable};

/// The leeway of tokens: a clock that is further off refuses good ones.
const CLOCK_OFF_MAX: Duration = Duration::from_secs(30);

/// Whether a Hereabouts server answers; and the answer, for what else it tells.
pub(super) async fn reach(server: &Server) -> (Check, Option<Answer>) {
    match server.get("/livez", &[]).await {
        Ok(answer) if answer.status == StatusCode::OK && answer.json()["status"] == "ok" => {
            (Check::ok("reach", "a Hereabouts server answers"), Some(answer))
        }
        Ok(answer) => (answered_wrongly(server, &answer), None),
        Err(error) => (Check::fail("reach", format!("{server}: {error}"), how_to_reach(&error)), None),
    }
}

fn how_to_reach(error: &Unreachable) -> &'static str {
    match error {
        Unreachable::Name(_) => "check the spelling; a container is reached by its service's name",
        Unreachable::Refused => {
            "start the server (`hereabouts serve`), or give the port it logs at `listening on`; in a container \
             it must listen on --bind 0.0.0.0:8000, not on its own loopback"
        }
        Unreachable::Timeout => {
            "a firewall may drop the packets: open the port, or look from the same machine"
        }
        Unreachable::Broken(_) => {
            "this is no HTTP port; a port that speaks TLS needs https://, which is the proxy's"
        }
    }
}

fn answered_wrongly(server: &Server, answer: &Answer) -> Check {
    let (found, fix) = match answer.status.as_u16() {
        421 => (
            format!("the server does not answer to the host {:?}", server.host()),
            format!(
                "start it with ALLOWED_HOSTS={} (or add it there); or let the proxy keep the Host header: nginx \
                 `proxy_set_header Host $host;`",
                server.host()
            ),
        ),
        503 if !answer.detail().is_empty() => (
            format!("the server is too busy: {}", answer.detail()),
            "look at its log, and at hereabouts_http_errors_total".to_owned(),
        ),
        502..=504 => (
            format!("a proxy answers {}: it does not reach the server", answer.status),
            "start the server, and let the proxy's upstream be the address it logs at `listening on`".to_owned(),
        ),
        status => (
            format!("something answers {status}, and is no Hereabouts server"),
            "another program has this port, or the proxy sends /livez elsewhere: pass /api/, /ws/ and /livez on"
                .to_owned(),
        ),
    };
    Check::fail("reach", found, fix)
}

/// Whether this machine and the server have the same time. Tokens live by it.
pub(super) fn clock(answer: &Answer, now: SystemTime) -> Check {
    let Ok(theirs) = httpdate::parse_http_date(answer.header("date")) else {
        return Check::skip("clock", "the answer has no Date to compare with");
    };
    let off = now.duration_since(theirs).unwrap_or_else(|error| error.duration());
    if off <= CLOCK_OFF_MAX {
        return Check::ok("clock", "the server's clock agrees within 30 s");
    }
    let side = if theirs > now { "ahead of" } else { "behind" };
    Check::fail(
        "clock",
        format!("the server's clock is {} s {side} this machine's", off.as_secs()),
        "let both follow NTP (`timedatectl set-ntp true`): tokens are refused when clocks differ by more than 30 s",
    )
}

/// Whether a page of this origin may read answers.
pub(super) async fn cors(server: &Server, origin: Option<&str>) -> Check {
    let Some(origin) = origin else {
        return Check::skip("cors", "needs --origin, the address of the page: http://localhost:3000");
    };
    if origin == server.to_string() {
        return Check::ok("cors", "the page is the server's own");
    }
    let asks = [("Origin", origin), ("Access-Control-Request-Method", "GET")];
    let preflight = server.request(Method::OPTIONS, "/api/users/online/", &asks).await;
    let read = server.get("/api/users/online/", &[("Origin", origin)]).await;
    match (preflight, read) {
        (Ok(preflight), Ok(read)) => judge_cors(origin, &preflight, &read),
        (Err(error), _) | (_, Err(error)) => {
            Check::fail("cors", format!("no answer to a page: {error}"), how_to_reach(&error))
        }
    }
}

fn judge_cors(origin: &str, preflight: &Answer, read: &Answer) -> Check {
    let allows = |answer: &Answer| answer.header("access-control-allow-origin") == origin;
    let lines = read.headers.get_all("access-control-allow-origin").iter().count();
    if lines > 1 {
        return Check::fail(
            "cors",
            "the answer has Access-Control-Allow-Origin twice, which browsers refuse",
            "let only the server set it: take the header out of the proxy",
        );
    }
    if allows(preflight) && allows(read) {
        let asked = preflight.header("access-control-allow-headers").to_ascii_lowercase();
        return if asked.contains("authorization") {
            Check::ok("cors", format!("pages of {origin} may read answers"))
        } else {
            Check::fail(
                "cors",
                "the preflight does not allow the Authorization header",
                "let the proxy pass OPTIONS on to the server instead of answering it",
            )
        };
    }
    if allows(read) {
        return Check::fail(
            "cors",
            format!("the preflight is answered with {} and without permission", preflight.status),
            "let the proxy pass OPTIONS on to the server instead of answering it",
        );
    }
    Check::fail("cors", format!("pages of {origin} may not read answers"), allow_origin(origin))
}

/// The setting that lets pages of an origin in.
pub(super) fn allow_origin(origin: &str) -> String {
    let written = crate::settings::Origin::parse(origin.trim_end_matches('/'));
    let exact = written.as_ref().map_or(origin, crate::settings::Origin::as_str);
    format!(
        "start the server with CORS_ALLOWED_ORIGINS={exact} (or add it there), exactly as the browser's address \
         bar has it: scheme, host and port; localhost and 127.0.0.1 are two origins"
    )
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};
    use bytes::Bytes;

    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)]) -> Answer {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect();
        Answer { status: StatusCode::from_u16(status).unwrap(), headers, body: Bytes::new() }
    }

    #[test]
    fn a_clock_is_wrong_from_the_leeway_on() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_482_123);
        let at = |offset: i64| {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs((1_795_482_123 + offset) as u64);
            clock(&answer(200, &[("date", &httpdate::fmt_http_date(time))]), now)
        };
        assert!(!at(0).is_failure() && !at(30).is_failure() && !at(-30).is_failure());
        assert!(at(31).found.contains("31 s ahead of") && at(-90).found.contains("90 s behind"));
    }

    #[test]
    fn what_a_proxy_does_to_cors_is_told_from_a_missing_setting() {
        let origin = "https://app.example.com";
        let allowed = ("access-control-allow-origin", origin);
        let full = answer(204, &[allowed, ("access-control-allow-headers", "Authorization")]);
        let judge = |preflight: &Answer, read: &Answer| judge_cors(origin, preflight, read);
        assert!(!judge(&full, &answer(401, &[allowed])).is_failure());
        let refused = judge(&answer(204, &[]), &answer(401, &[]));
        assert!(refused.fix.unwrap().contains("CORS_ALLOWED_ORIGINS=https://app.example.com"));
        let swallowed = judge(&answer(405, &[]), &answer(401, &[allowed]));
        assert!(swallowed.fix.unwrap().contains("OPTIONS"));
    }

    #[test]
    fn each_wrong_answer_has_its_fix() {
        let server = Server::parse("http://presence.example.com").unwrap();
        let fix = |status| answered_wrongly(&server, &answer(status, &[])).fix.unwrap();
        assert!(fix(421).contains("ALLOWED_HOSTS=presence.example.com"));
        assert!(fix(502).contains("upstream"));
        assert!(fix(404).contains("/ws/"));
    }
}
