//! The presence rules as a pure state machine: sessions in, published changes out.
//!
//! Nothing here has a clock, a socket, a database or a random number. The shell (the server's hub, one thread) tells
//! the [`Engine`] what happened as an [`Event`] with the time it happened, does what each [`Effect`] says, and sends
//! each [`Tick`] to those who watch. The same events at the same times give the same answers, always.
//!
//! ```text
//! Event ──► handle ─┐                        ┌─► Effect: Welcome (ack), Record (database)
//!                   ├─► raw state ── flush ──┤
//! time ──► timeout ─┘   (private)            └─► Tick: Transition per changed person ──► everyone, window
//! ```
//!
//! **Two layers.** What is true of a person this instant (*raw*: has live or held sessions, is active) is private.
//! What anybody can read ([`Engine::presence`], [`Engine::everyone`], ticks, totals) is the state of the last
//! [`Engine::flush`]. So a list read at any moment plus the ticks after it is never wrong, and on-off-on between two
//! flushes never happened.
//!
//! # Layout
//! - [`event`], [`effect`], [`tick`]: what goes in and what comes out
//! - [`engine`]: the state machine; [`settings`]: its times
//! - [`project`]: the decision table, the only way to see a user
//! - `session`, `user`, `pending`: live and held sessions; one record per user; what the next flush will publish
//! - `order`, `list`: who is present in which order, in O(1) per change

pub mod effect;
pub mod engine;
pub mod event;
pub mod project;
pub mod settings;
pub mod tick;

mod list;
mod order;
mod pending;
mod session;
mod user;

pub use effect::Effect;
pub use engine::Engine;
pub use event::{Departure, Event};
pub use project::Viewer;
pub use session::SessionKey;
pub use settings::Settings;
pub use tick::{Tick, TickSeq, Transition, WINDOW_LIMIT_MAX};
pub use user::{Profile, UserIndex};
