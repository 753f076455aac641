//! The ICC profile of sRGB, built from its definition.

/// Illuminant of the profile connection space (D50), as every ICC profile states it.
const D50: [u32; 3] = [0xf6d6, 0x1_0000, 0xd32d];

/// Red, green and blue adapted to D50, in 1/65536 (IEC 61966-2-1 with the Bradford adaptation).
const COLORANTS: [[u32; 3]; 3] =
    [[0x6fa2, 0x38f5, 0x0390], [0x6299, 0xb785, 0x18da], [0x24a0, 0x0f84, 0xb6cf]];

/// The Bradford adaptation from D65 to D50, row by row.
const ADAPTATION: [f64; 9] =
    [1.04788, 0.02292, -0.05022, 0.02959, 0.99048, -0.01707, -0.00925, 0.01508, 0.75168];

/// The transfer function: Y = (aX + b)^g from d up, cX below; in the order g, a, b, c, d.
const TRANSFER: [f64; 5] = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045];

/// A display profile of ICC version 4.2.
pub(super) fn bytes() -> Vec<u8> {
    let xyz = |xyz: [u32; 3]| tag(b"XYZ ", xyz.into_iter().flat_map(u32::to_be_bytes));
    let curve = tag(b"para", [0, 3, 0, 0].into_iter().chain(TRANSFER.into_iter().flat_map(s15_fixed16)));
    let adaptation = tag(b"sf32", ADAPTATION.into_iter().flat_map(s15_fixed16));
    let [red, green, blue] = COLORANTS;
    let elements: [(&[&[u8; 4]], Vec<u8>); 8] = [
        (&[b"desc"], text("sRGB")),
        (&[b"cprt"], text("No copyright, use freely")),
        (&[b"wtpt"], xyz(D50)),
        (&[b"chad"], adaptation),
        (&[b"rXYZ"], xyz(red)),
        (&[b"gXYZ"], xyz(green)),
        (&[b"bXYZ"], xyz(blue)),
        (&[b"rTRC", b"gTRC", b"bTRC"], curve),
    ];
    let count: usize = elements.iter().map(|(names, _)| names.len()).sum();
    let mut table = (count as u32).to_be_bytes().to_vec();
    let mut data = Vec::new();
    let first = HEADER + 4 + 12 * count;
    for (names, element) in &elements {
        for name in *names {
            table.extend(*name);
            table.extend(((first + data.len()) as u32).to_be_bytes());
            table.extend((element.len() as u32).to_be_bytes());
        }
        data.extend(element);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    let mut out = header(first + data.len());
    out.extend(table);
    out.extend(data);
    out
}

/// Length of the header in bytes.
const HEADER: usize = 128;

fn header(length: usize) -> Vec<u8> {
    let mut out = vec![0; HEADER];
    out[..4].copy_from_slice(&(length as u32).to_be_bytes());
    out[8..12].copy_from_slice(&[4, 0x20, 0, 0]);
    out[12..24].copy_from_slice(b"mntrRGB XYZ ");
    // A date is required: 1 January 2026, midnight, so that the same picture gives the same bytes.
    for (at, part) in [2026u16, 1, 1].into_iter().enumerate() {
        out[24 + 2 * at..26 + 2 * at].copy_from_slice(&part.to_be_bytes());
    }
    out[36..40].copy_from_slice(b"acsp");
    for (at, part) in D50.into_iter().enumerate() {
        out[68 + 4 * at..72 + 4 * at].copy_from_slice(&part.to_be_bytes());
    }
    out
}

fn tag(kind: &[u8; 4], content: impl IntoIterator<Item = u8>) -> Vec<u8> {
    kind.iter().copied().chain([0; 4]).chain(content).collect()
}

/// One text in American English, the type's own lingua franca.
fn text(text: &str) -> Vec<u8> {
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let numbers = |numbers: [u32; 2]| numbers.into_iter().flat_map(u32::to_be_bytes);
    let record = b"enUS".iter().copied().chain(numbers([utf16.len() as u32, 28]));
    tag(b"mluc", numbers([1, 12]).chain(record).chain(utf16))
}

fn s15_fixed16(value: f64) -> [u8; 4] {
    ((value * 65536.0).round() as i32).to_be_bytes()
}
