//! Random bytes from the system, for keys and nonces.

/// So many random bytes.
///
/// # Panics
/// When the system gives none, which a running Linux does not do: without them no key is safe.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("a running Linux gives random bytes");
    bytes
}
