//! Numbers and instants: between two neighbouring constants every value is alike to a policy.

/// The constants themselves, one value in each gap, one below all and one above all; ascending.
/// Constants that are not finite are ignored. Without constants there is one value.
pub fn decimal_points(constants: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> =
        constants.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    let (Some(lowest), Some(highest)) = (sorted.first(), sorted.last()) else {
        return vec![0.0];
    };
    let mut points = vec![lowest.floor() - 1.0];
    points.extend(sorted.windows(2).flat_map(|pair| match pair {
        [low, high] => vec![*low, gap(*low, *high)],
        _ => Vec::new(),
    }));
    points.push(*highest);
    points.push(highest.ceil() + 1.0);
    points.dedup();
    points
}

/// A value between two neighbours, a whole one where there is one: people read it.
fn gap(low: f64, high: f64) -> f64 {
    let whole = low.floor() + 1.0;
    if whole < high { whole } else { low + (high - low) / 2.0 }
}

/// The same for instants, in milliseconds since the epoch. Neighbours a millisecond apart have no
/// instant between them.
pub fn instant_points(constants: &[i64]) -> Vec<i64> {
    const DAY: i64 = 86_400_000;
    let mut sorted = constants.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let (Some(lowest), Some(highest)) = (sorted.first(), sorted.last()) else {
        return vec![0];
    };
    let mut points = vec![lowest.saturating_sub(DAY)];
    for pair in sorted.windows(2) {
        if let [low, high] = pair {
            points.push(*low);
            let middle = low.midpoint(*high);
            points.extend((middle != *low).then_some(middle));
        }
    }
    points.push(*highest);
    points.push(highest.saturating_add(DAY));
    points.dedup();
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_constant_and_every_gap_has_a_point() {
        assert_eq!(decimal_points(&[]), [0.0]);
        assert_eq!(decimal_points(&[5.0]), [4.0, 5.0, 6.0]);
        assert_eq!(decimal_points(&[7.0, 5.0, 5.0]), [4.0, 5.0, 6.0, 7.0, 8.0]);
        assert_eq!(decimal_points(&[1.0, 2.0]), [0.0, 1.0, 1.5, 2.0, 3.0]);
        assert_eq!(
            instant_points(&[1000, 2000]),
            [1000 - 86_400_000, 1000, 1500, 2000, 86_402_000]
        );
    }
}
