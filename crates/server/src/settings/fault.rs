//! What is wrong with a setting, and what would be right.

use std::fmt;

/// One wrong setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The setting's names: `--bind (HEREABOUTS_BIND)`.
    pub setting: &'static str,
    /// What is wrong.
    pub wrong: String,
    /// What would be right.
    pub right: String,
}

/// All wrong settings of one start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

/// What a parser says of a value it refuses: what is wrong, what would be right.
pub(super) type Refused = (String, String);

impl Faults {
    /// The value, or `stand_in` after noting the fault. The settings are thrown away when there is any fault, so the
    /// stand-in is never used.
    pub(super) fn check<T>(&mut self, setting: &'static str, value: Result<T, Refused>, stand_in: T) -> T {
        value.unwrap_or_else(|(wrong, right)| {
            self.0.push(Fault { setting, wrong, right });
            stand_in
        })
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => writeln!(f, "1 setting is wrong; nothing was started.")?,
            n => writeln!(f, "{n} settings are wrong; nothing was started.")?,
        }
        for Fault { setting, wrong, right } in &self.0 {
            write!(f, "\n  {setting}\n    wrong: {wrong}\n    right: {right}\n")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
