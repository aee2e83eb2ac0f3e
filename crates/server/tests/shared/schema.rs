//! Whether a value is what a schema of our documents allows: the words of JSON Schema that they use. A word that is not
//! known here is an error, so that nothing is promised that nobody checks.

use serde_json::Value;

/// Says what does not fit.
pub(crate) fn fits(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    for (word, wanted) in schema.as_object().ok_or_else(|| format!("no schema: {schema}"))? {
        check(document, word, wanted, schema, value)?;
    }
    Ok(())
}

fn check(document: &Value, word: &str, wanted: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let number = || wanted.as_f64().unwrap_or(f64::NAN);
    let is_right = match word {
        "$ref" => {
            let path = wanted.as_str().and_then(|path| path.strip_prefix('#')).unwrap_or_default();
            return fits(document, document.pointer(path).ok_or("a dead reference")?, value);
        }
        "type" => match wanted {
            Value::Array(types) => types.iter().any(|name| is_of_type(name, value)),
            name => is_of_type(name, value),
        },
        "const" => wanted == value,
        "enum" => wanted.as_array().is_some_and(|words| words.contains(value)),
        "required" => {
            let mut names = wanted.as_array().into_iter().flatten().filter_map(Value::as_str);
            return match names.find(|name| value.get(name).is_none()) {
                Some(missing) => Err(format!("{missing} is missing: {value}")),
                None => Ok(()),
            };
        }
        "properties" => {
            let members = value.as_object().into_iter().flatten();
            let mut known = members.filter_map(|(name, member)| Some((name, wanted.get(name)?, member)));
            return known.try_for_each(|(name, schema, member)| within(name, fits(document, schema, member)));
        }
        "additionalProperties" if *wanted == false => {
            let mut names = value.as_object().into_iter().flat_map(|members| members.keys());
            return match names.find(|name| schema["properties"].get(name).is_none()) {
                Some(name) => Err(format!("{name} is not promised: {value}")),
                None => Ok(()),
            };
        }
        "additionalProperties" if *wanted == true => true,
        "additionalProperties" => {
            let members = value.as_object().into_iter().flatten();
            let mut others = members.filter(|(name, _)| schema["properties"].get(name).is_none());
            return others.try_for_each(|(name, member)| within(name, fits(document, wanted, member)));
        }
        "items" => {
            let mut items = value.as_array().into_iter().flatten();
            return items.try_for_each(|item| within("an item", fits(document, wanted, item)));
        }
        "anyOf" | "oneOf" => wanted
            .as_array()
            .is_some_and(|all| all.iter().any(|schema| fits(document, schema, value).is_ok())),
        "allOf" => {
            return wanted
                .as_array()
                .into_iter()
                .flatten()
                .try_for_each(|schema| fits(document, schema, value));
        }
        "minimum" => value.as_f64().is_none_or(|value| value >= number()),
        "maximum" => value.as_f64().is_none_or(|value| value <= number()),
        "minItems" => value.as_array().is_none_or(|items| items.len() as f64 >= number()),
        "maxItems" => value.as_array().is_none_or(|items| items.len() as f64 <= number()),
        "minLength" => value.as_str().is_none_or(|text| text.chars().count() as f64 >= number()),
        "maxLength" => value.as_str().is_none_or(|text| text.chars().count() as f64 <= number()),
        "format" => value.as_str().is_none_or(|text| has_format(wanted, text)),
        "description" | "title" | "examples" | "example" | "default" | "deprecated" | "writeOnly"
        | "readOnly" | "pattern" => true,
        unknown => return Err(format!("the word {unknown} is not checked")),
    };
    if is_right { Ok(()) } else { Err(format!("{value} against {word}: {wanted}")) }
}

fn within(name: &str, outcome: Result<(), String>) -> Result<(), String> {
    outcome.map_err(|why| format!("{name}: {why}"))
}

fn is_of_type(name: &Value, value: &Value) -> bool {
    match name.as_str() {
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("number") => value.is_number(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        Some("null") => value.is_null(),
        _ => false,
    }
}

/// Times have one width here: `2026-11-24T01:02:03.000000Z`.
fn has_format(format: &Value, text: &str) -> bool {
    let looks_like = |form: &str| {
        let is_alike = |(wanted, given): (char, char)| match wanted {
            '0' => given.is_ascii_digit(),
            'x' => given.is_ascii_digit() || ('a'..='f').contains(&given),
            _ => wanted == given,
        };
        form.len() == text.len() && form.chars().zip(text.chars()).all(is_alike)
    };
    match format.as_str() {
        Some("uuid") => looks_like("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"),
        Some("date-time") => looks_like("0000-00-00T00:00:00.000000Z"),
        _ => true,
    }
}
