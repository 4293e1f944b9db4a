//! Owns chance: SplitMix64 and exact splits by largest remainder. Absent: floats.

pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From `a` to `b`, both inclusive.
    pub fn range(&mut self, a: i64, b: i64) -> i64 {
        if b <= a {
            return a;
        }
        a + (self.next() % (b - a + 1) as u64) as i64
    }

    pub fn shuffle<T>(&mut self, v: &mut [T]) {
        for i in (1..v.len()).rev() {
            v.swap(i, self.range(0, i as i64) as usize);
        }
    }
}

/// Splits `total` by `weights` so that the parts sum exactly; ties go to the earlier part.
pub fn split(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    if sum <= 0 {
        return vec![0; weights.len()];
    }
    let mut parts = Vec::with_capacity(weights.len());
    let mut rest = Vec::with_capacity(weights.len());
    for (i, w) in weights.iter().enumerate() {
        let x = i128::from(total) * i128::from(*w);
        parts.push((x.div_euclid(sum)) as i64);
        rest.push((x.rem_euclid(sum), i));
    }
    rest.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let missing = total - parts.iter().sum::<i64>();
    for (_, i) in rest.iter().take(missing.max(0) as usize) {
        parts[*i] += 1;
    }
    parts
}
