//! Doing things evenly spread in time.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::client::{Client, Handler};

/// `per_period` actions in each period, one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    per_period: usize,
    period: Duration,
}

impl Pace {
    /// So many per period.
    pub(crate) fn new(per_period: usize, period: Duration) -> Self {
        Self { per_period, period }
    }

    /// Does `n` actions in this rhythm and handles what arrives in between. Late actions are made up for, so the
    /// number per period holds on a busy machine too.
    pub(crate) fn run<H: Handler>(
        self,
        client: &mut Client,
        handler: &mut H,
        n: usize,
        mut action: impl FnMut(&mut Client, &mut H, usize) -> Result<()>,
    ) -> Result<()> {
        let started = Instant::now();
        let mut n_done = 0;
        while n_done < n {
            let due = self.due(started.elapsed()).min(n);
            while n_done < due {
                action(client, handler, n_done)?;
                n_done += 1;
            }
            client.turn(Duration::from_millis(1), handler)?;
        }
        Ok(())
    }

    /// How many actions are due after this time; the first one at once.
    fn due(self, elapsed: Duration) -> usize {
        let periods = elapsed.as_secs_f64() / self.period.as_secs_f64();
        (periods * self.per_period as f64) as usize + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_due_grows_evenly() {
        let pace = Pace::new(5_000, Duration::from_secs(1));
        assert_eq!(pace.due(Duration::ZERO), 1);
        assert_eq!(pace.due(Duration::from_millis(500)), 2_501);
        assert_eq!(pace.due(Duration::from_secs(10)), 50_001);
    }
}
