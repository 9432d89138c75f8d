//! Numbers and instants: between two neighbouring constants every value is alike to a policy.

/// The constants themselves, one value in each gap between neighbours, one below all and one above
/// all; ascending. In a gap a multiple of `unit` is preferred, since whole numbers read well; there
/// is none in gaps that hold no integer. Without constants there is one value, zero.
pub fn points(constants: &[i128], unit: i128) -> Vec<i128> {
    let unit = unit.max(1);
    let mut sorted = constants.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let (Some(lowest), Some(highest)) = (sorted.first(), sorted.last()) else {
        return vec![0];
    };
    let mut points = vec![round(lowest.saturating_sub(unit), unit)];
    for pair in sorted.windows(2) {
        if let [low, high] = pair {
            points.push(*low);
            let whole = round(low.saturating_add(unit), unit);
            let inside = if whole < *high { whole } else { low.midpoint(*high) };
            points.extend((inside > *low).then_some(inside));
        }
    }
    points.push(*highest);
    points.push(round(highest.saturating_add(unit), unit).max(highest.saturating_add(1)));
    points.dedup();
    points
}

/// The greatest multiple of `unit` that is not above `value`.
fn round(value: i128, unit: i128) -> i128 {
    value.saturating_sub(value.rem_euclid(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_constant_and_every_gap_has_a_point() {
        assert_eq!(points(&[], 10), [0]);
        assert_eq!(points(&[50], 10), [40, 50, 60]);
        assert_eq!(points(&[70, 50, 50], 10), [40, 50, 60, 70, 80]);
        assert_eq!(points(&[10, 20], 10), [0, 10, 15, 20, 30]);
        assert_eq!(points(&[15], 10), [0, 15, 20]);
        assert_eq!(points(&[1, 2], 1), [0, 1, 2, 3]);
        assert_eq!(points(&[-15], 10), [-30, -15, -10]);
    }
}
