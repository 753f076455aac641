//! Named parameter arrays: embedded, or read from safetensors and PyTorch files.
//!
//! - [`open`] tells formats by content; [`open_vgg`] also recognises whose VGG it is ([`torchvision`])
//! - [`embedded()`] and [`from_folder`] give the models that belong to this project

mod codebook;
mod element;
mod embedded;
mod encode;
mod parameters;
mod pytorch;
mod safetensors;
mod steps;
pub mod torchvision;

use crate::NetError;
use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Read, Seek},
    path::Path,
};

pub(crate) use embedded::embedded_some;
pub use embedded::{embedded, from_folder, imagenet_classes};
pub use encode::{Precision, Tensor, encode};
pub use torchvision::{Convention, VggKind, recognise_vgg};

/// Characters of an error's reason that are kept.
const LONGEST_REASON: usize = 600;

/// One parameter of a layer: values in row-major order with their shape, convolution kernels as
/// [output, input, height, width].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Array {
    /// Extents, outermost first; empty for a single number.
    pub shape: Vec<usize>,
    /// As many values as the extents multiply to.
    pub data: Vec<f32>,
}

/// Values as a file stored them: value `i` is `table[indices[i]]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Codes {
    /// In the order of the array's values.
    pub indices: Vec<u8>,
    /// Entries beyond the file's table are not used.
    pub table: Box<[f32; 256]>,
}

/// Parameter arrays by name, with the file's remarks on itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights {
    arrays: BTreeMap<String, Array>,
    /// Of the arrays that were stored so.
    codes: BTreeMap<String, Codes>,
    metadata: BTreeMap<String, String>,
}

impl Weights {
    /// Weights made of these arrays and remarks.
    pub fn new(arrays: BTreeMap<String, Array>, metadata: BTreeMap<String, String>) -> Weights {
        Weights { arrays, codes: BTreeMap::new(), metadata }
    }

    /// Arrays and remarks by name.
    pub fn into_parts(self) -> (BTreeMap<String, Array>, BTreeMap<String, String>) {
        (self.arrays, self.metadata)
    }

    /// The array of that name.
    pub fn get(&self, name: &str) -> Option<&Array> {
        self.arrays.get(name)
    }

    /// How the array of that name was stored, if as indices.
    pub(crate) fn codes(&self, name: &str) -> Option<&Codes> {
        self.codes.get(name)
    }

    /// Every array's name, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.arrays.keys().map(String::as_str)
    }

    /// The file's remarks on itself: source, licence, input convention; empty for PyTorch files.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }
}

/// Every array of a safetensors file or of a PyTorch `.pth`/`.pt` file that holds a `state_dict`.
///
/// The content decides which of the two it is, not the name. Values of any floating-point or integer type become
/// f32. A pair `X.indices` (8-bit) and `X.table` (up to 256 values) becomes `X`, and so does a pair `X.integers` (8-bit,
/// signed) and `X.steps` (one value an output, which its integers are multiplied with). A PyTorch file is interpreted
/// without executing anything in it.
///
/// # Errors
/// [`NetError::Read`] if the file cannot be read; [`NetError::Format`] if it is of another kind, damaged,
/// truncated, or holds a value that is not finite.
pub fn open(path: &Path) -> Result<Weights, NetError> {
    open_some(path, &|_| true)
}

/// A VGG-16 or VGG-19 from a file that [`open`] understands, with arrays named `conv1_1.weight`, `conv1_1.bias` and so on.
///
/// Its fully connected layers, if any, are not read, which saves memory.
///
/// # Errors
/// Those of [`open`] and [`recognise_vgg`].
pub fn open_vgg(path: &Path) -> Result<(VggKind, Convention, Weights), NetError> {
    let weights = open_some(path, &|name| !torchvision::is_classifier(name))?;
    recognise_vgg(weights, path)
}

/// The arrays of a file whose names `keep` accepts; the others are not decoded.
fn open_some(path: &Path, keep: &dyn Fn(&str) -> bool) -> Result<Weights, NetError> {
    let failed = |source| NetError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let facts = file.metadata().map_err(failed)?;
    if facts.is_dir() {
        return Err(failed(std::io::ErrorKind::IsADirectory.into()));
    }
    let mut source = Source { path, length: facts.len(), stream: BufReader::new(file) };
    let mut start = Vec::new();
    source.stream.by_ref().take(16).read_to_end(&mut start).map_err(failed)?;
    source.stream.rewind().map_err(failed)?;
    if start.is_empty() {
        Err(source.damaged("it is empty"))
    } else if pytorch::is_pytorch(&start) {
        pytorch::read(source, keep)
    } else if safetensors::is_safetensors(&start) {
        safetensors::read(source, keep)
    } else {
        Err(source.damaged("it is neither safetensors nor a PyTorch file (.pth, .pt)"))
    }
}

/// The error of the file `path` that is not what it should be.
fn damaged(path: &Path, reason: impl AsRef<str>) -> NetError {
    // Names come from the file: they shall neither flood a terminal nor command it.
    let shown = reason.as_ref().chars().take(LONGEST_REASON);
    let reason = shown.map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect();
    NetError::Format { path: path.to_owned(), reason }
}

/// A file being read: where it is from, how long it is, its bytes.
struct Source<'a, R> {
    path: &'a Path,
    length: u64,
    stream: R,
}

impl<R: Read + Seek> Source<'_, R> {
    /// The error of a file that is not what it should be.
    fn damaged(&self, reason: impl AsRef<str>) -> NetError {
        damaged(self.path, reason)
    }

    /// The error of a failed read: a file that ends too early is damaged, all else is the system's.
    fn failed(&self, error: std::io::Error, what: &str) -> NetError {
        if error.kind() == std::io::ErrorKind::UnexpectedEof {
            self.damaged(format!("it ends inside {what}"))
        } else {
            NetError::Read { path: self.path.to_owned(), source: error }
        }
    }

    /// `length` bytes from the position `start`; refused before allocation where the file is shorter.
    fn bytes(&mut self, start: u64, length: u64, what: &str) -> Result<Vec<u8>, NetError> {
        if start.checked_add(length).is_none_or(|end| end > self.length) {
            return Err(self.damaged(format!("it ends inside {what}")));
        }
        let Ok(size) = usize::try_from(length) else {
            return Err(self.damaged(format!("{what} is too large for this machine's memory")));
        };
        let mut bytes = vec![0; size];
        let result = self
            .stream
            .seek(std::io::SeekFrom::Start(start))
            .and_then(|_| self.stream.read_exact(&mut bytes));
        result.map_err(|error| self.failed(error, what))?;
        Ok(bytes)
    }
}
