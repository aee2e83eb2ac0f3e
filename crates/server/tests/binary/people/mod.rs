//! People on the real binary: what they decide, what they have to do with each other, and what each may see.

mod cast;
mod friends;
mod idor;
mod lookups;
mod myself;
mod timeline;
mod watching;
