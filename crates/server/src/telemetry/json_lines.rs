//! One JSON object a line: `ts`, `level`, `msg`, what the request is known by, `target`, then the event's own fields.
//!
//! The subscriber's own JSON form names these differently and nests spans; docs/LOGS.md promises this one.

use std::fmt::{self, Debug};
use std::time::{SystemTime, UNIX_EPOCH};

use hereabouts_protocol::Timestamp;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::{LookupSpan, Scope};

/// Writes events.
pub(super) struct JsonLines;

/// Writes the fields of spans, as the middle of an object: `,"request_id":"…"`.
pub(super) struct JsonFields;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        write!(writer, "{{\"ts\":\"{}\",\"level\":\"{}\",\"msg\":", now(), metadata.level())?;
        writer.write_str(&quoted(&fields.message))?;
        for span in context.event_scope().into_iter().flat_map(Scope::from_root) {
            if let Some(formatted) = span.extensions().get::<FormattedFields<N>>() {
                writer.write_str(formatted)?;
            }
        }
        writeln!(writer, ",\"target\":{}{}}}", quoted(metadata.target()), fields.rest)
    }
}

impl<'w> FormatFields<'w> for JsonFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut collected = Fields::default();
        fields.record(&mut collected);
        writer.write_str(&collected.rest)
    }
}

/// What an event or a span says: its sentence, and the rest as the middle of an object.
#[derive(Default)]
struct Fields {
    message: String,
    rest: String,
}

impl Fields {
    fn put(&mut self, field: &Field, json: &str) {
        self.rest.extend([",", &quoted(field.name()), ":", json]);
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.put(field, &quoted(value));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, &value.to_string());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, &value.to_string());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, &value.to_string());
    }
}

/// A JSON string; what could end a line or colour a terminal is escaped.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(since.as_micros() as u64)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt;
    use tracing_subscriber::prelude::*;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn row_61_a_line_has_its_fields_in_order_and_escapes_what_breaks_lines() {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer =
            fmt::layer().event_format(JsonLines).fmt_fields(JsonFields).with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let span = tracing::info_span!("request", request_id = "a-1", user_hash = tracing::field::Empty);
            span.record("user_hash", tracing::field::display("0f"));
            span.in_scope(
                || tracing::warn!(n = 3, ok = true, name = %"\u{1b}[31m\r\n\"x", "it \"happened\""),
            );
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let (before, after) = text.split_once("\"level\"").unwrap();
        assert!(before.starts_with("{\"ts\":\"20") && before.ends_with("Z\","), "{text}");
        let module = module_path!();
        assert_eq!(
            after,
            format!(
                ":\"WARN\",\"msg\":\"it \\\"happened\\\"\",\"request_id\":\"a-1\" ,\"user_hash\":\"0f\",\
                 \"target\":\"{module}\",\"n\":3,\"ok\":true,\"name\":\"\\u001b[31m\\r\\n\\\"x\"}}\n"
            )
        );
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }
}
