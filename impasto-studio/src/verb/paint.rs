//! `paint`: a photograph in the manner of paintings, by optimisation.

use super::range::within;
use super::{Desk, Input, Keeps, Refused, Verb, words};
use crate::job::Lane;
use crate::store::key;
use serde::Deserialize;

/// Evaluations of the default recipe.
const ITERATIONS: u32 = 300;

/// Pictures on the way that a painting is shown by.
const SNAPSHOTS: u32 = 12;

/// Largest size and most iterations of a preview.
const PREVIEW: (u32, u32) = (256, 100);

/// Settings of `paint`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    photo: Option<String>,
    #[serde(default)]
    styles: Vec<Style>,
    from: Option<String>,
    size: Option<u32>,
    iterations: Option<u32>,
    strength: Option<f64>,
    content_weight: Option<f64>,
    style_weight: Option<f64>,
    style_scale: Option<f64>,
    style_layers: Option<Vec<String>>,
    mute: Option<Vec<String>>,
    solo: Option<Vec<String>>,
    color: Option<String>,
    recipe: Option<String>,
    seed: Option<u64>,
    #[serde(default)]
    preview: bool,
}

/// A painting and its share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Style {
    style: String,
    share: Option<f64>,
}

impl Verb for Settings {
    fn pictures(&self) -> Vec<&str> {
        let palette = self.color.as_deref().and_then(|color| color.strip_prefix("palette:"));
        let styles = self.styles.iter().map(|style| style.style.as_str());
        self.photo.as_deref().into_iter().chain(styles).chain(palette).collect()
    }

    fn from(&self) -> Option<&str> {
        self.from.as_deref()
    }

    fn line(&self, desk: &mut Desk<'_>) -> Result<(), Refused> {
        let every = match self.from {
            Some(_) => self.branch(desk)?,
            None => self.begin(desk)?,
        };
        self.weights(desk)?;
        let every = every.to_string();
        let on_the_way = ["--save-every", &every, "--state", "result.state"];
        desk.extra(&on_the_way);
        let go_on = ["paint", "--resume", "resume.state", "-o", "result.png"].into_iter().chain(on_the_way);
        desk.keeps(Keeps::State(go_on.map(str::to_owned).collect()));
        Ok(())
    }
}

impl Settings {
    /// A painting from the beginning; evaluations from one snapshot to the next.
    fn begin(&self, desk: &mut Desk<'_>) -> Result<u32, Refused> {
        let Some(photo) = &self.photo else {
            return Err(Refused::new("photo is missing").hint("name a picture by its id"));
        };
        if self.styles.is_empty() || self.styles.len() > 8 {
            let refused = Refused::new(format_args!("{} styles", self.styles.len()));
            return Err(refused.hint("name 1 to 8 pictures in styles"));
        }
        let photo = desk.picture("photo", photo, self.preview)?;
        desk.words(&["paint", &photo]);
        for style in &self.styles {
            let name = desk.picture("styles", &style.style, false)?;
            let share = within("share", style.share, 1e-6..=1e6)?;
            let share = share.map_or(String::new(), |share| format!(":{share}"));
            desk.flag("--style", Some(name + &share));
        }
        desk.words(&["-o", "result.png"]);
        let (size, iterations) = self.extent()?;
        desk.size(size, false)?;
        desk.iterations(iterations)?;
        desk.flag("--recipe", self.recipe.as_deref().map(|name| words::name("recipe", name)).transpose()?);
        desk.flag("--seed", self.seed);
        desk.color(self.color.as_deref())?;
        let quick = size.unwrap_or(512) <= PREVIEW.0 && iterations.unwrap_or(ITERATIONS) <= PREVIEW.1;
        desk.lane(if quick { Lane::Quick } else { Lane::Long });
        Ok(iterations.unwrap_or(ITERATIONS).div_ceil(SNAPSHOTS))
    }

    /// A painting from another's state.
    fn branch(&self, desk: &mut Desk<'_>) -> Result<u32, Refused> {
        let others = [
            ("photo", self.photo.is_some()),
            ("styles", !self.styles.is_empty()),
            ("color", self.color.is_some()),
            ("recipe", self.recipe.is_some()),
            ("seed", self.seed.is_some()),
            ("preview", self.preview),
        ];
        if let Some((name, _)) = others.into_iter().find(|(_, given)| *given) {
            let refused = Refused::new(format_args!("{name} cannot be changed on the way"));
            return Err(refused.hint("leave it out, or begin a new painting without from"));
        }
        let missing = || {
            let from = self.from.as_deref().unwrap_or_default();
            let refused = Refused::new(format_args!("from: the job {from:?} has no state"));
            refused.hint("name a painting that was paused, stopped or finished")
        };
        let from = desk.from().filter(|job| job.verb == "paint").ok_or_else(missing)?;
        let state = from.file("state").ok_or_else(missing)?;
        from.line.inputs.iter().filter(|input| input.name != "from.state").for_each(|input| {
            desk.input(input.clone());
        });
        desk.input(Input { key: key::file(&from.id, &state.name), name: "from.state".into() });
        desk.words(&["paint", "--resume", "from.state", "-o", "result.png"]);
        desk.size(self.size, false)?;
        desk.iterations(self.iterations)?;
        desk.lane(from.line.lane);
        Ok(self.iterations.unwrap_or(ITERATIONS).div_ceil(SNAPSHOTS))
    }

    /// Size and iterations, which a preview bounds.
    fn extent(&self) -> Result<(Option<u32>, Option<u32>), Refused> {
        if !self.preview {
            return Ok((self.size, self.iterations));
        }
        let size = within("size", Some(self.size.unwrap_or(PREVIEW.0)), 16..=PREVIEW.0)?;
        let iterations = within("iterations", Some(self.iterations.unwrap_or(PREVIEW.1)), 1..=PREVIEW.1)?;
        Ok((size, iterations))
    }

    /// What may be changed at any time.
    fn weights(&self, desk: &mut Desk<'_>) -> Result<(), Refused> {
        if self.strength.is_some() && self.content_weight.is_some() {
            return Err(Refused::new("strength and content_weight exclude each other").hint("give one"));
        }
        let weight = |name, value| within(name, value, 0.0..=1e9);
        desk.flag("--strength", within("strength", self.strength, 0.001..=1.0)?);
        desk.flag("--content-weight", weight("content_weight", self.content_weight)?);
        desk.flag("--style-weight", weight("style_weight", self.style_weight)?);
        desk.flag("--style-scale", within("style_scale", self.style_scale, 0.05..=4.0)?);
        for (flag, setting, names) in [
            ("--style-layers", "style_layers", &self.style_layers),
            ("--mute", "mute", &self.mute),
            ("--solo", "solo", &self.solo),
        ] {
            let Some(names) = names else { continue };
            // On the way, an empty list takes back what was muted before.
            let none = self.from.is_some() && flag != "--style-layers";
            let none = none.then(|| "none".to_owned());
            desk.flag(flag, words::layers(setting, names)?.or(none));
        }
        Ok(())
    }
}
