//! What the fuzzers try, over the inputs they begin with and each of those spoilt a little: so that what they check holds,
//! and what they found stays found.
//!
//! Absent on purpose: searching (`cargo xtask fuzz`).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/dice.rs"]
mod dice;
#[path = "support/fuzzed.rs"]
mod fuzzed;
#[path = "support/world.rs"]
mod world;

use std::path::{Path, PathBuf};

use dice::Dice;
use fuzzed::TARGETS;

fn seeds(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target)
}

/// An input with a few bytes changed, left out or doubled.
fn spoilt(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..1 + dice.below(3) {
        let at = dice.below(bytes.len() as u64 + 1) as usize;
        match dice.below(4) {
            0 => bytes.truncate(at),
            1 => bytes.splice(at.min(bytes.len())..(at + 1).min(bytes.len()), [dice.below(256) as u8]).for_each(drop),
            2 => bytes.insert(at, *dice.one(b"\x00\xff\"9-{}[]\n")),
            _ => {
                let to = (at + 1 + dice.below(8) as usize).min(bytes.len());
                let piece = bytes[at.min(to)..to].to_vec();
                bytes.splice(at..at, piece).for_each(drop);
            }
        }
    }
    bytes
}

#[test]
fn whatever_a_stranger_sends_is_taken_whole_or_refused() {
    let number = |name: &str, or: u64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(or);
    let mut dice = Dice(number("ATTAIN_SEED", 1));
    let spoils = number("ATTAIN_SPOILS", 8);
    for (target, run, _) in TARGETS {
        let mut files: Vec<PathBuf> = std::fs::read_dir(seeds(target)).unwrap().map(|f| f.unwrap().path()).collect();
        files.sort();
        assert!(!files.is_empty());
        for file in files {
            let input = std::fs::read(&file).unwrap();
            println!("{}", file.display());
            run(&input);
            for _ in 0..spoils {
                run(&spoilt(&input, &mut dice));
            }
        }
    }
}

/// `ATTAIN_WRITE_SEEDS=1` writes them. Others there are what the fuzzers found.
#[test]
fn the_seeds_are_messages_of_today() {
    for (target, _, begin) in TARGETS {
        for (n, input) in begin().into_iter().enumerate() {
            let file = seeds(target).join(format!("begin-{n:02}"));
            if std::env::var_os("ATTAIN_WRITE_SEEDS").is_some() {
                std::fs::create_dir_all(seeds(target)).unwrap();
                std::fs::write(&file, &input).unwrap();
            }
            assert_eq!(std::fs::read(&file).unwrap_or_default(), input, "{}", file.display());
        }
    }
}
