//! Files to pixels and back: everything Impasto knows about picture files, and nothing about networks.
//!
//! | module | holds |
//! |---|---|
//! | [`picture`] | [`Picture`]: sRGB pixels in memory as `f32`, with optional alpha |
//! | [`mask`] | [`Mask`]: how much every pixel counts |
//! | [`crop`] | [`Rectangle`]: parts of pictures and masks |
//! | [`mod@open`] | [`open()`]: any supported file to an upright sRGB [`Picture`] |
//! | [`limits`] | [`Limits`]: how large a file may claim to be before it is refused |
//! | [`mod@save`] | [`save()`]: PNG, JPEG, WebP, TIFF and BMP, never half-written |
//! | [`atomic`] | the same guarantee for any other output |
//! | [`profile`] | [`Profile`]: an ICC profile that a picture can be saved in |
//! | [`metadata`], [`exif_block`] | what a photo's file knows besides its pixels |
//! | [`crop`], [`turn`] | parts of pictures; pictures mirrored and turned |
//! | [`mod@flatten`] | a picture laid on a background |
//! | [`color`] | colours transferred between pictures, and palettes |
//! | [`animation`] | [`animation::Gif`]: frames to an animated GIF |
//! | [`record`] | the provenance record a saved picture carries |
//! | [`mod@resize`] | antialiased resampling in linear light |
//! | [`error`] | what can go wrong, and what to do about it |

pub mod animation;
pub mod atomic;
pub mod color;
pub mod crop;
mod decode;
pub mod error;
pub mod exif_block;
pub mod flatten;
pub mod limits;
pub mod mask;
pub mod metadata;
pub mod open;
pub mod picture;
pub mod profile;
pub mod record;
pub mod resize;
pub mod save;
pub mod turn;

pub use atomic::{check_destination, write_atomically};
pub use crop::Rectangle;
pub use error::Error;
pub use exif_block::ExifBlock;
pub use flatten::flatten;
pub use limits::Limits;
pub use mask::{LUMA, Mask};
pub use metadata::Metadata;
pub use open::{InputFormat, Opened, Warning, decode, open, open_small};
pub use picture::Picture;
pub use profile::Profile;
pub use resize::{bicubic, fit_long_side, resize};
pub use save::{BitDepth, OutputFormat, SaveOptions, save};
pub use turn::Turn;
