//! A small, correct server of the original protocol for the tests of the workloads: a thread per connection, one
//! lock, no thought for speed.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64_url::user_id;

use crate::server::ServerChoice;

/// What the server does wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Its list leaves everybody out, so that two who join at the same moment may miss each other.
    EmptyList,
    /// It answers no ping.
    NoPongs,
    /// It refuses the first handshake of each person with a 503.
    RefusesOnce,
}

/// A running mock server; its threads end with the test process, its stand-in with itself.
#[derive(Debug)]
pub(crate) struct MockServer {
    address: SocketAddr,
    stand_in: Child,
}

#[derive(Debug, Default)]
struct State {
    /// Sockets by person. Writing happens under the lock, so frames never mix.
    online: HashMap<String, Vec<TcpStream>>,
    refused: Vec<String>,
    n_lists: usize,
}

impl MockServer {
    pub(crate) fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let (socket, state) = (socket.unwrap(), Arc::clone(&state));
                std::thread::spawn(move || serve(socket, &state, fault));
            }
        });
        let stand_in = Command::new("sleep").arg("600").spawn().unwrap();
        Self { address, stand_in }
    }

    /// The process whose CPU and memory are read is one that does nothing: in this one the other tests are at work.
    pub(crate) fn choice(&self) -> ServerChoice {
        ServerChoice::Running {
            url: format!("http://{}", self.address),
            pid: self.stand_in.id(),
            secret: "a secret nobody checks".to_owned(),
        }
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        let _ = self.stand_in.kill();
        let _ = self.stand_in.wait();
    }
}

fn serve(mut socket: TcpStream, state: &Mutex<State>, fault: Fault) {
    let mut left = Vec::new();
    while let Some(head) = read_head(&mut socket, &mut left) {
        let Some(person) = user_id(&head) else { return };
        if !head.to_ascii_lowercase().contains("upgrade: websocket") {
            list(&mut socket, &head, &person, &mut lock(state), fault);
        } else if fault == Fault::RefusesOnce && !lock(state).refused.contains(&person) {
            lock(state).refused.push(person);
            let _ = socket.write_all(b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n");
            return;
        } else {
            return watch(socket, &person, state, fault);
        }
    }
}

fn list(socket: &mut TcpStream, head: &str, viewer: &str, state: &mut State, fault: Fault) {
    state.n_lists += 1;
    let people = state.online.keys().filter(|id| *id != viewer && fault != Fault::EmptyList);
    let rows: Vec<String> = people.map(|id| format!("{{\"id\":\"{id}\",\"is_online\":true}}")).collect();
    let body = format!("[{}]", rows.join(","));
    let reply = if head.contains("If-None-Match: \"1\"") {
        "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n".to_owned()
    } else {
        format!("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let _ = socket.write_all(reply.as_bytes());
    if head.contains("Connection: close") {
        let _ = socket.shutdown(Shutdown::Both);
    }
}

/// The life of one socket: registered first, then acknowledged.
fn watch(mut socket: TcpStream, person: &str, state: &Mutex<State>, fault: Fault) {
    let _ = socket.write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n");
    {
        let mut state = lock(state);
        let is_new = !state.online.contains_key(person);
        let sockets = state.online.entry(person.to_owned()).or_default();
        let _ = send(&mut socket, &format!(r#"{{"type":"connection.ack","user_id":"{person}"}}"#));
        sockets.push(socket.try_clone().unwrap());
        if is_new {
            announce(&mut state, person, true);
        }
    }
    let mut scratch = [0; 512];
    let mut said_goodbye = false;
    while let Ok(n_bytes @ 1..) = socket.read(&mut scratch) {
        // The frames of the tests are short and come alone.
        match scratch[0] & 0x0f {
            0x8 => {
                said_goodbye = true;
                break;
            }
            _ if fault != Fault::NoPongs => {
                // A masked ping is 21 bytes long; several may have come at once.
                let _guard = lock(state);
                for _ in 0..n_bytes.div_ceil(21) {
                    let _ = send(&mut socket, r#"{"type":"pong"}"#);
                }
            }
            _ => {}
        }
    }
    let mut state = lock(state);
    let sockets = state.online.get_mut(person).unwrap();
    let own = socket.peer_addr().ok();
    sockets.retain(|other| other.peer_addr().ok() != own);
    let _ = socket.shutdown(Shutdown::Both);
    // Without a good-bye the person is kept for a grace, here for ever.
    if sockets.is_empty() && said_goodbye {
        state.online.remove(person);
        announce(&mut state, person, false);
    }
}

fn announce(state: &mut State, person: &str, is_online: bool) {
    let text = format!(r#"{{"type":"user.status.changed","user_id":"{person}","is_online":{is_online}}}"#);
    for (watcher, sockets) in &mut state.online {
        for socket in sockets.iter_mut().filter(|_| watcher != person) {
            let _ = send(socket, &text);
        }
    }
}

fn send(socket: &mut TcpStream, text: &str) -> std::io::Result<()> {
    socket.write_all(&crate::frame::server_text_frame(text.as_bytes()))
}

fn read_head(socket: &mut TcpStream, left: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = left.windows(4).position(|window| window == b"\r\n\r\n") {
            let head: Vec<u8> = left.drain(..end + 4).collect();
            return String::from_utf8(head).ok();
        }
        let mut scratch = [0; 2048];
        match socket.read(&mut scratch) {
            Ok(n_bytes @ 1..) => left.extend_from_slice(&scratch[..n_bytes]),
            _ => return None,
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the person from a token without checking the signature.
mod base64_url {
    /// The `user_id` claim of the token in a request's head.
    pub(super) fn user_id(head: &str) -> Option<String> {
        let from = head.find("?token=").map(|at| at + 7).or_else(|| head.find("Bearer ").map(|at| at + 7))?;
        let token = head[from..].split([' ', '\r']).next()?;
        let claims: serde_json::Value = serde_json::from_slice(&decode(token.split('.').nth(1)?)?).ok()?;
        Some(claims.get("user_id")?.as_str()?.to_owned())
    }

    fn decode(text: &str) -> Option<Vec<u8>> {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let (mut bits, mut n_bits, mut bytes) = (0_u32, 0, Vec::new());
        for letter in text.bytes() {
            bits = bits << 6 | alphabet.iter().position(|&known| known == letter)? as u32;
            n_bits += 6;
            if n_bits >= 8 {
                n_bits -= 8;
                bytes.push((bits >> n_bits) as u8);
            }
        }
        Some(bytes)
    }
}
