//! What the fuzz target `websocket` holds for any bytes, held for its seeds and for every crash that was kept.

#[path = "../../../fuzz/properties/websocket.rs"]
mod property;

#[test]
fn every_seed_of_the_websocket_target_passes() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/websocket");
    let mut n_seeds = 0;
    for entry in std::fs::read_dir(folder).expect("the seeds are in the checkout") {
        let path = entry.expect("a readable folder").path();
        println!("{}", path.display());
        property::check(&std::fs::read(&path).expect("a readable seed"));
        n_seeds += 1;
    }
    assert!(n_seeds >= 20, "only {n_seeds} seeds");
}
