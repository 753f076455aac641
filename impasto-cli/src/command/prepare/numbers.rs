//! What changed for the network, and in the colours.

use super::work::Done;
use impasto::Network;
use impasto::compare::{Change, LayerChange, Side, compare};
use impasto::paint::Erasure;
use impasto_image::Picture;
use impasto_image::color::Palette;
use serde_json::{Value, json};
use std::fmt::Write;

/// Long side in pixels at which pictures are measured; smaller ones are as they are.
const SIZE: usize = 512;

/// Planes told of each layer.
const PLANES: usize = 10;

/// Colours that stand for a picture's.
const SWATCHES: usize = 8;

/// Before and after in numbers.
pub struct Numbers {
    layers: Vec<LayerChange>,
    erased: Vec<ErasedNumbers>,
    /// Colours, with their shares, before and after.
    swatches: [Vec<(String, f64)>; 2],
}

/// How near a picture is to one of which something does not count.
struct ErasedNumbers {
    mask: String,
    /// With the thing in it.
    with: Vec<LayerChange>,
    /// Without.
    without: Vec<LayerChange>,
}

impl Numbers {
    /// Measures.
    pub fn new(before: &Picture, done: &Done, network: &Network) -> anyhow::Result<Numbers> {
        let recipe = Erasure::recipe();
        let layers: Vec<String> =
            recipe.objective().style_layers().iter().map(|layer| layer.name.clone()).collect();
        let change = |before: Side<'_>, after: Side<'_>| {
            let long = before.picture.width().max(before.picture.height());
            let size = long.max(after.picture.width()).max(after.picture.height()).min(SIZE);
            compare(before, after, &layers, network, recipe.variant(), size)
        };
        let all = |picture| Side { picture, mask: None };
        let erased = done.erased.iter().map(|erased| -> anyhow::Result<ErasedNumbers> {
            let background = Side { picture: &erased.before, mask: Some(&erased.background) };
            Ok(ErasedNumbers {
                mask: erased.mask.display().to_string(),
                with: change(background, all(&erased.before))?,
                without: change(background, all(&erased.after))?,
            })
        });
        Ok(Numbers {
            layers: change(all(before), all(&done.picture))?,
            erased: erased.collect::<Result<_, _>>()?,
            swatches: [swatches(before), swatches(&done.picture)],
        })
    }

    /// The numbers as text.
    pub fn table(&self) -> String {
        let mut text = String::from(
            "layer     gram: cosine  change   covariance: cosine  change   means: cosine  change\n",
        );
        // Writing to a String cannot fail.
        for layer in &self.layers {
            let [g, c, m] = [layer.gram, layer.covariance, layer.means];
            let _ = writeln!(
                text,
                "{:8}  {:12.4}  {:6.3}   {:18.4}  {:6.3}   {:13.4}  {:6.3}",
                layer.layer, g.cosine, g.distance, c.cosine, c.distance, m.cosine, m.distance
            );
        }
        for erased in &self.erased {
            let _ = writeln!(
                text,
                "\ncosine with all but what {} covers\nlayer     gram: before   after   covariance: before   after",
                erased.mask
            );
            for (with, without) in erased.with.iter().zip(&erased.without) {
                let _ = writeln!(
                    text,
                    "{:8}  {:12.4}  {:6.4}   {:18.4}  {:6.4}",
                    with.layer,
                    with.gram.cosine,
                    without.gram.cosine,
                    with.covariance.cosine,
                    without.covariance.cosine
                );
            }
        }
        text.push_str("\nplanes whose means changed most\n");
        for layer in &self.layers {
            let planes = layer.largest(PLANES);
            let planes = planes.iter().map(|p| format!("{} ({:.3} → {:.3})", p.plane, p.before, p.after));
            let _ = writeln!(text, "{:8}  {}", layer.layer, planes.collect::<Vec<_>>().join(", "));
        }
        for (when, swatches) in ["before", "after"].into_iter().zip(&self.swatches) {
            let colors = swatches.iter().map(|(color, share)| format!("{color} {:.0} %", 100.0 * share));
            let _ = writeln!(text, "\ncolours {when}\n{}", colors.collect::<Vec<_>>().join("  "));
        }
        text
    }

    /// The numbers as a JSON object.
    pub fn to_json(&self) -> Value {
        let layer = |layer: &LayerChange| {
            json!({
                "layer": layer.layer,
                "gram": layer.gram,
                "covariance": layer.covariance,
                "means": layer.means,
                "planes": layer.largest(PLANES),
            })
        };
        let cosines = |layers: &[LayerChange], of: fn(&LayerChange) -> Change| -> Vec<f64> {
            layers.iter().map(|layer| of(layer).cosine).collect()
        };
        let erased = self.erased.iter().map(|erased| {
            let both = |of: fn(&LayerChange) -> Change| {
                json!({ "before": cosines(&erased.with, of), "after": cosines(&erased.without, of) })
            };
            json!({ "mask": erased.mask, "gram": both(|l| l.gram), "covariance": both(|l| l.covariance) })
        });
        let colors = |swatches: &[(String, f64)]| -> Vec<Value> {
            swatches.iter().map(|(color, share)| json!({ "color": color, "share": share })).collect()
        };
        json!({
            "layers": self.layers.iter().map(layer).collect::<Vec<_>>(),
            "erased": erased.collect::<Vec<_>>(),
            "colors": { "before": colors(&self.swatches[0]), "after": colors(&self.swatches[1]) },
        })
    }
}

/// Colours that stand for a picture's, with their shares; none if it is transparent throughout.
fn swatches(picture: &Picture) -> Vec<(String, f64)> {
    let Ok(palette) = Palette::reduced(picture, SWATCHES) else { return Vec::new() };
    let shares = palette.fit(picture).map_or(Vec::new(), |fit| fit.shares);
    palette.to_string().split(',').map(str::to_owned).zip(shares).collect()
}
