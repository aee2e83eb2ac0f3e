//! What a person is called. In this version the token says it, or the users table does.

mod cache;
mod names;
mod token;

pub use hereabouts_engine::Profile;
pub use names::{is_fallback, profile};
pub use token::TokenDirectory;
