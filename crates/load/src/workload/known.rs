//! Who knows of whom: the completeness of a storm.

/// For each client, the people it knows to be online. A client is complete when it knows everybody but itself.
#[derive(Debug)]
pub(crate) struct Known {
    n: usize,
    words_per_client: usize,
    /// One bit per client and person.
    bits: Vec<u64>,
    /// Others known, per client.
    n_others: Vec<u32>,
    n_complete: usize,
}

impl Known {
    /// `n` clients who know nobody.
    pub(crate) fn new(n: usize) -> Self {
        let words_per_client = n.div_ceil(64);
        let n_complete = usize::from(n == 1);
        Self { n, words_per_client, bits: vec![0; n * words_per_client], n_others: vec![0; n], n_complete }
    }

    /// `client` learned that `person` is online, or no more. What it learns of itself or of strangers does not count.
    pub(crate) fn learn(&mut self, client: usize, person: usize, is_online: bool) {
        if person >= self.n || client == person {
            return;
        }
        let word = &mut self.bits[client * self.words_per_client + person / 64];
        let bit = 1_u64 << (person % 64);
        let knew = *word & bit != 0;
        if knew == is_online {
            return;
        }
        *word ^= bit;
        let everybody = (self.n - 1) as u32;
        let count = &mut self.n_others[client];
        if is_online {
            *count += 1;
            self.n_complete += usize::from(*count == everybody);
        } else {
            self.n_complete -= usize::from(*count == everybody);
            *count -= 1;
        }
    }

    /// Whether everybody knows everybody.
    pub(crate) fn is_complete(&self) -> bool {
        self.n_complete == self.n
    }

    /// How many clients know everybody, as a share.
    pub(crate) fn complete_share(&self) -> f64 {
        self.n_complete as f64 / self.n as f64
    }

    /// How many pairs are missing.
    pub(crate) fn n_missing(&self) -> usize {
        self.n_others.iter().map(|&known| self.n - 1 - known as usize).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_is_everybody_knowing_all_others() {
        let mut known = Known::new(70);
        for client in 0..70 {
            for person in 0..70 {
                assert!(!known.is_complete() || (client, person) == (69, 69));
                known.learn(client, person, true);
                known.learn(client, person, true);
            }
        }
        // The last thing learned was client 69 about itself, which counts for nothing.
        assert!(known.is_complete());
        assert_eq!((known.n_missing(), known.complete_share()), (0, 1.0));
    }

    #[test]
    fn who_goes_is_missing_again() {
        let mut known = Known::new(2);
        known.learn(0, 1, true);
        known.learn(1, 0, true);
        assert!(known.is_complete());
        known.learn(1, 0, false);
        assert!(!known.is_complete());
        assert_eq!((known.n_missing(), known.complete_share()), (1, 0.5));
        known.learn(1, 0, false);
        known.learn(1, 0, true);
        assert!(known.is_complete());
    }

    #[test]
    fn strangers_and_oneself_do_not_count() {
        let mut known = Known::new(2);
        known.learn(0, 0, true);
        known.learn(0, 2, true);
        known.learn(0, 1_000_000, true);
        assert_eq!(known.n_missing(), 2);
        assert!(Known::new(1).is_complete());
    }
}
