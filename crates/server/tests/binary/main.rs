//! The real binary as an operator meets it: the command line, and the HTTP side that is not the wire's.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails, and says where")]

mod accounts;
mod adopt;
mod attacks;
mod cli;
mod clock;
mod doctor;
mod durability;
mod heartbeat;
mod http;
mod openapi;
mod operator;
mod outside;
mod people;
mod process;
mod scarcity;
#[path = "../shared/schema.rs"]
mod schema;
