//! Fills `fuzz/corpus` with a few samples of each kind:
//! `cargo run -p ws-tests --example seed_corpus`.

use std::fs;
use ws_tests::fuzzed::{ALL, Dice};

fn main() -> std::io::Result<()> {
    for (seed, (name, _, sample)) in (100..).zip(ALL) {
        let mut dice = Dice::seeded(seed);
        let directory = format!("{}/fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
        fs::create_dir_all(&directory)?;
        for index in 0..8 {
            let mut input = dice.next().to_le_bytes().to_vec();
            while input.len() == 8 || input.len() > 3000 {
                input.truncate(8);
                sample(&mut dice, &mut input);
            }
            fs::write(format!("{directory}/sample-{index}"), input)?;
        }
    }
    Ok(())
}
