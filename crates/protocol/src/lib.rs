//! Hereabouts on the wire: the one place where a frame, a REST body or a close code gets its form.
//!
//! The contract (`docs/PROTOCOL.md`) fixes these names to the byte. The server encodes with them, the load generator
//! and the tests decode with them, and the npm package's `protocol.ts` is generated from them.
//!
//! # Layout
//! - [`ids`], [`time`], [`status`]: the words everything else is made of
//! - [`presence`]: what one person may know of another
//! - [`client`], [`server`]: the frames of `hereabouts.v1` and of original clients
//! - [`mode`], [`custom`], [`privacy`]: what a person decides about themselves
//! - [`rest`], [`people`], [`activity`]: the bodies of the HTTP API
//! - [`close`]: close codes and what they mean
//! - [`encode`]: the same forms written straight into bytes, for the hot path

pub mod activity;
pub mod client;
pub mod close;
pub mod custom;
pub mod encode;
pub mod ids;
pub mod mode;
pub mod people;
pub mod presence;
pub mod privacy;
pub mod rest;
pub mod server;
pub mod status;
pub mod time;

#[cfg(test)]
mod codegen;

pub use activity::{ActivityKind, ActivityPage, ActivityRow};
pub use client::{ClientMessage, Scope};
pub use close::CloseCode;
pub use custom::CustomFault;
pub use ids::{ActivityId, RequestId, SessionId, UserId};
pub use mode::{Mode, MyStatus, OwnCustomStatus, SetCustomStatus, SetStatus};
pub use people::{Block, Friend, FriendRequest, FriendRow, NewWatch, Page, Person, Watch};
pub use presence::{Change, CustomStatus, Presence};
pub use privacy::{Audience, AudienceRule, Precision, Privacy, PrivacyFault};
pub use rest::{AsViewer, Detail, MySession, MySessions, OnlineUser, UserIds, Users};
pub use server::ServerMessage;
pub use status::{Reason, Status};
pub use time::Timestamp;

/// The WebSocket subprotocol that a client offers to get more than the original's three frames.
pub const SUBPROTOCOL_V1: &str = "hereabouts.v1";
