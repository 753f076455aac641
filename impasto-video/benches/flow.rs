//! Motion between two frames of 640×360, one way and both ways with the check of what is reliable.
#![allow(missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use impasto_image::{Limits, Picture, Rectangle, open, resize};
use impasto_video::{Frame, flow};
use std::path::Path;

/// Two parts of one photograph, the second to the right of and below the first.
fn frames() -> [Picture; 2] {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/photo.jpg");
    let photo = open(&path, &Limits::default()).expect("a photograph").picture;
    let photo = resize(&photo, 660, 660).expect("a size");
    [(0, 0), (12, 7)].map(|(left, top)| {
        photo.cropped(Rectangle { left, top, width: 640, height: 360 }).expect("a part of it")
    })
}

fn bench(c: &mut Criterion) {
    let [first, second] = frames();
    let mut group = c.benchmark_group("flow 640×360");
    group.sample_size(20);
    group.bench_function("one way", |b| {
        b.iter(|| flow(&Frame::new(&first), &Frame::new(&second)).expect("frames of one size"));
    });
    group.bench_function("both ways", |b| {
        b.iter(|| {
            let (first, second) = (Frame::new(&first), Frame::new(&second));
            let forth = flow(&first, &second).expect("frames of one size");
            forth.unreliable(&flow(&second, &first).expect("frames of one size"))
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
