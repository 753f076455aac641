//! Weights: the embedded models, and files of every format, sound, damaged and hostile.

use impasto_net::{
    NetError,
    weights::{self, Array, Convention, VggKind, Weights},
};
use proptest::prelude::*;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const FILES: [&str; 5] = ["tiny.pth", "legacy.pth", "protocol4.pth", "checkpoint.pth", "tiny.safetensors"];

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/weights").join(name)
}

/// What the files hold, by PyTorch's own account.
fn expected() -> BTreeMap<String, Array> {
    let text = fs::read_to_string(data("expected.json")).unwrap();
    let value: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    let array = |value: &serde_json::Value| Array {
        shape: value["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect(),
        data: value["data"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect(),
    };
    value.iter().map(|(name, value)| (name.clone(), array(value))).collect()
}

fn open_bytes(bytes: &[u8]) -> Result<Weights, NetError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, bytes).unwrap();
    weights::open(&path)
}

/// The reason of a format error, which must name the file.
fn reason(result: Result<Weights, NetError>, file: &str) -> String {
    let error = result.expect_err("a damaged file is refused");
    assert!(matches!(error, NetError::Format { .. }), "{error:?}");
    let message = error.to_string();
    assert!(message.contains(file), "{message}");
    message
}

/// A safetensors file of these parts.
fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

/// Signed integers with a step for each output.
#[test]
fn integers_are_multiplied_with_their_steps() {
    let header = r#"{"a.steps":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a.integers":{"dtype":"I8","shape":[2,1],"data_offsets":[8,10]}}"#;
    let data = [&0.5f32.to_le_bytes()[..], &2.0f32.to_le_bytes(), &[3, (-4i8) as u8]].concat();
    let weights = open_bytes(&safetensors(header, &data)).unwrap();
    assert_eq!(weights.names().collect::<Vec<_>>(), ["a"]);
    assert_eq!(weights.get("a").unwrap(), &Array { shape: vec![2, 1], data: vec![1.5, -8.0] });
}

#[test]
#[cfg(feature = "embedded-models")]
fn embedded_models_hold_every_layer() {
    let mut vgg = weights::embedded("vgg19").unwrap();
    for (name, input, output) in VggKind::Vgg19.convolutions() {
        let kernel = vgg.take(&format!("{name}.weight"), &[output, input, 3, 3], "vgg19").unwrap();
        vgg.take(&format!("{name}.bias"), &[output], "vgg19").unwrap();
        let spread = kernel.data.iter().map(|w| w * w).sum::<f32>() / kernel.data.len() as f32;
        assert!(spread > 1e-6 && spread < 1.0, "{name}: {spread}");
    }
    assert_eq!(vgg.names().count(), 0);
    assert_eq!(vgg.metadata()["architecture"], "vgg19");

    let mut net = weights::embedded("squeezenet").unwrap();
    assert_eq!(net.names().count(), 52);
    net.take("conv1.weight", &[64, 3, 3, 3], "squeezenet").unwrap();
    net.take("fire9/expand3x3.weight", &[256, 64, 3, 3], "squeezenet").unwrap();
    net.take("conv10.bias", &[1000], "squeezenet").unwrap();
    assert!(matches!(weights::embedded("alexnet"), Err(NetError::NotEmbedded { name }) if name == "alexnet"));
}

#[test]
#[cfg(feature = "embedded-models")]
fn a_folder_gives_the_same_as_the_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    for name in ["vgg19", "squeezenet"] {
        assert_eq!(weights::from_folder(&folder, name).unwrap(), weights::embedded(name).unwrap());
    }
}

#[test]
fn classes_are_in_the_networks_order() {
    let classes = weights::imagenet_classes();
    assert_eq!(classes.len(), 1000);
    assert_eq!((classes[0].as_str(), classes[285].as_str()), ("tench", "Egyptian cat"));
    assert_eq!(classes[999], "toilet tissue");
}

#[test]
fn every_format_gives_pytorchs_values() {
    let expected = expected();
    for file in ["tiny.pth", "legacy.pth", "protocol4.pth", "tiny.safetensors"] {
        let weights = weights::open(&data(file)).unwrap();
        for (name, array) in &expected {
            if name != "coded.weight" || file == "tiny.safetensors" {
                assert_eq!(weights.get(name), Some(array), "{name} in {file}");
            }
        }
        assert!(weights.names().all(|name| expected.contains_key(name)), "{file}");
    }
    let checkpoint = weights::open(&data("checkpoint.pth")).unwrap();
    assert_eq!(checkpoint.get("0.weight"), expected.get("features.0.weight"));
    assert!(checkpoint.get("1.running_mean").is_some());
    let parameters = weights::open(&data("parameters.pth")).unwrap();
    assert_eq!(parameters.get("0.bias"), expected.get("features.0.bias"));
}

#[test]
fn hostile_pickles_are_refused_by_name_and_not_executed() {
    for file in ["hostile.pth", "hostile-legacy.pth"] {
        let message = reason(weights::open(&data(file)), file);
        assert!(
            message.contains("posix.system") && message.contains("nothing in it was executed"),
            "{message}"
        );
    }
    assert!(!Path::new("executed-by-unpickling").exists());
}

#[test]
fn unusable_files_are_named_with_their_tensor() {
    let message = reason(weights::open(&data("nan.pth")), "nan.pth");
    assert!(message.contains("tensor bad") && message.contains("not finite"), "{message}");
    let message = reason(weights::open(&data("expanded.pth")), "expanded.pth");
    assert!(message.contains("tensor wide"), "{message}");
    reason(weights::open(&data("list.pth")), "list.pth");
    reason(weights::open(&data("make.py")), "make.py");
    assert!(
        matches!(weights::open(&data("absent.pth")), Err(NetError::Read { path, .. }) if path.ends_with("absent.pth"))
    );
    assert!(matches!(weights::open(&data("")), Err(NetError::Read { .. })));
    assert!(reason(open_bytes(b""), "file").contains("empty"));
    reason(open_bytes(b"PK\x03\x04"), "file");
    reason(open_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "file");
}

#[test]
fn damaged_safetensors_are_refused() {
    let nan = f32::NAN.to_le_bytes();
    let one = r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    assert_eq!(open_bytes(&safetensors(one, &[0; 4])).unwrap().get("a").unwrap().data, [0.0]);
    let cases: [(&str, &str, &[u8]); 14] = [
        ("not finite", one, &nan),
        ("ends inside tensor a", one, &[0; 3]),
        ("1 bytes follow", one, &[0; 5]),
        ("tensor a", r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, &[0; 4]),
        ("tensor a", r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, &[0; 4]),
        ("tensor a", r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, &[0; 8]),
        (
            "tensor b",
            r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#,
            &[0; 8],
        ),
        ("tensor a", r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#, &[]),
        ("C64", r#"{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#, &[0; 8]),
        ("no step sizes", r#"{"a.integers":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}"#, &[0]),
        (
            "its step sizes have shape [2]",
            r#"{"a.steps":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a.integers":{"dtype":"I8","shape":[1],"data_offsets":[8,9]}}"#,
            &[0; 9],
        ),
        ("no table", r#"{"a.indices":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, &[0]),
        (
            "beyond its table",
            r#"{"a.table":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a.indices":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}"#,
            &[0, 0, 0, 0, 1],
        ),
        ("tensor a is damaged", r#"{"a":{"dtype":"F32"}}"#, &[]),
    ];
    for (part, header, data) in cases {
        let message = reason(open_bytes(&safetensors(header, data)), "file");
        assert!(message.contains(part), "{part}: {message}");
    }
    let absurd = [&u64::MAX.to_le_bytes()[..], b"{}"].concat();
    assert!(reason(open_bytes(&absurd), "file").contains("header of"));
    let long = [&50_000_000_u64.to_le_bytes()[..], b"{}"].concat();
    assert!(reason(open_bytes(&long), "file").contains("ends inside the header"));
}

/// An old-format PyTorch file whose dictionary's pickle is `content`.
fn legacy(content: &[u8]) -> Vec<u8> {
    let magic = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e";
    let version = b"\x80\x02M\xe9\x03.";
    let system = b"}X\x0d\0\0\0little_endian\x88s.";
    [magic, &version[..], system, content].concat()
}

#[test]
fn bombs_in_pickles_take_neither_time_nor_memory() {
    // A long storage key and a long tuple, used over and over: as copies they would fill terabytes.
    let length = 1_000_000_u32;
    let mut key = vec![b'X'];
    key.extend(length.to_le_bytes());
    key.extend(std::iter::repeat_n(b'k', length as usize));
    let identifier =
        [b"(X\x07\0\0\0storagectorch\nFloatStorage\n", &key[..], b"X\x03\0\0\0cpuK\x01Ntq\x01"].concat();
    let storages = [&identifier[..], &b"h\x01Q".repeat(length as usize)].concat();
    reason(open_bytes(&legacy(&storages)), "file");
    let tuple = [&b"("[..], &b"N".repeat(length as usize), b"tq\x01"].concat();
    let tuples = [&tuple[..], &b"ccollections\nOrderedDict\nh\x01R".repeat(1000)].concat();
    reason(open_bytes(&legacy(&tuples)), "file");
    let declared = [b'X', 0xff, 0xff, 0xff, 0xff, b'a'];
    assert!(reason(open_bytes(&legacy(&declared)), "file").contains("ends inside"));
    let named = [&b"cevil\x1b[2J\n"[..], &b"x".repeat(100_000), b"\n"].concat();
    let message = reason(open_bytes(&legacy(&named)), "file");
    assert!(message.len() < 3000 && !message.contains('\x1b'), "{}", message.len());
}

#[test]
fn a_truncated_file_is_an_error_at_every_length() {
    for file in FILES {
        let bytes = fs::read(data(file)).unwrap();
        for length in (0..bytes.len()).step_by(7).chain((1..16).map(|part| bytes.len() * part / 16)) {
            reason(open_bytes(&bytes[..length]), "file");
        }
        reason(open_bytes(&bytes[..bytes.len() - 1]), "file");
    }
}

#[test]
fn take_wants_presence_shape_and_finite_values() {
    let array = |data: &[f32]| Array { shape: vec![data.len()], data: data.to_vec() };
    let arrays = [("good", array(&[1.0, 2.0])), ("bad", array(&[1.0, f32::NEG_INFINITY]))];
    let mut weights =
        Weights::new(arrays.map(|(name, array)| (name.to_owned(), array)).into(), BTreeMap::new());
    let missing = weights.take("absent", &[2], "net").unwrap_err().to_string();
    assert!(missing.contains("absent") && missing.contains("net"), "{missing}");
    assert!(
        matches!(weights.take("bad", &[2], "net"), Err(NetError::NotFinite { tensor }) if tensor == "bad")
    );
    let shape = weights.clone().take("good", &[1, 2], "net").unwrap_err().to_string();
    assert!(shape.contains("[2]") && shape.contains("[1, 2]"), "{shape}");
    assert_eq!(weights.take("good", &[2], "net").unwrap().data, [1.0, 2.0]);
    assert!(weights.get("good").is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_files_never_panic(
        file in 0..FILES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = fs::read(data(FILES[file])).unwrap();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = open_bytes(&bytes);
    }

    #[test]
    fn arbitrary_pickles_never_panic(tail in prop::collection::vec(any::<u8>(), 0..200)) {
        // The old format needs no valid archive around its pickles.
        let _ = open_bytes(&legacy(&tail));
    }
}

/// A VGG of zeros under torchvision's names.
fn torchvision(kind: VggKind, prefix: &str) -> BTreeMap<String, Array> {
    let places: &[usize] = match kind {
        VggKind::Vgg16 => &[0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28],
        VggKind::Vgg19 => &[0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34],
    };
    let mut arrays = BTreeMap::new();
    for (place, (_, input, output)) in places.iter().zip(kind.convolutions()) {
        arrays.insert(format!("{prefix}{place}.weight"), zeros(&[output, input, 3, 3]));
        arrays.insert(format!("{prefix}{place}.bias"), zeros(&[output]));
    }
    assert_eq!(arrays.len(), 2 * kind.convolutions().len());
    arrays
}

fn zeros(shape: &[usize]) -> Array {
    Array { shape: shape.to_vec(), data: vec![0.0; shape.iter().product()] }
}

fn recognise(arrays: BTreeMap<String, Array>) -> Result<(VggKind, Convention, Weights), NetError> {
    weights::recognise_vgg(Weights::new(arrays, BTreeMap::new()), Path::new("mine.pth"))
}

#[test]
fn torchvisions_vggs_are_recognised() {
    for kind in [VggKind::Vgg16, VggKind::Vgg19] {
        for prefix in ["features.", "module.features.", "features.module."] {
            let mut arrays = torchvision(kind, prefix);
            arrays.insert("classifier.0.weight".to_owned(), zeros(&[2, 2]));
            let (found, convention, mut weights) = recognise(arrays).unwrap();
            assert_eq!((found, convention), (kind, Convention::Torchvision));
            for (name, input, output) in kind.convolutions() {
                weights.take(&format!("{name}.weight"), &[output, input, 3, 3], kind.name()).unwrap();
                weights.take(&format!("{name}.bias"), &[output], kind.name()).unwrap();
            }
            assert_eq!(weights.names().count(), 0);
        }
    }
}

#[test]
fn wrong_vggs_are_refused_with_the_tensors_name() {
    let refused = |change: &dyn Fn(&mut BTreeMap<String, Array>), parts: &[&str]| {
        let mut arrays = torchvision(VggKind::Vgg19, "features.");
        change(&mut arrays);
        let message = recognise(arrays).unwrap_err().to_string();
        assert!(parts.iter().chain(&["mine.pth"]).all(|part| message.contains(part)), "{message}");
    };
    refused(&|a| drop(a.remove("features.21.bias")), &["features.21.bias", "missing", "vgg19"]);
    refused(
        &|a| drop(a.insert("features.5.weight".to_owned(), zeros(&[128, 3, 3, 3]))),
        &["features.5.weight", "[128, 3, 3, 3]", "[128, 64, 3, 3]"],
    );
    refused(&|a| drop(a.insert("features.36.bias".to_owned(), zeros(&[1]))), &["features.36.bias"]);
    refused(
        &|a| drop(a.insert("features.1.running_mean".to_owned(), zeros(&[64]))),
        &["features.1.running_mean", "batch normalisation"],
    );
    refused(&|a| drop(a.insert("layer1.0.weight".to_owned(), zeros(&[1]))), &["layer1.0.weight"]);
    refused(&|a| a.clear(), &["no convolutions"]);
    refused(&|a| a.retain(|name, _| name.starts_with("features.0.")), &["neither VGG-16's nor VGG-19's"]);
}

#[test]
#[cfg(feature = "embedded-models")]
fn the_original_weights_are_known_under_either_naming() {
    let own = weights::embedded("vgg19").unwrap();
    let (kind, convention, same) = weights::recognise_vgg(own.clone(), Path::new("vgg19")).unwrap();
    assert_eq!((kind, convention), (VggKind::Vgg19, Convention::Caffe));
    assert_eq!(same, own);

    let mut arrays = torchvision(VggKind::Vgg19, "features.");
    arrays.insert("features.0.bias".to_owned(), own.get("conv1_1.bias").unwrap().clone());
    let (_, convention, _) = recognise(arrays.clone()).unwrap();
    assert_eq!(convention, Convention::Caffe);
    let stated = BTreeMap::from([("input".to_owned(), r#"{"channels": "RGB"}"#.to_owned())]);
    let (_, convention, _) = weights::recognise_vgg(Weights::new(arrays, stated), Path::new("mine")).unwrap();
    assert_eq!(convention, Convention::Torchvision);
}

#[test]
fn a_vgg_file_is_read_without_its_classifier() {
    // The classifier's values are not finite: reading them would fail.
    let mut header = serde_json::Map::new();
    let mut bytes = Vec::new();
    let mut add = |name: &str, shape: &[usize], element: [u8; 2]| {
        let start = bytes.len();
        bytes.extend(element.repeat(shape.iter().product()));
        let entry =
            serde_json::json!({ "dtype": "F16", "shape": shape, "data_offsets": [start, bytes.len()] });
        header.insert(name.to_owned(), entry);
    };
    for (name, array) in torchvision(VggKind::Vgg16, "features.") {
        add(&name, &array.shape, [0, 0x3c]);
    }
    add("classifier.0.weight", &[10], [0, 0x7e]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vgg16.safetensors");
    fs::write(&path, safetensors(&serde_json::to_string(&header).unwrap(), &bytes)).unwrap();
    let (kind, convention, weights) = weights::open_vgg(&path).unwrap();
    assert_eq!((kind, convention), (VggKind::Vgg16, Convention::Torchvision));
    assert!(weights.get("conv5_3.weight").unwrap().data.iter().all(|&value| value == 1.0));
    assert!(weights::open(&path).is_err());
}
