//! The engine from outside: scenarios in text, properties, and a model, all through its public interface.

#![expect(clippy::unwrap_used, reason = "where a test is wrong about its own making, it shall fail")]

mod clients;
mod crowd;
mod decisions;
mod faults;
mod model;
mod modes;
mod privacy;
mod properties;
mod scenarios;
mod script;
mod watches;
mod world;
