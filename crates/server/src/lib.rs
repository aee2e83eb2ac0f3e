//! Hereabouts, the server: everything that touches the world, around the pure engine.
//!
//! # Layout
//! - [`cli`]: the command line; [`settings`]: what it means, checked; [`telemetry`], [`metrics`]: what it tells
//! - [`app`]: the parts, put together; [`server`]: listeners, and the way to stop
//! - [`router`], [`http`]: the HTTP API on one page, and its handlers
//! - [`auth`], [`directory`]: whose token this is, and what that person is called
//! - [`store`]: what is kept at rest, written behind; [`housekeeping`], `adopted`: what is done by the clock
//! - [`gateway`], [`hub`], [`online`], [`clock`]: sockets, the one thread that owns the engine, its list, and time
//! - [`assets`], [`demo`]: the embedded site, and the people who live in `hereabouts dev`

pub(crate) mod adopted;
pub mod app;
pub mod assets;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod directory;
pub(crate) mod failpoint;
pub mod gateway;
pub mod housekeeping;
pub mod http;
pub mod hub;
pub mod limits;
pub mod metrics;
pub mod online;
pub mod people;
mod random;
pub mod realtime;
#[cfg(test)]
mod reference;
pub mod router;
pub mod server;
pub mod settings;
pub mod shutdown;
pub mod store;
pub mod telemetry;
