//! The real binary as an operator meets it: the command line, and the HTTP side that is not the wire's.

mod cli;
mod http;
mod process;
