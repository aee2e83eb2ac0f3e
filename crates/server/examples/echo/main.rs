//! An echo server on the real gateway, for outside WebSocket suites to be pointed at:
//!
//! ```text
//! cargo run --release -p hereabouts --example echo -- \
//!     --bind 127.0.0.1:9001 --max-message-bytes 16777216 --max-fragments 65536
//! ```
//!
//! Accept loop, handshake, shards, decoder, writing and closing are those of `hereabouts serve`; only what a message
//! means and what one may be differs. With the limits above every case of Autobahn's groups 1 to 7, 9 and 10 can
//! pass. It is for a suite on the same machine: it asks nobody for a token.

mod server;

use std::net::SocketAddr;

use clap::Parser;
use hereabouts::shutdown::Shutdown;
use hereabouts_websocket::Limits;
use tokio::net::TcpListener;

#[derive(Parser)]
#[command(about = "Sends every WebSocket message back, over the real gateway")]
struct Arguments {
    /// Where to listen; port 0 picks a free one
    #[arg(long, default_value = "127.0.0.1:9001", value_name = "IP:PORT")]
    bind: SocketAddr,
    /// Longest message, and longest frame; longer ones get 1009
    #[arg(long, default_value_t = Limits::default().max_message_bytes, value_name = "N")]
    max_message_bytes: usize,
    /// Most frames of one message; more get 1008
    #[arg(long, default_value_t = Limits::default().max_fragments, value_name = "N")]
    max_fragments: u32,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { bind, max_message_bytes, max_fragments } = Arguments::parse();
    let limits = Limits { max_message_bytes, max_frame_bytes: max_message_bytes, max_fragments };
    let listener = TcpListener::bind(bind).await?;
    println!("listening on ws://{}", listener.local_addr()?);
    let shutdown = Shutdown::new();
    hereabouts::server::stop_at_signal(shutdown.clone())?;
    server::serve(listener, limits, shutdown).await
}
