//! Generators from and to ONNX files.

use crate::expected::interleaved;
use impasto_net::{
    Model, NetError, Plan, Purpose,
    network::{Convolution, InputConvention, Network, Op, Padding, Pool, Pooling, transform},
    onnx::{Options, StyleInput, export, exported, import, style_input},
    weights::{self, Array, Weights},
};
use proptest::prelude::*;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/onnx").join(name)
}

fn paint(model: &Arc<Model>, output: &str, (height, width): (usize, usize), rgb: &[f32]) -> Vec<f32> {
    let mut plan = Plan::new(model, height, width, &[output.to_owned()], Purpose::Forward).unwrap();
    plan.forward(rgb);
    plan.tap(0).data.to_vec()
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).fold(0.0, |largest, (a, b)| largest.max((a - b).abs()))
}

fn noise(len: usize) -> Vec<f32> {
    (0..len).map(|i| ((i * 7919 + i * i % 97) % 256) as f32 / 255.0).collect()
}

/// What ONNX Runtime computes of the files that `onnx_make.py` makes.
#[test]
fn imported_graphs_paint_as_onnx_runtime_does() {
    let style = [0.25, 0.0, 0.75];
    let files = [("johnson", 255.0, None), ("styles", 1.0, Some(&style[..])), ("transposed", 1.0, None)];
    for (name, white, style) in files {
        let file = weights::open(&data(&format!("{name}.safetensors"))).unwrap();
        let options = Options { white, output_white: white, style };
        let imported = import(&data(&format!("{name}.onnx")), options).unwrap();
        let model = Model::new(imported.network, imported.weights, None).unwrap();
        let input = file.get("input").unwrap();
        let size = (input.shape[1], input.shape[2]);
        let painted = paint(&model, &imported.output, size, &interleaved(input));
        let error = largest_difference(&painted, &interleaved(file.get("output").unwrap()));
        println!("{name}: {error:.1e}");
        assert!(error < 2e-6, "{name}: {error:.1e}; {:#?}", model.network().layers);
    }
}

/// Borders and scales have gone into the convolutions, written-out norms are norms: nothing is left that costs time.
#[test]
fn imported_graphs_have_no_needless_layers() {
    let network = import(&data("johnson.onnx"), Options::default()).unwrap().network;
    let count = |is: fn(&Op) -> bool| network.layers.iter().filter(|layer| is(&layer.op)).count();
    assert_eq!(count(|op| matches!(op, Op::Convolution(_))), 5);
    // One is the graph's own.
    assert_eq!(count(|op| matches!(op, Op::Depthwise(_))), 1);
    assert_eq!(count(|op| matches!(op, Op::InstanceNorm { .. })), 2);
    assert_eq!(network.layers.last().unwrap().op, Op::Squash { low: -22.5, high: 277.5 });
}

#[test]
fn networks_of_several_styles_ask_which() {
    let path = data("styles.onnx");
    let input = StyleInput { name: "weights".into(), len: 3 };
    assert_eq!(style_input(&path).unwrap(), Some(input));
    assert_eq!(style_input(&data("johnson.onnx")).unwrap(), None);
    for style in [None, Some(&[1.0, 0.0][..]), Some(&[f32::NAN; 3])] {
        let error = import(&path, Options { style, ..Options::default() }).err();
        let Some(NetError::Onnx { reason, .. }) = error else { panic!("{error:?}") };
        assert!(reason.contains("weights takes 3 numbers"), "{reason}");
    }
}

/// Noise for all parameters of `network`.
fn filled(network: Network) -> Arc<Model> {
    let channels = network.channels();
    let mut arrays = BTreeMap::new();
    for layer in &network.layers {
        let name = &layer.parameters;
        let (planes, shape) = match layer.op {
            Op::Convolution(conv) => {
                (conv.outputs, vec![conv.outputs, channels[layer.inputs[0]], conv.kernel, conv.kernel])
            }
            Op::Depthwise(conv) => (conv.outputs, vec![conv.outputs, 1, conv.kernel, conv.kernel]),
            Op::InstanceNorm { .. } => (channels[layer.inputs[0]], vec![channels[layer.inputs[0]]]),
            _ => continue,
        };
        let scale = 1.0 / (shape[1..].iter().product::<usize>() as f32).sqrt();
        let values = noise(shape.iter().product());
        let data = values.iter().map(|v| (2.0 * v - 1.0) * scale).collect();
        arrays.insert(format!("{name}.weight"), Array { shape, data });
        arrays.insert(format!("{name}.bias"), Array { shape: vec![planes], data: noise(planes) });
    }
    Model::new(network, Weights::new(arrays, BTreeMap::new()), None).unwrap()
}

/// Every kind of step that can be exported, and a convention in which every part shows.
fn everything() -> Network {
    let input = InputConvention { bgr: false, scale: 2.0, mean: [0.8, 1.0, 1.1], std: [0.5, 0.8, 1.25] };
    let mut net = Network::new("everything", input);
    let mut last = net.push("picture", Op::Convolution(Convolution::same(6, 5, Padding::Reflect)), &[0]);
    last = net.push("norm", Op::InstanceNorm { epsilon: 1e-5 }, &[last]);
    last = net.push("clipped", Op::ClippedRelu { ceiling: 1.5 }, &[last]);
    let one_sided = Convolution { stride: 2, before: 0, after: 1, ..Convolution::same(6, 3, Padding::Zero) };
    last = net.push("own", Op::Depthwise(one_sided), &[last]);
    let large = net.push("large", Op::Upsample, &[last]);
    let averages = Op::Pool(Pool { pooling: Pooling::Average, window: 2, stride: 2 });
    let small = net.push("averages", averages, &[large]);
    let sum = net.push("sum", Op::Add, &[small, last]);
    let both = net.push("both", Op::Concat, &[sum, last]);
    let edge = net.push("edge", Op::Depthwise(Convolution::same(12, 3, Padding::Replicate)), &[both]);
    let relu = net.push("relu", Op::Relu, &[edge]);
    let maxima = net.push("maxima", Op::Pool(Pool { pooling: Pooling::Max, window: 3, stride: 1 }), &[relu]);
    let tiles = net.push("tiles", Op::Convolution(Convolution::same(3, 3, Padding::Circular)), &[maxima]);
    net.push("squash", Op::Squash { low: -0.5, high: 1.5 }, &[tiles]);
    net
}

#[test]
fn what_is_exported_is_imported_again() {
    let folder = tempfile::tempdir().unwrap();
    let generator =
        transform::transform([8, 5, 16], 2, transform::Joining { noise: 3, skip: 4 }, Padding::Reflect);
    for (network, output) in [(everything(), "squash"), (generator, transform::OUTPUT)] {
        let model = filled(network);
        let path = folder.path().join("generator.onnx");
        export(&model, output, &path).unwrap();
        let imported = import(&path, Options::default()).unwrap();
        let again = Model::new(imported.network, imported.weights, None).unwrap();
        let rgb = noise(3 * 12 * 20);
        let [one, two] = [(&model, output), (&again, &imported.output)]
            .map(|(model, output)| paint(model, output, (12, 20), &rgb));
        assert!(largest_difference(&one, &two) < 2e-5, "{output}");
        // A convention becomes a scale and a shift, which come back as a convention; the rest are the same steps.
        let kinds = |model: &Model| model.network().layers.len();
        assert_eq!(kinds(&model), kinds(&again));
    }
}

/// A part of a network, up to a layer inside.
#[test]
fn a_part_can_be_exported() {
    let model = filled(everything());
    let whole = exported(&model, "squash").unwrap();
    let part = exported(&model, "clipped").unwrap();
    assert!(part.len() < whole.len());
    assert!(matches!(exported(&model, "none").err(), Some(NetError::UnknownLayer { .. })));
}

/// Files that are none, or hold something that is not supported: the error names the file and the node.
#[test]
fn errors_name_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.onnx");
    let reason = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        import(&path, Options::default()).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert!(reason(b"").contains("bad.onnx cannot be imported: it holds no graph"));
    assert!(reason(b"not a protocol buffer").contains("cannot be imported"));
    let good = std::fs::read(data("johnson.onnx")).unwrap();
    let renamed = |from: &[u8], to: &[u8]| {
        let mut bytes = good.clone();
        let places: Vec<usize> =
            (0..bytes.len() - from.len()).filter(|&i| bytes[i..].starts_with(from)).collect();
        assert!(!places.is_empty());
        places.iter().for_each(|&i| bytes[i..i + from.len()].copy_from_slice(to));
        bytes
    };
    let found = reason(&renamed(b"Tanh", b"Tank"));
    assert!(found.contains("(Tank): the operation Tank is not supported"), "{found}");
    let found = reason(&renamed(b"nearest", b"bilinea"));
    assert!(found.contains("(Resize): only enlargement by nearest neighbour"), "{found}");
    let found = reason(&renamed(b"tanh", b"tan\n"));
    assert!(!found.contains('\n'), "{found}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Sound files of senseless graphs: operations in each other's place.
    #[test]
    fn senseless_graphs_do_no_harm(
        name in prop_oneof![Just("johnson.onnx"), Just("styles.onnx")],
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4),
    ) {
        let mut bytes = std::fs::read(data(name)).unwrap();
        for (place, other) in changes {
            // Of one length, so that the messages around them stay whole. 0x22 is the field that holds an operation.
            let alike: [&[&str]; 3] = [
                &["Add", "Sub", "Mul", "Div", "Pow", "Pad"],
                &["Conv", "Relu", "Clip", "Sqrt", "Tanh", "Cast"],
                &["Reshape", "Sigmoid", "Flatten", "MaxPool", "Squeeze", "Dropout"],
            ];
            let at = |i: usize, op: &str| {
                bytes[i..].starts_with(&[0x22, op.len() as u8]) && bytes[i + 2..].starts_with(op.as_bytes())
            };
            let of = |i: usize| alike.iter().find(|ops| ops.iter().any(|op| at(i, op)));
            let places: Vec<(usize, &[&str])> = (0..bytes.len()).filter_map(|i| Some((i, *of(i)?))).collect();
            let (i, ops) = *place.get(&places);
            let op = other.get(ops).as_bytes();
            bytes[i + 2..][..op.len()].copy_from_slice(op);
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let options = Options { style: Some(&[0.2, 0.3, 0.5]), ..Options::default() };
        if let Ok(imported) = import(file.path(), options) {
            let _ = Model::new(imported.network, imported.weights, None);
        }
    }

    /// Whatever happened to a file, it is imported or refused.
    #[test]
    fn damaged_files_do_no_harm(
        name in prop_oneof![Just("johnson.onnx"), Just("styles.onnx")],
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        end in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = std::fs::read(data(name)).unwrap();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len()));
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let options = Options { style: Some(&[0.2, 0.3, 0.5]), ..Options::default() };
        if let Ok(imported) = import(file.path(), options) {
            let _ = Model::new(imported.network, imported.weights, None);
        }
        let _ = style_input(file.path());
    }
}
