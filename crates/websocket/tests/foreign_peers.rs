//! Against tungstenite, a foreign implementation, over loopback: its client with our server, our client with its server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should fail where it stands")]

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    ops::ControlFlow,
    thread::{self, JoinHandle},
    time::Duration,
};

use hereabouts_websocket::{
    Decoder, HttpVersion, Limits, Message, Opcode, check_upgrade, choose_subprotocol,
    client::{parse_server_frame, write_masked_fragment, write_masked_frame},
    write_close, write_close_reply, write_frame,
};
use tungstenite::{
    Bytes, Message as Theirs, WebSocket,
    client::IntoClientRequest,
    http::HeaderValue,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{CloseCode, Data, OpCode},
        },
    },
};

/// No step of a conversation takes longer; a test that hangs fails instead.
const PATIENCE: Duration = Duration::from_secs(20);

const MASK: [u8; 4] = [0x11, 0x92, 0x2B, 0xF4];

fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

fn patient(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Reads to the end of an HTTP head; what was read beyond it comes back too.
fn read_head(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = read.split_off(end + 4);
            return (String::from_utf8(read).unwrap(), rest);
        }
        let mut chunk = [0; 1_024];
        let n_read = stream.read(&mut chunk).unwrap();
        assert!(n_read > 0 && read.len() < 16_384, "no head");
        read.extend_from_slice(&chunk[..n_read]);
    }
}

/// Our server: one connection, echoed until it closes.
fn serve_one(listener: TcpListener, read_bytes: usize) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut stream = patient(listener.accept().unwrap().0);
        let (head, leftover) = read_head(&mut stream);
        let mut headers: HashMap<String, Vec<String>> = HashMap::new();
        for line in head.lines().skip(1).filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').unwrap();
            headers.entry(name.to_ascii_lowercase()).or_default().push(value.trim().to_owned());
        }
        let values = |name| headers.get(name).into_iter().flatten();
        let upgrade = check_upgrade("GET", HttpVersion::Http11, values).unwrap();
        let chosen = choose_subprotocol(&upgrade.subprotocols, &["hereabouts.v1"]);
        let subprotocol = chosen.map(|name| format!("Sec-WebSocket-Protocol: {name}\r\n"));
        let response = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n{}\r\n",
            upgrade.accept_key,
            subprotocol.unwrap_or_default(),
        );
        stream.write_all(response.as_bytes()).unwrap();
        echo(&mut stream, leftover, read_bytes);
    })
}

/// Echoes until the conversation or the connection is over. `leftover` came with the handshake.
fn echo(stream: &mut TcpStream, mut leftover: Vec<u8>, read_bytes: usize) {
    let (mut decoder, limits) = (Decoder::new(), Limits::default());
    let (mut scratch, mut out) = (vec![0; read_bytes], Vec::new());
    let mut input = &mut leftover[..];
    while !decoder.is_finished() {
        let fed = decoder.feed(input, &limits, &mut |message| {
            match message {
                Message::Text(text) => write_frame(&mut out, Opcode::Text, text.as_bytes()),
                Message::Binary(payload) => write_frame(&mut out, Opcode::Binary, payload),
                Message::Ping(payload) => write_frame(&mut out, Opcode::Pong, payload),
                Message::Pong(_) => {}
                Message::Close(received) => write_close_reply(&mut out, received),
            }
            ControlFlow::Continue(())
        });
        if let Err(error) = fed {
            write_close(&mut out, error.close_code(), &error.to_string());
        }
        stream.write_all(&out).unwrap();
        out.clear();
        if !decoder.is_finished() {
            let n_read = stream.read(&mut scratch).unwrap();
            if n_read == 0 {
                return;
            }
            input = &mut scratch[..n_read];
        }
    }
}

/// A tungstenite client connected to our server.
fn connect(read_bytes: usize) -> (WebSocket<TcpStream>, JoinHandle<()>) {
    let (listener, address) = listen();
    let server = serve_one(listener, read_bytes);
    let mut request = format!("ws://{address}/ws/user-status/").into_client_request().unwrap();
    let offer = HeaderValue::from_static("chat, hereabouts.v1");
    request.headers_mut().insert("sec-websocket-protocol", offer);
    let stream = patient(TcpStream::connect(&address).unwrap());
    let (socket, response) = tungstenite::client(request, stream).unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "hereabouts.v1");
    assert!(!response.headers().contains_key("sec-websocket-extensions"));
    (socket, server)
}

fn end(mut socket: WebSocket<TcpStream>, server: JoinHandle<()>, expected: Option<CloseFrame>) {
    assert_eq!(socket.read().unwrap(), Theirs::Close(expected));
    server.join().unwrap();
}

#[test]
fn a_tungstenite_client_is_echoed_whatever_the_size_of_our_reads() {
    for read_bytes in [65_600, 4_096, 7] {
        let (mut socket, server) = connect(read_bytes);
        for size in [0, 1, 125, 126, 127, 65_535, 65_536] {
            let text = Theirs::text("ü".repeat(size / 2));
            let binary = Theirs::binary(vec![size as u8; size]);
            for message in [text, binary] {
                socket.send(message.clone()).unwrap();
                assert_eq!(socket.read().unwrap(), message, "{size} bytes, reads of {read_bytes}");
            }
        }
        let close = CloseFrame { code: CloseCode::Library(4_321), reason: "".into() };
        socket.close(Some(CloseFrame { reason: "done".into(), ..close.clone() })).unwrap();
        end(socket, server, Some(close));
    }
}

#[test]
fn pings_and_fragments_of_a_tungstenite_client() {
    let (mut socket, server) = connect(4_096);
    let frame = |opcode, payload: &'static [u8], is_final| {
        Theirs::Frame(Frame::message(payload, OpCode::Data(opcode), is_final))
    };
    socket.send(frame(Data::Text, b"frag", false)).unwrap();
    socket.send(Theirs::Ping(Bytes::from_static(b"in between"))).unwrap();
    socket.send(frame(Data::Continue, b"mented", true)).unwrap();
    assert_eq!(socket.read().unwrap(), Theirs::Pong(Bytes::from_static(b"in between")));
    assert_eq!(socket.read().unwrap(), Theirs::text("fragmented"));
    socket.close(None).unwrap();
    end(socket, server, None);
}

#[test]
fn a_tungstenite_client_understands_our_refusals() {
    for (payload, opcode, code) in [
        (vec![b'x'; 65_537], Data::Binary, CloseCode::Size),
        (vec![0xFF], Data::Text, CloseCode::Invalid),
        (vec![b'x'], Data::Continue, CloseCode::Protocol),
    ] {
        let (mut socket, server) = connect(1_024 * 128);
        socket.send(Theirs::Frame(Frame::message(payload, OpCode::Data(opcode), true))).unwrap();
        let Theirs::Close(Some(close)) = socket.read().unwrap() else { panic!("no close") };
        assert_eq!(close.code, code);
        assert!(!close.reason.is_empty(), "a refusal has words");
        server.join().unwrap();
    }
}

#[test]
fn a_frame_sent_with_the_handshake_is_not_lost() {
    let (listener, address) = listen();
    let server = serve_one(listener, 1_024);
    let mut stream = patient(TcpStream::connect(&address).unwrap());
    let mut request = format!(
        "GET /ws/user-status/ HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    .into_bytes();
    write_masked_frame(&mut request, Opcode::Text, b"early", MASK);
    write_masked_frame(&mut request, Opcode::Close, &1000u16.to_be_bytes(), MASK);
    stream.write_all(&request).unwrap();
    let (head, mut read) = read_head(&mut stream);
    assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    stream.read_to_end(&mut read).unwrap();
    assert_eq!(read, [&[0x81, 5][..], b"early", &[0x88, 2, 0x03, 0xE8]].concat());
    server.join().unwrap();
}

/// Our masked frames, read by tungstenite's server; its frames, read by our client.
#[test]
fn a_tungstenite_server_reads_our_masked_frames() {
    let (listener, address) = listen();
    let server = thread::spawn(move || {
        let mut socket = tungstenite::accept(patient(listener.accept().unwrap().0)).unwrap();
        while let Ok(message) = socket.read() {
            if message.is_text() || message.is_binary() {
                socket.send(message).unwrap();
            }
        }
    });
    let stream = patient(TcpStream::connect(&address).unwrap());
    let (socket, _) = tungstenite::client(format!("ws://{address}/"), stream).unwrap();
    let mut stream = socket.into_inner();
    let large = vec![0xAB; 70_000];
    let mut out = Vec::new();
    write_masked_frame(&mut out, Opcode::Text, "grüß dich".as_bytes(), MASK);
    write_masked_fragment(&mut out, Opcode::Binary, false, &large[..300], MASK);
    write_masked_fragment(&mut out, Opcode::Continuation, true, &large[300..], MASK);
    write_masked_frame(&mut out, Opcode::Ping, b"?", MASK);
    write_masked_frame(&mut out, Opcode::Close, &1000u16.to_be_bytes(), MASK);
    stream.write_all(&out).unwrap();
    let mut read = Vec::new();
    stream.read_to_end(&mut read).unwrap();
    let (mut frames, mut rest) = (Vec::new(), &read[..]);
    while let Some(frame) = parse_server_frame(rest) {
        frames.push((frame.opcode, frame.payload));
        rest = &rest[frame.len..];
    }
    assert!(rest.is_empty());
    let close = 1000u16.to_be_bytes();
    let expected: [(Opcode, &[u8]); 4] = [
        (Opcode::Text, "grüß dich".as_bytes()),
        (Opcode::Binary, &large),
        (Opcode::Pong, b"?"),
        (Opcode::Close, &close),
    ];
    assert_eq!(frames, expected);
    server.join().unwrap();
}
