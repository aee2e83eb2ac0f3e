//! Random histories: what happens in both worlds, and what Uma does in hiding.

use std::time::Duration;

use hereabouts_protocol::Mode;

/// The people. Uma is the first.
pub(super) const N_PEOPLE: usize = 6;
pub(super) const UMA: usize = 0;

/// A history, in order. Times are since its beginning.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) is_reciprocal: bool,
    pub(super) steps: Vec<(Duration, Step)>,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// In both worlds.
    Both(Deed),
    /// Uma signs out in one, hides in the other.
    Part,
    /// Only where she hides.
    Hidden(Deed),
    /// She signs in in one, comes out in the other.
    Return,
}

/// What a person does, or what becomes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Nothing,
    Open {
        who: usize,
    },
    Bye {
        who: usize,
    },
    Close {
        who: usize,
    },
    Lose {
        who: usize,
    },
    Idle {
        who: usize,
        idle: bool,
    },
    /// Of somebody who does not hide; `for_s`: with an end.
    Mode {
        who: usize,
        mode: Mode,
        for_s: Option<u64>,
    },
    /// What a hidden person can do about their mode and stay hidden.
    StayHidden {
        for_s: Option<u64>,
        below: Mode,
    },
    Custom {
        who: usize,
        text: Option<u8>,
        for_s: Option<u64>,
        show_offline: bool,
    },
    /// A rule: 0 everyone, 1 friends, 2 nobody, 3 everyone but one; `of`: 0 online and last seen, 1 last seen, 2 alerts.
    Rule {
        who: usize,
        rule: u8,
        of: u8,
        whom: usize,
    },
    Precision {
        who: usize,
        exact: bool,
    },
    Befriend {
        who: usize,
        whom: usize,
        is_on: bool,
    },
    Block {
        who: usize,
        whom: usize,
        is_on: bool,
    },
    Watch {
        who: usize,
        whom: usize,
        is_on: bool,
        repeats: bool,
    },
}

/// Splitmix64: enough for a history, and the same for ever.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

impl Script {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let mut clock = Duration::ZERO;
        let mut steps = Vec::new();
        let mut say = |random: &mut Random, step| {
            clock +=
                Duration::from_millis(random.of(&[0, 7, 300, 1_000, 4_000, 11_000, 20_000, 70_000, 320_000]));
            steps.push((clock, step));
        };
        let is_reciprocal = random.one_in(4);
        for who in 0..N_PEOPLE {
            if who == UMA || !random.one_in(4) {
                say(&mut random, Step::Both(Deed::Open { who }));
            }
        }
        for _ in 0..random.below(20) {
            let deed = deed(&mut random);
            say(&mut random, Step::Both(deed));
        }
        // She is here, so that there is something to part from.
        say(&mut random, Step::Both(Deed::Open { who: UMA }));
        say(&mut random, Step::Both(Deed::Nothing));
        say(&mut random, Step::Part);
        for _ in 0..10 + random.below(25) {
            let step = if random.one_in(2) {
                Step::Hidden(hidden_deed(&mut random))
            } else {
                Step::Both(deed_while_apart(&mut random))
            };
            say(&mut random, step);
        }
        if random.one_in(2) {
            say(&mut random, Step::Return);
            for _ in 0..random.below(8) {
                let deed = deed(&mut random);
                say(&mut random, Step::Both(deed));
            }
        }
        for _ in 0..4 {
            say(&mut random, Step::Both(Deed::Nothing));
        }
        Self { is_reciprocal, steps }
    }
}

fn deed(random: &mut Random) -> Deed {
    let who = random.below(N_PEOPLE as u64) as usize;
    match random.below(14) {
        0..=2 => Deed::Open { who },
        3 => random.of(&[Deed::Bye { who }, Deed::Close { who }]),
        4 => Deed::Lose { who },
        5 => Deed::Idle { who, idle: random.one_in(2) },
        6 => Deed::Mode {
            who,
            mode: random.of(&[Mode::Auto, Mode::Away, Mode::Dnd]),
            for_s: random.of(&[None, Some(30), Some(400)]),
        },
        7 => custom(random, who),
        _ => decision(random, who),
    }
}

/// Uma herself only decides what she can decide without a connection, and what shows in both worlds alike.
fn deed_while_apart(random: &mut Random) -> Deed {
    loop {
        let deed = deed(random);
        match deed {
            Deed::Open { who }
            | Deed::Bye { who }
            | Deed::Close { who }
            | Deed::Lose { who }
            | Deed::Idle { who, .. }
            | Deed::Mode { who, .. }
            | Deed::Custom { who, .. }
                if who == UMA => {}
            deed => return deed,
        }
    }
}

fn decision(random: &mut Random, who: usize) -> Deed {
    let whom = (who + 1 + random.below(N_PEOPLE as u64 - 1) as usize) % N_PEOPLE;
    let is_on = !random.one_in(3);
    match random.below(8) {
        0 | 1 => Deed::Befriend { who, whom, is_on },
        2 => Deed::Block { who, whom, is_on: random.one_in(2) },
        3 => Deed::Rule { who, rule: random.below(4) as u8, of: random.below(3) as u8, whom },
        4 => Deed::Precision { who, exact: random.one_in(2) },
        _ => {
            let whom = if who == UMA { whom } else { UMA };
            Deed::Watch { who, whom, is_on, repeats: random.one_in(2) }
        }
    }
}

fn custom(random: &mut Random, who: usize) -> Deed {
    Deed::Custom {
        who,
        text: random.of(&[None, Some(1), Some(2), Some(3)]),
        for_s: random.of(&[None, Some(20), Some(100), Some(1_000)]),
        show_offline: !random.one_in(3),
    }
}

fn hidden_deed(random: &mut Random) -> Deed {
    match random.below(9) {
        0 | 1 => Deed::Open { who: UMA },
        2 => random.of(&[Deed::Bye { who: UMA }, Deed::Close { who: UMA }]),
        3 => Deed::Lose { who: UMA },
        4 | 5 => Deed::Idle { who: UMA, idle: random.one_in(2) },
        6 => custom(random, UMA),
        _ => Deed::StayHidden {
            for_s: random.of(&[None, Some(100_000)]),
            below: random.of(&[Mode::Auto, Mode::Dnd, Mode::Away, Mode::Invisible]),
        },
    }
}
