//! Paints a photograph in the manner of a painting through the library:
//! `cargo run --release -p impasto --example paint -- photo.jpg painting.jpg out.png 384 [recipe]`.

use impasto::{Coloring, Network, Recipe, Request, Size, StyleSize, paint};
use impasto_image::{Limits, SaveOptions, open, save};
use std::{error::Error, ops::ControlFlow};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [content, style, output, size, rest @ ..] = arguments.as_slice() else {
        return Err("usage: paint CONTENT STYLE OUTPUT SIZE [RECIPE]".into());
    };
    let content = open(content, &Limits::default())?.picture;
    let style = open(style, &Limits::default())?.picture;
    let recipe = Recipe::named(rest.first().map_or("default", String::as_str))?;
    println!("{}", recipe.objective().describe());
    let request = Request {
        content: Some(&content),
        style: Some(&style),
        start: None,
        recipe: &recipe,
        network: &Network::default(),
        size: Size::LongSide(size.parse()?),
        style_size: StyleSize::default(),
        seed: 0,
        color: &Coloring::STYLE,
    };
    let painting = paint(&request, &mut |progress| {
        if progress.evaluation % 25 == 0 {
            let (width, height) = (progress.width, progress.height);
            println!(
                "{:4} {width}×{height} {:.4e} {:6.1} s",
                progress.evaluation, progress.best, progress.seconds
            );
        }
        ControlFlow::Continue(())
    })?;
    for term in &painting.evaluation.terms {
        println!("{:16} {:.4e}", term.name, term.value);
    }
    println!("{} evaluations in {:.1} s", painting.evaluations, painting.seconds);
    save(output, &painting.picture, &SaveOptions { overwrite: true, ..SaveOptions::default() })?;
    Ok(())
}
