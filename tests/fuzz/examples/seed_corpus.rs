//! Fills `corpus/` with a few samples of each kind: `cargo run --no-default-features --example
//! seed_corpus`, in this directory.

use std::fs;
use ws_fuzz::Dice;

fn main() -> std::io::Result<()> {
    for (seed, (name, _, sample)) in (100..).zip(ws_fuzz::ALL) {
        let mut dice = Dice::seeded(seed);
        let directory = format!("corpus/{name}");
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
