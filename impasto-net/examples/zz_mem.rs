use impasto_net::{Map, Model, Plan, Purpose, ReluRule, network::Variant};
fn main() {
    let side: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let model = Model::named("vgg19", Variant::default(), None).unwrap();
    let taps = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu4_2", "relu5_1"].map(str::to_owned);
    let t = std::time::Instant::now();
    let mut p = Plan::new(&model, side, side, &taps, Purpose::Gradient).unwrap();
    eprintln!("plan {:.3}s memory {:?}", t.elapsed().as_secs_f64(), p.memory());
    let rgb: Vec<f32> = (0..side * side * 3).map(|i| 0.5 + 0.4 * (i as f32 * 0.37).sin()).collect();
    let mut g = vec![0.0; rgb.len()];
    for _ in 0..2 {
        p.forward(&rgb);
        p.backward(
            ReluRule::Gradient,
            &mut |_, _: Map<'_>, c: &mut [f32]| c.iter_mut().for_each(|c| *c += 1.0),
            &mut g,
        );
    }
    let s = std::fs::read_to_string("/proc/self/status").unwrap();
    for l in s.lines().filter(|l| l.starts_with("VmHWM") || l.starts_with("Rss")) {
        println!("{l}");
    }
}
