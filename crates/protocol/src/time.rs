//! Time on the wire: microseconds since the Unix epoch, written as RFC 3339 in UTC with a fixed width.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const MICROS_PER_SECOND: u64 = 1_000_000;
const SECONDS_PER_DAY: u64 = 86_400;

/// A moment, in microseconds since 1970-01-01T00:00:00Z. Years 1970 to 9999.
///
/// Always server time: no client clock ever becomes a `Timestamp`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(type = "string"))]
pub struct Timestamp(u64);

/// The text is not of the form `2026-11-24T01:02:03.000000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time of the form 2026-11-24T01:02:03.000000Z")]
pub struct ParseTimestampError;

impl Timestamp {
    /// Length of the textual form in bytes: the same for every time, so that it can be patched in place.
    pub const TEXT_LEN: usize = 27;

    /// The moment `micros` microseconds after the Unix epoch.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The moment `seconds` seconds after the Unix epoch.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * MICROS_PER_SECOND)
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch.
    pub const fn as_secs(self) -> u64 {
        self.0 / MICROS_PER_SECOND
    }

    /// Time passed since `earlier`; zero if `earlier` is later.
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// This moment, cut down to a multiple of `step` (zero leaves it as it is).
    #[must_use]
    pub const fn floor_to(self, step: Duration) -> Self {
        let step_micros = step.as_micros() as u64;
        if step_micros == 0 { self } else { Self(self.0 - self.0 % step_micros) }
    }

    /// The fixed-width form `2026-11-24T01:02:03.000000Z`.
    pub fn to_text(self) -> [u8; Self::TEXT_LEN] {
        let seconds = self.as_secs();
        let (year, month, day) = civil_from_days(seconds / SECONDS_PER_DAY);
        let second_of_day = seconds % SECONDS_PER_DAY;
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        write_digits(&mut text[0..4], year);
        write_digits(&mut text[5..7], month);
        write_digits(&mut text[8..10], day);
        write_digits(&mut text[11..13], second_of_day / 3600);
        write_digits(&mut text[14..16], second_of_day / 60 % 60);
        write_digits(&mut text[17..19], second_of_day % 60);
        write_digits(&mut text[20..26], self.0 % MICROS_PER_SECOND);
        text
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_micros() as u64))
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration.as_micros() as u64))
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(std::str::from_utf8(&self.to_text()).expect("digits and punctuation are ASCII"))
    }
}

impl std::fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, ParseTimestampError> {
        let bytes = text.as_bytes();
        if bytes.len() != Self::TEXT_LEN {
            return Err(ParseTimestampError);
        }
        let days = days_from_civil(digits(&bytes[0..4])?, digits(&bytes[5..7])?, digits(&bytes[8..10])?);
        let seconds = digits(&bytes[11..13])? * 3600 + digits(&bytes[14..16])? * 60 + digits(&bytes[17..19])?;
        let micros = digits(&bytes[20..26])?;
        let days = days.ok_or(ParseTimestampError)?;
        let parsed = Self((days * SECONDS_PER_DAY + seconds) * MICROS_PER_SECOND + micros);
        // Writing it again refuses the 31st of April, the 25th hour and foreign punctuation in one comparison.
        if parsed.to_text() == bytes { Ok(parsed) } else { Err(ParseTimestampError) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Reads a time as others write it: RFC 3339 with any fraction and offset, such as a browser's `toISOString`. For what
/// comes in; what goes out has the one fixed form.
pub fn parse_lenient(text: &str) -> Result<Timestamp, ParseTimestampError> {
    let fault = ParseTimestampError;
    let (date, rest) = text.split_at_checked(19).filter(|(date, _)| date.is_ascii()).ok_or(fault)?;
    if !matches!(date.as_bytes()[10], b'T' | b't' | b' ') {
        return Err(fault);
    }
    let zone_at = rest.find(['Z', 'z', '+', '-']).ok_or(fault)?;
    let (fraction, zone) = rest.split_at(zone_at);
    let fraction = match fraction.strip_prefix('.') {
        None if fraction.is_empty() => "",
        Some(digits) if (1..=9).contains(&digits.len()) => digits,
        _ => return Err(fault),
    };
    let (day, time) = (&date[..10], &date[11..]);
    let utc: Timestamp = format!("{day}T{time}.{fraction:0<6.6}Z").parse()?;
    let micros = utc.0.checked_add_signed(-offset_micros(zone)?).ok_or(fault)?;
    // A year of five digits has no text.
    if micros < 253_402_300_800 * MICROS_PER_SECOND { Ok(Timestamp(micros)) } else { Err(fault) }
}

fn offset_micros(zone: &str) -> Result<i64, ParseTimestampError> {
    let bytes = zone.as_bytes();
    match bytes {
        [b'Z' | b'z'] => Ok(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
            if hours > 23 || minutes > 59 {
                return Err(ParseTimestampError);
            }
            let micros = ((hours * 60 + minutes) * 60 * MICROS_PER_SECOND) as i64;
            Ok(if *sign == b'-' { -micros } else { micros })
        }
        _ => Err(ParseTimestampError),
    }
}

/// For an optional field of a body that others write.
pub(crate) fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| parse_lenient(&text).map_err(de::Error::custom)).transpose()
}

/// The same where a missing field differs from `null`.
#[expect(clippy::option_option, reason = "a field that is missing differs from one that is null")]
pub(crate) fn some_lenient<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<Timestamp>>, D::Error> {
    lenient(deserializer).map(Some)
}

fn write_digits(out: &mut [u8], mut value: u64) {
    for digit in out.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

fn digits(text: &[u8]) -> Result<u64, ParseTimestampError> {
    text.iter().try_fold(0, |value, byte| {
        if byte.is_ascii_digit() { Ok(value * 10 + u64::from(byte - b'0')) } else { Err(ParseTimestampError) }
    })
}

/// Year, month and day of a day counted from 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
const fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// The inverse of [`civil_from_days`]; `None` before 1970 or for a month that is none.
const fn days_from_civil(year: u64, month: u64, day: u64) -> Option<u64> {
    if year < 1970 || month == 0 || month > 12 {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day;
    let year_of_era = year % 400;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (year / 400 * 146_097 + day_of_era).checked_sub(719_469)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_moments_have_their_text() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_400, "2000-02-29T00:00:00.000000Z"),
            (1_795_482_123, "2026-11-24T01:02:03.000000Z"),
            (253_402_300_799, "9999-12-31T23:59:59.000000Z"),
        ] {
            assert_eq!(Timestamp::from_secs(seconds).to_string(), text);
            assert_eq!(text.parse(), Ok(Timestamp::from_secs(seconds)));
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "2026-11-24",
            "2026-11-31T00:00:00.000000Z",
            "2026-00-10T00:00:00.000000Z",
            "2026-01-00T00:00:00.000000Z",
            "2026-11-24T25:00:00.000000Z",
            "2026-11-24 01:02:03.000000Z",
            "1969-12-31T00:00:00.000000Z",
            "2026-11-24T01:02:03.00000éZ",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(ParseTimestampError), "{text}");
        }
    }

    #[test]
    fn times_of_others_are_read_with_any_fraction_and_offset() {
        for (text, same) in [
            ("2026-11-24T01:02:03.000000Z", "2026-11-24T01:02:03.000000Z"),
            ("2026-11-24T01:02:03Z", "2026-11-24T01:02:03.000000Z"),
            ("2026-11-24T01:02:03.123Z", "2026-11-24T01:02:03.123000Z"),
            ("2026-11-24T01:02:03.123456789z", "2026-11-24T01:02:03.123456Z"),
            ("2026-11-24T01:02:03+01:30", "2026-11-23T23:32:03.000000Z"),
            ("2026-11-24 01:02:03-08:00", "2026-11-24T09:02:03.000000Z"),
        ] {
            assert_eq!(parse_lenient(text).unwrap().to_string(), same);
        }
        for text in [
            "",
            "2026-11-24",
            "2026-11-24T01:02:03",
            "2026-11-24T01:02:03.Z",
            "2026-11-24T01:02:03.1234567890Z",
            "2026-11-24T01:02:03+0130",
            "2026-11-24T01:02:03+24:00",
            "2026-11-24T01:02:03Zjunk",
            "1970-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
            "2026-11-2\u{e9}T01:02:03Z",
            "+026-11-24T01:02:03Z",
        ] {
            assert!(parse_lenient(text).is_err(), "{text}");
        }
    }

    #[test]
    fn floor_cuts_to_the_minute() {
        let moment = Timestamp::from_secs(125) + Duration::from_micros(7);
        assert_eq!(moment.floor_to(Duration::from_secs(60)), Timestamp::from_secs(120));
        assert_eq!(moment.floor_to(Duration::ZERO), moment);
    }

    proptest! {
        #[test]
        fn text_round_trips_and_sorts_like_time(a in 0..253_402_300_799_999_999_u64, b in 0..253_402_300_799_999_999_u64) {
            let (a, b) = (Timestamp::from_micros(a), Timestamp::from_micros(b));
            prop_assert_eq!(a.to_string().parse(), Ok(a));
            prop_assert_eq!(a.to_string().cmp(&b.to_string()), a.cmp(&b));
        }
    }
}
