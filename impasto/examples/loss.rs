//! Prints the weighted terms of a picture's loss under a recipe, nothing resampled:
//! `cargo run --release -p impasto --example loss -- image.png photo.png painting.png [recipe]`.

use impasto::{Network, Recipe, Region, Request, measure};
use impasto_image::{Limits, open};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [image, content, style, rest @ ..] = arguments.as_slice() else {
        return Err("usage: loss IMAGE CONTENT STYLE [RECIPE]".into());
    };
    let read = |path: &String| open(path, &Limits::default()).map(|opened| opened.picture);
    let (image, content, style) = (read(image)?, read(content)?, read(style)?);
    let recipe = Recipe::named(rest.first().map_or("default", String::as_str))?;
    let network = Network::default();
    let request = Request {
        content: Some(&content),
        regions: Region::everywhere(&style),
        ..Request::new(&recipe, &network)
    };
    let loss = measure::loss(&image, &request)?;
    for term in &loss.evaluation.terms {
        println!("{:16} {:.6e}", term.name, term.value);
    }
    println!("{:16} {:.6e}", "total", loss.evaluation.total);
    Ok(())
}
