//! Somebody with a token, who asks the server things.

use std::net::TcpStream;

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket, client::IntoClientRequest, stream::MaybeTlsStream};

use crate::process::{Answer, PATIENCE, Running, eventually};

/// One person.
pub(crate) struct Somebody<'a> {
    server: &'a Running,
    pub(crate) name: String,
    pub(crate) token: String,
    pub(crate) id: String,
}

/// A socket of theirs that speaks `hereabouts.v1`.
pub(crate) struct Socket(WebSocket<MaybeTlsStream<TcpStream>>);

impl<'a> Somebody<'a> {
    pub(crate) fn new(server: &'a Running, name: &str) -> Self {
        Self::with_token(server, &server.token(name))
    }

    pub(crate) fn with_token(server: &'a Running, token: &str) -> Self {
        let answer = server.get("/api/auth/user/", token);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let text = |name: &str| answer.json()[name].as_str().unwrap().to_owned();
        Self { server, name: text("username"), token: token.to_owned(), id: text("id") }
    }

    pub(crate) fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let (headers, body) = if body.is_null() {
            (&[][..], String::new())
        } else {
            (&[("Content-Type", "application/json")][..], body.to_string())
        };
        self.server.request(method, path, &self.token, headers, &body)
    }

    /// The body of an answer that is 200.
    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    /// The same of a change.
    pub(crate) fn put(&self, path: &str, body: &Value) -> Value {
        let answer = self.ask("PUT", path, body);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    /// The status of an answer to a change.
    pub(crate) fn post(&self, path: &str, body: &Value) -> u16 {
        self.ask("POST", path, body).status
    }

    pub(crate) fn delete(&self, path: &str) -> u16 {
        self.ask("DELETE", path, &Value::Null).status
    }

    pub(crate) fn open(&self) -> Socket {
        let address = format!("ws://{}/ws/user-status/?token={}", self.server.address, self.token);
        let mut request = address.into_client_request().unwrap();
        request.headers_mut().insert("Sec-WebSocket-Protocol", "hereabouts.v1".parse().unwrap());
        let (socket, _) = tungstenite::connect(request).unwrap();
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
        }
        let mut socket = Socket(socket);
        assert_eq!(socket.next()["type"], "connection.ack");
        socket
    }

    /// How this person sees somebody.
    pub(crate) fn sees(&self, other: &Self) -> Value {
        self.get(&format!("/api/users/{}/status/", other.id))
    }

    pub(crate) fn befriend(&self, other: &Self) {
        let asked = self.ask("POST", "/api/auth/friend-requests/", &json!({"to_user_id": other.id}));
        assert_eq!(asked.status, 201, "{}", asked.body);
        let accept = format!("/api/auth/friend-requests/{}/accept/", asked.json()["id"].as_str().unwrap());
        assert_eq!(other.post(&accept, &Value::Null), 204);
    }

    pub(crate) fn block(&self, other: &Self) {
        assert_eq!(self.post("/api/auth/blocks/", &json!({"user_id": other.id})), 204);
    }

    /// Rules like the defaults but for these.
    pub(crate) fn set_privacy(&self, rules: &Value) {
        let mut privacy = self.get("/api/me/privacy/");
        for (name, rule) in rules.as_object().unwrap() {
            privacy[name] = rule.clone();
        }
        self.put("/api/me/privacy/", &privacy);
    }

    pub(crate) fn wait_to_see(&self, other: &Self, status: &str) {
        let what = format!("{} sees {} {status}", self.name, other.name);
        eventually(&what, || self.sees(other)["status"] == status);
    }
}

impl Socket {
    pub(crate) fn next(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.0.read().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// The next frame of this type; others are passed over.
    pub(crate) fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next();
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    pub(crate) fn send(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).unwrap();
    }

    /// The code of the close that comes next.
    pub(crate) fn close_code(mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.0.read().unwrap() {
                return frame.unwrap().code.into();
            }
        }
    }

    pub(crate) fn leave(mut self) {
        self.send(&json!({"type": "bye"}));
        // The server closes; until then the word may still be on its way.
        while self.0.read().is_ok() {}
    }
}

/// Without the limits that a test runs into.
const LIMITS: [&str; 4] = ["--requests-per-second-per-ip", "0", "--lookups-per-minute", "0"];

pub(crate) fn serve() -> Running {
    Running::serve(&LIMITS)
}

/// A new server on the database of one that ends as in a power cut.
pub(crate) fn serve_again(server: Running) -> Running {
    Running::serve_in(&server.kill(), &LIMITS)
}

/// A rule without exceptions.
pub(crate) fn only(audience: &str) -> Value {
    json!({"audience": audience, "allow": [], "deny": []})
}
