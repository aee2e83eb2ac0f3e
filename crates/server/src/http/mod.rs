//! The HTTP side: handlers by resource, and the guards before them.

pub mod accept;
pub mod account;
pub mod activity;
mod body;
mod client_address;
pub mod demo;
pub mod docs;
pub mod error;
pub mod guard;
pub mod health;
pub mod me;
pub mod online;
pub mod onlooker;
pub mod openapi;
pub mod paging;
pub mod path_id;
pub mod patience;
pub mod rate_limit;
pub mod recent;
pub mod room;
mod slow_body;
pub mod social;
pub mod socket;
pub mod statuses;
pub mod ticket;
pub mod viewer;

pub use body::Body;
pub use client_address::ClientAddress;
pub use error::ApiError;
pub use onlooker::Onlooker;
pub use paging::PageQuery;
pub use path_id::{PathId, missing};
pub use viewer::Viewer;

use std::net::SocketAddr;

/// Who is at the other end of the TCP connection: put into each request by the accept loop.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);
