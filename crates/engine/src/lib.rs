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
//! **Who sees what.** Nearly everybody sees nearly everybody in the same way, so a tick tells what changed once, for
//! everybody ([`Tick::changes`]). Viewers for whom that may be wrong ([`Engine::is_special`]) are told apart
//! ([`Engine::told`]). What people decided about themselves is loaded when they come, and until then they are not here.
//!
//! # Layout
//! - [`event`], [`effect`], [`tick`], [`told`]: what goes in and what comes out
//! - [`engine`]: the state machine; `settle`: what an event makes true; `publish`: its flush; [`settings`]: its times; `flaps`: how often a person may change
//! - [`project`], [`rounding`]: the decision table, the only way to see a user; [`sight`]: looking by it
//! - [`person`], `people`, `relations`: what people decided, and the pairs of people for whom it makes a difference
//! - `watching`, `alerts`: telling somebody that a person has come
//! - `session`, `user`, `pending`: live and held sessions; one record per user; what the next flush will publish
//! - `order`, `list`: who is present in which order, in O(1) per change

pub mod effect;
pub mod engine;
pub mod event;
pub mod person;
pub mod project;
pub mod rounding;
pub mod settings;
pub mod sight;
pub mod tick;
pub mod told;

mod alerts;
mod flaps;
mod list;
mod order;
mod pending;
mod people;
mod publish;
mod relations;
mod session;
mod settle;
#[cfg(test)]
mod two_worlds;
mod user;
mod watching;

pub use effect::Effect;
pub use engine::Engine;
pub use event::{Departure, Event};
pub use person::{Person, TimedMode, Watched};
pub use project::Viewer;
pub use session::SessionKey;
pub use settings::Settings;
pub use sight::SelfView;
pub use tick::{Tick, TickSeq, Transition, WINDOW_LIMIT_MAX};
pub use told::Told;
pub use user::{Profile, UserIndex};
