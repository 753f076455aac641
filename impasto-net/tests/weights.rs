//! Weights: the embedded models and files of both formats, sound and damaged.

use impasto_net::weights;

#[test]
#[cfg(feature = "embedded-models")]
fn embedded_models_hold_every_layer() {
    let mut vgg = weights::embedded("vgg19").unwrap();
    for (name, input, output) in weights::VggKind::Vgg19.convolutions() {
        let kernel = vgg.take(&format!("{name}.weight"), &[output, input, 3, 3], "vgg19").unwrap();
        vgg.take(&format!("{name}.bias"), &[output], "vgg19").unwrap();
        let spread = kernel.data.iter().map(|w| w * w).sum::<f32>() / kernel.data.len() as f32;
        assert!(spread > 1e-6 && spread < 1.0, "{name}: {spread}");
    }
    assert_eq!(vgg.names().count(), 0);
    let mut net = weights::embedded("squeezenet").unwrap();
    assert_eq!(net.names().count(), 52);
    net.take("conv1.weight", &[64, 3, 3, 3], "squeezenet").unwrap();
    net.take("fire9/expand3x3.weight", &[256, 64, 3, 3], "squeezenet").unwrap();
    net.take("conv10.bias", &[1000], "squeezenet").unwrap();
    let classes = weights::imagenet_classes();
    assert_eq!((classes.len(), classes[285].as_str()), (1000, "Egyptian cat"));
    let t = std::time::Instant::now();
    let _ = weights::embedded("vgg19").unwrap();
    println!("decoded in {:?}", t.elapsed());
}
