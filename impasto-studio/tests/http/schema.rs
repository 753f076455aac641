//! As much of JSON Schema as the interface's description uses; what it does not know, it refuses.

use serde_json::{Map, Value};

/// Words that only explain.
const REMARKS: [&str; 4] = ["description", "format", "pattern", "default"];

/// A document with schemas.
pub struct Schemas<'a>(pub &'a Value);

impl Schemas<'_> {
    /// Adds to `wrong` what of `value`, called `at`, is not as `schema` says.
    pub fn check(&self, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
        let words = schema.as_object().unwrap_or_else(|| panic!("{at}: no schema: {schema}"));
        let mut refuse = |fits: bool, word: &str| {
            if !fits {
                wrong.push(format!("{at}: {value} is not {word} {}", words[word]));
            }
        };
        for (word, said) in words {
            match word.as_str() {
                "type" => refuse(names(said).any(|name| is(value, name)), word),
                "enum" => refuse(list(said).contains(value), word),
                "const" => refuse(value == said, word),
                "minimum" => refuse(value.as_f64() >= said.as_f64() || !value.is_number(), word),
                "maximum" => refuse(value.as_f64() <= said.as_f64() || !value.is_number(), word),
                "exclusiveMinimum" => refuse(value.as_f64() > said.as_f64() || !value.is_number(), word),
                "minItems" => {
                    refuse(value.as_array().is_none_or(|all| Some(all.len() as u64) >= said.as_u64()), word)
                }
                "maxItems" => {
                    refuse(value.as_array().is_none_or(|all| Some(all.len() as u64) <= said.as_u64()), word)
                }
                "anyOf" => refuse(self.fitting(said, value) > 0, word),
                "oneOf" => refuse(self.fitting(said, value) == 1, word),
                "required" => {
                    let has = |name: &str| value.as_object().is_none_or(|object| object.contains_key(name));
                    refuse(names(said).all(has), word);
                }
                "additionalProperties" => {
                    assert_eq!(said, &Value::Bool(false), "{at}: only false is known");
                    let none = Map::new();
                    let known = words["properties"].as_object().unwrap_or(&none);
                    refuse(
                        value
                            .as_object()
                            .is_none_or(|object| object.keys().all(|name| known.contains_key(name))),
                        word,
                    );
                }
                "$ref" | "properties" | "items" => {}
                remark => assert!(REMARKS.contains(&remark), "{at}: {remark} is not known"),
            }
        }
        if let Some(path) = words.get("$ref").and_then(Value::as_str) {
            let pointer = path.trim_start_matches('#');
            let there = self.0.pointer(pointer).unwrap_or_else(|| panic!("{at}: there is no {path}"));
            self.check(there, value, at, wrong);
        }
        for (name, schema) in words.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if let Some(value) = value.get(name) {
                self.check(schema, value, &format!("{at}/{name}"), wrong);
            }
        }
        if let (Some(schema), Some(all)) = (words.get("items"), value.as_array()) {
            for (number, value) in all.iter().enumerate() {
                self.check(schema, value, &format!("{at}/{number}"), wrong);
            }
        }
    }

    /// How many of several schemas fit.
    fn fitting(&self, schemas: &Value, value: &Value) -> usize {
        let fits = |schema: &&Value| {
            let mut wrong = Vec::new();
            self.check(schema, value, "", &mut wrong);
            wrong.is_empty()
        };
        list(schemas).iter().filter(fits).count()
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// One name, or several.
fn names(value: &Value) -> impl Iterator<Item = &str> {
    value.as_str().into_iter().chain(list(value).iter().filter_map(Value::as_str))
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    }
}
