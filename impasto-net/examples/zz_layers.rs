use impasto_net::{ReluRule, cpu::Cpu, device::*, network::*};
use std::time::Instant;
fn values(len: usize) -> Vec<f32> {
    (0..len).map(|i| (i as f32 * 0.618).sin()).collect()
}
fn al(v: Vec<f32>) -> &'static mut [f32] {
    let n = v.len();
    let mut w = Vec::with_capacity(n + 16);
    w.resize(n + 16, 0.0f32);
    let w = Box::leak(w.into_boxed_slice());
    let o = w.as_ptr().align_offset(64);
    let w = &mut w[o..o + n];
    w.copy_from_slice(&v);
    w
}
fn main() {
    let cpu = Cpu::default();
    let side: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let mut sum = [0.0; 2];
    for (name, i, o, s, n) in [
        ("conv1_2", 64, 64, 1, 1),
        ("conv2_1", 64, 128, 2, 1),
        ("conv2_2", 128, 128, 2, 1),
        ("conv3_1", 128, 256, 4, 1),
        ("conv3_2", 256, 256, 4, 3),
        ("conv4_1", 256, 512, 8, 1),
        ("conv4_2", 512, 512, 8, 3),
        ("conv5_1", 512, 512, 16, 1),
    ] {
        let sd = side / s;
        let (input, output) =
            (Shape { height: sd, width: sd, channels: i }, Shape { height: sd, width: sd, channels: o });
        let conv = Convolution::same(o, 3, Padding::Zero);
        let indices: Vec<u8> = (0..9 * i * o).map(|i| (i * 37 % 256) as u8).collect();
        let table: [f32; 256] = std::array::from_fn(|i| (i as f32).sin());
        let weight: Vec<f32> = indices.iter().map(|&i| table[i as usize]).collect();
        let bias = values(o);
        let codebook = std::env::var("CB").is_ok().then_some(Codebook { indices: &indices, table: &table });
        let at = ConvolutionAt {
            convolution: conv,
            input,
            upsampled: false,
            output,
            weight: &weight,
            codebook,
            bias: &bias,
        };
        let (f, b) = (cpu.filter(at), cpu.filter_vjp(at));
        let mut w = al(vec![0.0; cpu.workspace_len(&f).max(cpu.workspace_len(&b))]);
        let (x, mut y) = (al(values(input.len())), al(vec![0.0; output.len()]));
        let mut mask = vec![0; output.mask_len()];
        let (passed, mut dx) = (vec![0x5A; input.mask_len()], al(vec![0.0; input.len()]));
        let mut t = [vec![], vec![]];
        for _ in 0..9 {
            let q = Instant::now();
            cpu.convolve(&f, &x, &mut y, Activation { residual: None, relu: Relu::Note(&mut mask) }, &mut w);
            t[0].push(q.elapsed().as_secs_f64());
            let q = Instant::now();
            cpu.convolve_vjp(
                &b,
                &y,
                &mut dx,
                Cotangent { accumulate: false, relu: Some((ReluRule::Gradient, &passed)) },
                &mut w,
            );
            t[1].push(q.elapsed().as_secs_f64());
        }
        t.iter_mut().for_each(|t| t.sort_by(f64::total_cmp));
        for k in 0..2 {
            sum[k] += n as f64 * t[k][0];
        }
        let gf = 2.0 * (9 * i * o * sd * sd) as f64 / 1e9;
        print!("{name} {:.2}/{:.2} ({:.0}) ", t[0][0] * 1e3, t[1][0] * 1e3, gf / t[0][0] / 4.0);
    }
    println!("| sum {:.1} {:.1}", sum[0] * 1e3, sum[1] * 1e3);
}
