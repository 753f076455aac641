//! A trained network on a photograph: painted in bands it looks as painted whole.

use impasto_image::{Limits, open, resize};
use impasto_net::{Generator, Plan, Purpose, stream::stream};
use std::path::Path;

#[test]
fn a_style_in_bands_is_the_style() {
    let generator = Generator::built_in("styles").expect("the built-in styles");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/photo.jpg");
    let photo = open(&path, &Limits::default()).expect("a photograph").picture;
    let photo = resize(&photo, 640, 480).expect("a size");
    for style in 0..generator.styles().len() {
        let model = generator.model(&generator.alone(style)).expect("a model");
        let mut plan = Plan::of_last(&model, 480, 640, Purpose::Forward).expect("a plan");
        plan.forward(photo.rgb());
        let whole = plan.tap(0).data;
        let mut banded = Vec::with_capacity(whole.len());
        stream(&model, (480, 640), photo.rgb(), 32, &mut |_, rows| banded.extend_from_slice(rows))
            .expect("bands");
        assert_eq!(banded.len(), whole.len());
        let largest = banded.iter().zip(whole).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        println!("{}: {largest:.1e}", generator.styles()[style]);
        // Less than a shade of 8 bits, of which half a shade is rounding.
        assert!(largest < 0.5 / 255.0, "{}: {largest}", generator.styles()[style]);
    }
}
