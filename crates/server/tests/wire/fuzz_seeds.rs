//! What the fuzz targets hold for any bytes, held for their seeds and for every crash that was kept: so that machines
//! without a nightly toolchain hold it too.

#[path = "../../../../fuzz/properties/client_message.rs"]
mod client_message;
#[path = "../../../../fuzz/properties/credentials.rs"]
mod credentials;
#[path = "../../../../fuzz/properties/names.rs"]
mod names;

/// `n_min`: that a wrong folder does not look like a success.
fn check_seeds(target: &str, n_min: usize, check: fn(&[u8])) {
    let folder = format!("{}/../../fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    let paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(paths.len() >= n_min, "only {} seeds of {target}", paths.len());
    for path in paths {
        println!("{}", path.display());
        check(&std::fs::read(&path).unwrap());
    }
}

#[test]
fn every_seed_of_the_client_message_target_passes() {
    check_seeds("client_message", 20, client_message::check);
}

#[test]
fn a10_every_seed_of_the_credentials_target_passes() {
    check_seeds("credentials", 15, credentials::check);
}

#[test]
fn every_seed_of_the_names_target_passes() {
    check_seeds("names", 25, names::check);
}
