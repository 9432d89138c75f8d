//! Deterministic mixing: stable numbers and identifiers out of names.
//! Knows nothing of time or of other sources of randomness.

/// FNV-1a over the parts, each closed by a separator so that `["ab", "c"]` and `["a", "bc"]`
/// differ, finished with splitmix64 so that all bits depend on all input.
pub fn mix(seed: u64, parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ seed;
    for part in parts {
        for byte in part.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    splitmix(hash)
}

/// One step of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
pub fn splitmix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number in `0.0..1.0`, from the upper 53 bits.
pub fn unit(value: u64) -> f64 {
    (value >> 11) as f64 / (1_u64 << 53) as f64
}

/// Seventeen hexadecimal digits, as EC2 appends them to a prefix (`vpc-0a1b…`).
pub fn ec2_id(prefix: &str, parts: &[&str]) -> String {
    format!("{prefix}-0{:016x}", mix(2, parts))
}

/// Seventeen characters of A–Z and 2–7, as IAM appends them to a prefix (`AIDA…`, `AROA…`).
pub fn iam_id(prefix: &str, parts: &[&str]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut low, mut high) = (mix(3, parts), mix(4, parts));
    let tail = (0..17).map(|_| {
        let index = usize::try_from(low & 31).unwrap_or(0);
        low = (low >> 5) | (high << 59);
        high >>= 5;
        ALPHABET.get(index).map_or('A', |byte| char::from(*byte))
    });
    prefix.chars().chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separates_parts_and_seeds() {
        assert_ne!(mix(0, &["ab", "c"]), mix(0, &["a", "bc"]));
        assert_ne!(mix(0, &["a"]), mix(1, &["a"]));
    }

    #[test]
    fn identifiers_have_the_shape_of_the_service() {
        let id = ec2_id("vpc", &["111122223333", "main"]);
        assert_eq!(id.len(), "vpc-".len() + 17);
        let user = iam_id("AIDA", &["111122223333", "alice"]);
        assert_eq!(user.len(), 21);
        assert!(user.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b)));
    }
}
