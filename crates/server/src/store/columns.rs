//! Columns that each database has its own type for: ids, times and JSON. Text in SQLite, `uuid`, `timestamptz` and `jsonb`
//! in Postgres, so that a host app's own queries find what they expect.

use std::time::Duration;

use hereabouts_protocol::{ActivityId, RequestId, SessionId, Timestamp, UserId};
use sqlx::{
    Database, Decode, Encode, Postgres, Sqlite, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo, types::Oid},
};
use uuid::Uuid;

use crate::auth::Sid;

/// An id of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(pub(super) Uuid);

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At(pub(super) Timestamp);

/// Plain data as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Json(pub(super) String);

impl From<UserId> for Key {
    fn from(id: UserId) -> Self {
        Self(id.0)
    }
}

impl From<RequestId> for Key {
    fn from(id: RequestId) -> Self {
        Self(id.0)
    }
}

impl From<ActivityId> for Key {
    fn from(id: ActivityId) -> Self {
        Self(id.0)
    }
}

impl From<SessionId> for Key {
    fn from(id: SessionId) -> Self {
        Self(id.0)
    }
}

impl From<Sid> for Key {
    fn from(sid: Sid) -> Self {
        Self(sid.0)
    }
}

impl From<Uuid> for Key {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

/// A column that is text in SQLite.
macro_rules! text_in_sqlite {
    ($column:ident: $column_pattern:pat => $written:expr, $text:ident => $read:expr) => {
        impl Type<Sqlite> for $column {
            fn type_info() -> <Sqlite as Database>::TypeInfo {
                <String as Type<Sqlite>>::type_info()
            }

            fn compatible(info: &<Sqlite as Database>::TypeInfo) -> bool {
                <String as Type<Sqlite>>::compatible(info)
            }
        }

        impl<'q> Encode<'q, Sqlite> for $column {
            fn encode_by_ref(
                &self,
                buffer: &mut <Sqlite as Database>::ArgumentBuffer,
            ) -> Result<IsNull, BoxDynError> {
                let $column_pattern = self;
                <String as Encode<'q, Sqlite>>::encode($written, buffer)
            }
        }

        impl<'r> Decode<'r, Sqlite> for $column {
            fn decode(value: <Sqlite as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
                let $text = <&str as Decode<'r, Sqlite>>::decode(value)?;
                $read
            }
        }
    };
}

text_in_sqlite!(Key: Self(id) => id.to_string(), text => Ok(Self(text.parse()?)));
text_in_sqlite!(At: Self(at) => at.to_string(), text => {
    text.parse().map(Self).map_err(|_| "this is not a time".into())
});
text_in_sqlite!(Json: Self(json) => json.clone(), text => Ok(Self(text.to_owned())));

/// A column of a type that Postgres has built in, by the number that its catalog `pg_type` gives it.
macro_rules! builtin_in_postgres {
    ($column:ident: $oid:literal, $column_pattern:pat => $bytes:expr, $read_bytes:ident => $read:expr) => {
        impl Type<Postgres> for $column {
            fn type_info() -> PgTypeInfo {
                PgTypeInfo::with_oid(Oid($oid))
            }
        }

        impl<'q> Encode<'q, Postgres> for $column {
            fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                let $column_pattern = self;
                buffer.extend_from_slice(&$bytes);
                Ok(IsNull::No)
            }
        }

        impl<'r> Decode<'r, Postgres> for $column {
            fn decode(value: <Postgres as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
                let $read_bytes = value.as_bytes()?;
                $read
            }
        }
    };
}

/// Where Postgres begins to count: 2000-01-01.
const POSTGRES_EPOCH: Timestamp = Timestamp::from_secs(946_684_800);
/// The form of `jsonb` on the wire: this byte, then the text.
const JSONB_VERSION: u8 = 1;

builtin_in_postgres!(Key: 2950, Self(id) => *id.as_bytes(), bytes => Ok(Self(Uuid::from_slice(bytes)?)));
builtin_in_postgres!(At: 1184, Self(at) => to_postgres(*at).to_be_bytes(), bytes => {
    let micros = i64::from_be_bytes(bytes.try_into()?);
    let since_epoch = u64::try_from(micros).map_err(|_| "a time before the year 2000")?;
    Ok(Self(POSTGRES_EPOCH + Duration::from_micros(since_epoch)))
});
builtin_in_postgres!(Json: 3802, Self(json) => [&[JSONB_VERSION], json.as_bytes()].concat(), bytes => {
    let text = bytes.strip_prefix(&[JSONB_VERSION]).ok_or("an unknown form of jsonb")?;
    Ok(Self(std::str::from_utf8(text)?.to_owned()))
});

/// Microseconds since Postgres' epoch; earlier times are taken for it.
fn to_postgres(at: Timestamp) -> i64 {
    at.saturating_since(POSTGRES_EPOCH).as_micros() as i64
}
