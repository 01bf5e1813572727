//! Numbers by a seed: splitmix64, <https://prng.di.unimi.it/splitmix64.c>.

/// Gives the same numbers for the same seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number of `low..=high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// A minute count of `low..=high`.
    pub(crate) fn minutes(&mut self, low: u32, high: u32) -> i64 {
        let minutes = self.between(u64::from(low), u64::from(high));
        i64::try_from(minutes).expect("it is at most a u32")
    }

    /// Such as `5f3a9c1e-0b7d-4e21-9a44-0c1d2e3f4a5b`.
    pub(crate) fn uid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-9{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
    }

    /// What Kubernetes puts behind a `generateName`.
    pub(crate) fn suffix(&mut self) -> String {
        const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
        let mut letter = || {
            let at = usize::try_from(self.next() % 27).expect("it is less than 27");
            char::from(LETTERS[at])
        };
        (0..5).map(|_| letter()).collect()
    }
}
