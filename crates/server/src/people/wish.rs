//! What a wish about mode and custom status comes to, with the usual ends filled in.

use axum::http::StatusCode;
use hereabouts_protocol::{SetStatus, Timestamp};

use crate::{
    http::ApiError,
    store::{CustomChange, ModeChange},
};

/// What a wish comes to.
pub(super) fn understand(wish: &SetStatus, now: Timestamp) -> Result<(ModeChange, CustomChange), ApiError> {
    let refuse = |detail: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, detail);
    let mode = match (wish.mode, wish.until) {
        (None, None) => ModeChange::Keep,
        (None, Some(_)) => return Err(refuse("until says when a mode ends: give the mode too.".into())),
        (Some(_), Some(Some(until))) if until <= now => {
            return Err(refuse("The end of the mode must lie in the future.".into()));
        }
        (Some(mode), Some(Some(until))) => ModeChange::Override(mode, until),
        (Some(mode), Some(None)) => ModeChange::Base(mode),
        (Some(mode), None) => match mode.default_duration() {
            Some(duration) => ModeChange::Override(mode, now + duration),
            None => ModeChange::Base(mode),
        },
    };
    let custom = match &wish.custom {
        None => CustomChange::Keep,
        Some(None) => CustomChange::Set(None),
        Some(Some(custom)) => {
            CustomChange::Set(Some(custom.check(now).map_err(|fault| refuse(fault.to_string()))?))
        }
    };
    Ok((mode, custom))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hereabouts_protocol::Mode;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_795_478_400);

    #[test]
    fn a_mode_without_an_end_gets_the_usual_one() {
        let hour = NOW + Duration::from_secs(3600);
        let day = NOW + Duration::from_secs(86_400);
        for (mode, until, change) in [
            (Mode::Dnd, None, ModeChange::Override(Mode::Dnd, day)),
            (Mode::Away, None, ModeChange::Override(Mode::Away, NOW + Duration::from_secs(7 * 86_400))),
            (Mode::Invisible, None, ModeChange::Base(Mode::Invisible)),
            (Mode::Auto, None, ModeChange::Base(Mode::Auto)),
            (Mode::Dnd, Some(None), ModeChange::Base(Mode::Dnd)),
            (Mode::Invisible, Some(Some(hour)), ModeChange::Override(Mode::Invisible, hour)),
        ] {
            let wish = SetStatus { mode: Some(mode), until, custom: None };
            assert_eq!(understand(&wish, NOW).unwrap(), (change, CustomChange::Keep), "{mode:?} {until:?}");
        }
        for wish in [
            SetStatus { mode: Some(Mode::Dnd), until: Some(Some(NOW)), custom: None },
            SetStatus { mode: None, until: Some(None), custom: None },
        ] {
            assert!(understand(&wish, NOW).is_err());
        }
        assert_eq!(understand(&SetStatus::default(), NOW).unwrap(), (ModeChange::Keep, CustomChange::Keep));
    }
}
