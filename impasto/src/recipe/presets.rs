//! The recipes built into the program.

/// Name and text of every file of `presets/`, in alphabetical order.
const PRESETS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// The TOML text of a preset, comments included; none if there is no preset of that name.
pub fn preset_text(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Names of the presets, in alphabetical order.
pub fn preset_names() -> Vec<String> {
    PRESETS.iter().map(|(name, _)| (*name).into()).collect()
}
