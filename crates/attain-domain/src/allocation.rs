//! Exact splitting by largest remainder.
//!
//! Owns: the one way an amount is divided among children, months or credits (DOMAIN, arithmetic 3).
//! Absent on purpose: what the weights mean.

/// Splits `total` in steps of `unit` in proportion to `weights`, so that the parts sum to `total` exactly.
///
/// Parts left over go to the largest remainders, ties to the earlier index; what does not fill a whole unit goes to
/// the first of them. Weights that are all zero (or negative) count as equal. Without weights the result is empty.
pub fn split(total: i64, weights: &[i64], unit: i64) -> Vec<i64> {
    if weights.is_empty() {
        return Vec::new();
    }
    let unit = unit.max(1);
    let equal = weights.iter().all(|w| *w <= 0);
    let weight = |w: i64| if equal { 1i128 } else { i128::from(w.max(0)) };
    let whole: i128 = weights.iter().map(|w| weight(*w)).sum();
    let (sign, magnitude) = (total.signum(), i128::from(total.unsigned_abs()));
    let steps = magnitude / i128::from(unit);
    let crumb = magnitude % i128::from(unit);
    let mut parts: Vec<i128> = Vec::with_capacity(weights.len());
    let mut order: Vec<(i128, usize)> = Vec::with_capacity(weights.len());
    for (index, w) in weights.iter().enumerate() {
        let share = steps * weight(*w);
        parts.push(share / whole);
        order.push((share % whole, index));
    }
    let left = steps - parts.iter().sum::<i128>();
    order.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, index) in order.iter().take(left as usize) {
        parts[*index] += 1;
    }
    let mut parts: Vec<i64> = parts.iter().map(|p| (*p * i128::from(unit)) as i64).collect();
    if let (true, Some((_, first))) = (crumb > 0, order.first()) {
        parts[*first] += crumb as i64;
    }
    parts.iter().map(|p| p * sign).collect()
}

/// [`split`], but what already stands in that proportion stays as it is: a raise in steps of 10 000 that is taken back
/// brings back figures that were no whole steps.
pub fn divide(total: i64, weights: &[i64], unit: i64) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    if sum == i128::from(total) && sum > 0 && weights.iter().all(|w| *w >= 0) {
        return weights.to_vec();
    }
    split(total, weights, unit)
}

/// Order of ids as people read them: runs of digits compare as numbers, so `g9` comes before `g10`.
pub fn id_order(a: &str, b: &str) -> std::cmp::Ordering {
    let (mut x, mut y) = (a.as_bytes(), b.as_bytes());
    while let (Some(p), Some(q)) = (x.first(), y.first()) {
        let run = |s: &[u8]| s.iter().take_while(|c| c.is_ascii_digit()).count();
        let (m, n) = (run(x), run(y));
        let ordering = if m > 0 && n > 0 {
            let trim = |s: &[u8]| s.iter().take_while(|c| **c == b'0').count();
            let (u, v) = (&x[trim(&x[..m])..m], &y[trim(&y[..n])..n]);
            let ordering = u.len().cmp(&v.len()).then_with(|| u.cmp(v));
            (x, y) = (&x[m..], &y[n..]);
            ordering
        } else {
            let ordering = p.cmp(q);
            (x, y) = (&x[1..], &y[1..]);
            ordering
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
    x.len().cmp(&y.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn largest_remainders_first_ties_to_the_earlier() {
        for (total, weights, unit, expected) in [
            (100, vec![1, 1, 1], 1, vec![34, 33, 33]),
            (10, vec![1, 2, 1], 1, vec![3, 5, 2]),
            (-100, vec![1, 1, 1], 1, vec![-34, -33, -33]),
            (5, vec![0, 0], 1, vec![3, 2]),
            (1050, vec![1, 1], 100, vec![550, 500]),
            (7, vec![], 1, vec![]),
        ] {
            assert_eq!(split(total, &weights, unit), expected);
        }
    }

    #[test]
    fn ids_order_as_read() {
        let mut ids = vec!["g10", "g9", "jia", "g09", "g1-b", "g1"];
        ids.sort_by(|a, b| id_order(a, b));
        assert_eq!(ids, ["g1", "g1-b", "g09", "g9", "g10", "jia"]);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(total: i64, weights in prop::collection::vec(0i64..i64::MAX / 64, 1..40), unit in 1i64..1_000_000) {
            let total = total / 2;
            prop_assert_eq!(split(total, &weights, unit).iter().map(|p| i128::from(*p)).sum::<i128>(), i128::from(total));
        }
    }
}
