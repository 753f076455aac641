//! A painting mixed with the one before so that neither strokes nor colours fade.

use super::mean::local_mean;
use impasto_image::Picture;
use multiversion::multiversion;
use rayon::prelude::*;

/// Sides of the squares, in pixels, whose means part a painting into bands: what is finer than the first, what lies between
/// two, and the rest, which are colours without strokes.
const SIDES: [usize; 2] = [5, 15];

/// Side of the square over which the strength of strokes, and what they have in common, is measured.
const AROUND: usize = 9;

/// How far the strength of old strokes is brought to that of new ones, as a factor: what interpolation blurs is made good.
const LEVEL: f32 = 2.0;

/// Difference of the local colours, in [0, 1], at which half as much is kept.
const DRIFT: f32 = 0.2;

/// Pixels over which the turns of neighbouring places are much the same.
const REGION: f32 = 40.0;

/// How much of the painting before is kept, in [0, 1].
#[derive(Clone, Copy)]
pub(super) struct Share {
    /// Of colours, and of strokes that agree with the new ones.
    pub(super) alike: f32,
    /// Of strokes that do not, between two turns.
    pub(super) held: f32,
    /// Of those when it is their turn to be painted anew.
    pub(super) anew: f32,
    /// Turns so far: a whole number more, and every place has had its own once.
    pub(super) turn: f32,
}

/// `now` drawn towards `before`, of the same size, by the `share` of the way at most, times what `trust` says of every pixel.
///
/// Colours are mixed as they are, and less where they have become different. Strokes are mixed band by band so that their sum
/// has the strength of the new ones: a plain mean of strokes that have little in common would wash them out, and it is the
/// strength of strokes of every width that a style consists of. With old strokes b and new ones n of equal strength and the
/// correlation ρ, s b + (√(1 − s²(1 − ρ²)) − sρ) n has that strength, too; strokes that agree stay as they are.
///
/// Where strokes do not agree, a sum of both has the form of neither. So they are held, nearly pure, and painted anew by turns:
/// a wave of turns goes through the picture, and only where it is are old and new strokes mixed.
pub(super) fn mix(now: &Picture, before: &Picture, trust: &[f32], share: Share, room: &mut Room) -> Vec<f32> {
    let size = (now.width(), now.height());
    room.set_size(size);
    let Room { bands, products, phases, .. } = room;
    let (mut old, mut new) = (before.rgb(), now.rgb());
    for (side, band) in SIDES.into_iter().zip(&mut *bands) {
        let Band { old: coarse_old, new: coarse_new, powers } = band;
        local_mean(old, size, side, coarse_old);
        local_mean(new, size, side, coarse_new);
        products.resize(new.len(), 0.0);
        products.par_chunks_mut(3 * size.0).enumerate().for_each(|(y, out)| {
            let rows = [old, coarse_old, new, coarse_new].map(|values| row(values, size.0, y));
            multiply(rows, out.as_chunks_mut().0);
        });
        local_mean(products, size, AROUND, powers);
        (old, new) = (coarse_old, coarse_new);
    }
    let [fine, coarse] = &*bands;
    let mut rgb = vec![0.0; now.rgb().len()];
    rgb.par_chunks_mut(3 * size.0).enumerate().for_each_init(Vec::new, |shares, (y, out)| {
        shares.resize(size.0, [0.0; 5]);
        let [trust, phases] = [trust, &**phases].map(|values| &values[size.0 * y..][..size.0]);
        let row = |values| row(values, size.0, y);
        let powers = [row(&fine.powers), row(&coarse.powers)];
        weigh([row(&coarse.old), row(&coarse.new)], powers, [trust, phases], share, shares);
        let old = [before.rgb(), &fine.old, &coarse.old].map(row);
        let new = [now.rgb(), &fine.new, &coarse.new].map(row);
        add(old, new, shares, out.as_chunks_mut().0);
    });
    rgb
}

/// Room for what [`mix`] computes, kept from frame to frame.
#[derive(Default)]
pub(super) struct Room {
    size: (usize, usize),
    bands: [Band; 2],
    products: Vec<f32>,
    /// What a place is ahead of others, in turns.
    phases: Vec<f32>,
}

impl Room {
    fn set_size(&mut self, (width, height): (usize, usize)) {
        if self.size == (width, height) {
            return;
        }
        self.size = (width, height);
        self.phases.clear();
        for at in 0..width * height {
            let (x, y) = ((at % width) as f32 / REGION, (at / width) as f32 / REGION);
            // Waves of different directions, so that no direction shows.
            self.phases.push(
                0.37 * (x + 0.4 * y).sin()
                    + 0.41 * (1.1 * y - 0.5 * x + 1.0).sin()
                    + 0.33 * (0.6 * x - 0.9 * y + 2.0).cos()
                    + 0.2 * (1.7 * x + 0.8 * y).cos(),
            );
        }
    }
}

/// What is coarser than a band.
#[derive(Default)]
struct Band {
    old: Vec<f32>,
    new: Vec<f32>,
    /// Local means of [`multiply`].
    powers: Vec<f32>,
}

/// A row of a picture.
type Row<'a> = &'a [[f32; 3]];

/// Row `y` of a picture.
fn row(values: &[f32], width: usize, y: usize) -> Row<'_> {
    values[3 * width * y..][..3 * width].as_chunks().0
}

/// For every pixel of a row the squares of what an old and a new painting exceed their coarse parts in, and its product, each
/// summed over channels.
#[multiversion(targets("x86_64+avx2"))]
fn multiply([old, coarse_old, new, coarse_new]: [Row<'_>; 4], out: &mut [[f32; 3]]) {
    let n = out.len();
    let (old, coarse_old, new, coarse_new) = (&old[..n], &coarse_old[..n], &new[..n], &coarse_new[..n]);
    for x in 0..n {
        let mut sums = [0.0; 3];
        for c in 0..3 {
            let (a, b) = (old[x][c] - coarse_old[x][c], new[x][c] - coarse_new[x][c]);
            sums[0] += a * a;
            sums[1] += b * b;
            sums[2] += a * b;
        }
        out[x] = sums;
    }
}

/// How much of the old and new parts a row's pixels take: the share of old colours, then of old and new strokes of the bands.
#[multiversion(targets("x86_64+avx2"))]
fn weigh(
    [old, new]: [Row<'_>; 2],
    powers: [Row<'_>; 2],
    [trust, phases]: [&[f32]; 2],
    share: Share,
    out: &mut [[f32; 5]],
) {
    let n = out.len();
    let (old, new, trust, phases) = (&old[..n], &new[..n], &trust[..n], &phases[..n]);
    let [fine, coarse] = [&powers[0][..n], &powers[1][..n]];
    for x in 0..n {
        let mut far = 0.0;
        for c in 0..3 {
            far += (old[x][c] - new[x][c]) * (old[x][c] - new[x][c]);
        }
        let trust = trust[x] / (1.0 + far / (DRIFT * DRIFT));
        let turn = share.turn + phases[x];
        // 1 in the middle of a turn, 0 between two.
        let now = (2.0 * (turn - turn.floor()) - 1.0).abs();
        let now = now * now * (3.0 - 2.0 * now);
        let other = share.held + now * now * (share.anew - share.held);
        let [fine, coarse] = [fine[x], coarse[x]].map(|powers| strokes(share.alike, other, trust, powers));
        out[x] = [trust * share.alike, fine[0], fine[1], coarse[0], coarse[1]];
    }
}

/// How much of old and of new strokes is taken, by their powers and common part: a share of `alike` old ones where they agree,
/// of `other` where they do not, each times `trust`.
#[inline(always)]
fn strokes(alike: f32, other: f32, trust: f32, [of_old, of_new, common]: [f32; 3]) -> [f32; 2] {
    // Differences of sums may fall below 0 where there is nothing.
    let (of_old, of_new) = (of_old.max(1e-9), of_new.max(0.0));
    let agree = (common / (of_old * of_new).sqrt().max(1e-9)).clamp(-1.0, 1.0);
    let agreed = agree.max(0.0) * agree.max(0.0);
    let share = trust * (other + agreed * (alike - other));
    let level = share * (of_new / of_old).sqrt().clamp(1.0 / LEVEL, LEVEL);
    [level, (1.0 - share * share * (1.0 - agree * agree)).sqrt() - share * agree]
}

/// A row of old and new paintings, each with what is coarser than its bands, put together by its shares.
#[multiversion(targets("x86_64+avx2"))]
fn add(old: [Row<'_>; 3], new: [Row<'_>; 3], shares: &[[f32; 5]], out: &mut [[f32; 3]]) {
    let n = out.len();
    let [old, old_fine, old_coarse] = [&old[0][..n], &old[1][..n], &old[2][..n]];
    let [new, new_fine, new_coarse] = [&new[0][..n], &new[1][..n], &new[2][..n]];
    let shares = &shares[..n];
    for x in 0..n {
        let [share, fine, fine_anew, coarse, coarse_anew] = shares[x];
        for c in 0..3 {
            out[x][c] = new_coarse[x][c]
                + share * (old_coarse[x][c] - new_coarse[x][c])
                + fine * (old[x][c] - old_fine[x][c])
                + fine_anew * (new[x][c] - new_fine[x][c])
                + coarse * (old_fine[x][c] - old_coarse[x][c])
                + coarse_anew * (new_fine[x][c] - new_coarse[x][c]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 48;

    fn noise(seed: usize) -> Picture {
        let hash = |at: usize| {
            let mixed = (at as u32 ^ (seed as u32).wrapping_mul(0x9e37_79b9)).wrapping_mul(0x85eb_ca6b);
            let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0xc2b2_ae35);
            (mixed >> 8) as f32 / (1 << 24) as f32
        };
        let rgb = (0..3 * SIZE * SIZE).map(|at| 0.4 + 0.2 * hash(at)).collect();
        Picture::new(SIZE, SIZE, rgb).unwrap()
    }

    fn deviation(rgb: &[f32]) -> f32 {
        let mean = rgb.iter().sum::<f32>() / rgb.len() as f32;
        (rgb.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / rgb.len() as f32).sqrt()
    }

    fn share(most: f32) -> Share {
        Share { alike: most, held: most, anew: most, turn: 0.0 }
    }

    #[test]
    fn strokes_keep_their_strength_and_come_nearer() {
        let (now, before) = (noise(1), noise(2));
        let mixed = mix(&now, &before, &vec![1.0; SIZE * SIZE], share(0.7), &mut Room::default());
        let (strength, wanted) = (deviation(&mixed), deviation(now.rgb()));
        assert!((strength / wanted - 1.0).abs() < 0.05, "{strength} {wanted}");
        let apart =
            |a: &[f32], b: &[f32]| deviation(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>());
        assert!(apart(&mixed, before.rgb()) < 0.62 * apart(now.rgb(), before.rgb()));
    }

    #[test]
    fn what_agrees_or_is_not_trusted_stays() {
        let (now, before) = (noise(1), noise(2));
        let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(near(
            &mix(&now, &before, &vec![0.0; SIZE * SIZE], share(0.7), &mut Room::default()),
            now.rgb()
        ));
        assert!(near(&mix(&now, &now, &vec![1.0; SIZE * SIZE], share(0.7), &mut Room::default()), now.rgb()));
    }

    #[test]
    fn every_place_has_its_turn() {
        let (now, before) = (noise(1), noise(2));
        let mut room = Room::default();
        let mut fresh = vec![false; SIZE * SIZE];
        for turn in [0.0, 0.25, 0.5, 0.75] {
            let share = Share { alike: 1.0, held: 1.0, anew: 0.0, turn };
            let mixed = mix(&now, &before, &vec![1.0; SIZE * SIZE], share, &mut room);
            for (at, fresh) in fresh.iter_mut().enumerate() {
                let [old, mixed] = [before.rgb(), &mixed].map(|rgb| rgb[3 * at]);
                *fresh |= (old - mixed).abs() > 1e-6;
            }
        }
        assert!(fresh.iter().filter(|&&fresh| fresh).count() > SIZE * SIZE * 95 / 100);
    }
}
