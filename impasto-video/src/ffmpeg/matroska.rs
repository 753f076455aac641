//! Raw frames with exact times, as ffmpeg reads them from a pipe: the few elements of Matroska (RFC 9559) that this takes.

use std::io::{self, Write};

/// Writes frames of interleaved 8-bit RGB with times in nanoseconds.
pub struct Writer<W> {
    sink: W,
}

impl<W: Write> Writer<W> {
    /// Begins a stream of frames of this size that usually last `duration` nanoseconds.
    pub fn new(mut sink: W, width: usize, height: usize, duration: u64) -> io::Result<Self> {
        let doctype = element(0x4282, b"matroska");
        sink.write_all(&element(0x1A45_DFA3, &[doctype, uint(0x4287, 4), uint(0x4285, 2)].concat()))?;
        // The segment, whose length is unknown.
        sink.write_all(&[0x18, 0x53, 0x80, 0x67, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])?;
        // A tick is a nanosecond.
        let names = [element(0x4D80, b"impasto"), element(0x5741, b"impasto")].concat();
        sink.write_all(&element(0x1549_A966, &[uint(0x2A_D7B1, 1), names].concat()))?;
        let fourcc = element(0x2E_B524, b"RGB\x18");
        let video = [uint(0xB0, width as u64), uint(0xBA, height as u64), fourcc].concat();
        let entry = [
            uint(0xD7, 1),
            uint(0x73C5, 1),
            uint(0x83, 1),
            uint(0x9C, 0),
            uint(0x23_E383, duration),
            element(0x86, b"V_UNCOMPRESSED"),
            element(0xE0, &video),
        ];
        sink.write_all(&element(0x1654_AE6B, &element(0xAE, &entry.concat())))?;
        Ok(Writer { sink })
    }

    /// Adds a frame that appears at `time` and lasts `duration`, in nanoseconds.
    pub fn push(&mut self, rgb: &[u8], time: u64, duration: u64) -> io::Result<()> {
        // A block's own time is too small for nanoseconds, so each is alone in its cluster.
        let time = uint(0xE7, time);
        let duration = uint(0x9B, duration);
        // Track 1 at time 0, without flags.
        let block_head = [0x81, 0, 0, 0];
        let block = [head(0xA1, block_head.len() + rgb.len()), block_head.to_vec()].concat();
        let group = head(0xA0, block.len() + rgb.len() + duration.len());
        self.sink.write_all(&head(
            0x1F43_B675,
            time.len() + group.len() + block.len() + rgb.len() + duration.len(),
        ))?;
        self.sink.write_all(&[time, group, block].concat())?;
        self.sink.write_all(rgb)?;
        self.sink.write_all(&duration)
    }

    /// The sink, all written.
    pub fn finish(mut self) -> io::Result<W> {
        self.sink.flush()?;
        Ok(self.sink)
    }
}

/// Name and length of an element.
fn head(id: u32, length: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = id.to_be_bytes().into_iter().skip_while(|&byte| byte == 0).collect();
    // Lengths may always take eight bytes.
    bytes.extend((1u64 << 56 | length as u64).to_be_bytes());
    bytes
}

fn element(id: u32, data: &[u8]) -> Vec<u8> {
    [head(id, data.len()), data.to_vec()].concat()
}

fn uint(id: u32, value: u64) -> Vec<u8> {
    element(id, &value.to_be_bytes())
}
