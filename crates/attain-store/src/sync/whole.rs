//! What a laptop and the server compare: all records one may have, by number and digest, whatever order they came in.
//!
//! Owns: [`Whole`], which follows every change. Absent on purpose: which records those are (attain-sync's scopes).

use sha2::{Digest, Sha256};

/// A sum over the records of a set: adding and taking away are each one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whole {
    pub records: u64,
    lanes: [u64; 4],
}

/// One record's part of the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part([u64; 4]);

impl Part {
    /// `digest`: SHA-256 of the record's body.
    pub fn of(kind: &str, id: &str, digest: &[u8; 32]) -> Part {
        let mut hash = Sha256::new();
        for bytes in [kind.as_bytes(), &[0], id.as_bytes(), &[0], digest] {
            hash.update(bytes);
        }
        let mut lanes = [0; 4];
        for (lane, bytes) in lanes.iter_mut().zip(hash.finalize().as_chunks::<8>().0) {
            *lane = u64::from_le_bytes(*bytes);
        }
        Part(lanes)
    }
}

impl Whole {
    pub fn add(&mut self, part: Part) {
        self.records += 1;
        for (lane, of) in self.lanes.iter_mut().zip(part.0) {
            *lane = lane.wrapping_add(of);
        }
    }

    /// Takes away one that was added.
    pub fn remove(&mut self, part: Part) {
        self.records = self.records.saturating_sub(1);
        for (lane, of) in self.lanes.iter_mut().zip(part.0) {
            *lane = lane.wrapping_sub(of);
        }
    }

    pub fn digest(&self) -> String {
        self.lanes.iter().map(|lane| format!("{lane:016x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_does_not_matter_and_every_difference_does() {
        let part = |id: &str, body: u8| Part::of("goal", id, &[body; 32]);
        let (mut one, mut other) = (Whole::default(), Whole::default());
        for id in ["a", "b"] {
            one.add(part(id, 1));
        }
        for (id, body) in [("b", 2), ("a", 1)] {
            other.add(part(id, body));
        }
        assert_eq!(one.records, other.records);
        assert_ne!(one.digest(), other.digest());
        other.remove(part("b", 2));
        other.add(part("b", 1));
        assert_eq!(one.digest(), other.digest());
    }
}
