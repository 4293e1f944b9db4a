//! Thinning. Owns which points of a long series are drawn.
//!
//! Deliberately absent: smoothing and averaging; a drawn point is always a real one.

use std::collections::BTreeSet;

/// Which of `values` to draw so that at most `limit` remain: rising indices that hold the first, the last, the largest and the
/// smallest value and everything in `keep`, and for the rest each stretch's largest and smallest, so that no peak is
/// lost to its neighbours. A series within the limit is returned whole.
///
/// `keep` (indices out of range are ignored) and the four corners stay even where they alone pass `limit`.
#[must_use]
pub fn thin(values: &[i64], limit: usize, keep: &[usize]) -> Vec<usize> {
    let count = values.len();
    if count <= limit {
        return (0..count).collect();
    }
    let mut drawn: BTreeSet<usize> = keep.iter().copied().filter(|index| *index < count).collect();
    drawn.extend([0, count - 1]);
    drawn.extend(extremes(values, 0..count));
    let stretches = limit.saturating_sub(drawn.len()) / 2;
    for stretch in 0..stretches {
        drawn.extend(extremes(values, stretch * count / stretches..(stretch + 1) * count / stretches));
    }
    drawn.into_iter().collect()
}

/// Index of the smallest and of the largest value in `range`, the earliest of equals; none for an empty range.
pub(super) fn extremes(values: &[i64], range: std::ops::Range<usize>) -> impl Iterator<Item = usize> {
    let smallest = range.clone().min_by_key(|index| values[*index]);
    let largest = range.min_by_key(|index| std::cmp::Reverse(values[*index]));
    smallest.into_iter().chain(largest)
}
