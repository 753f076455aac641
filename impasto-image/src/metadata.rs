//! What a photo's file knows besides its pixels.

use crate::decode::Raw;
use crate::exif_block::ExifBlock;
use crate::open::InputFormat;
use crate::profile::Profile;

/// What a photo's file knows besides its pixels, and what a version of the photo may be saved with.
///
/// XMP, IPTC and text chunks are not read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The embedded colour profile, if it is for RGB and colours can be converted into it.
    pub profile: Option<Profile>,
    /// The EXIF data.
    pub exif: Option<ExifBlock>,
    /// What of the EXIF data could not be read, in words. The rest is in [`Self::exif`].
    pub damage: Option<String>,
}

impl Metadata {
    /// The metadata of the file `bytes` that was decoded to `raw`.
    pub(crate) fn of(bytes: &[u8], format: InputFormat, raw: &Raw) -> Self {
        let profile = raw.icc.as_ref().and_then(|icc| Profile::new(icc.clone()).ok());
        // A TIFF is what an EXIF block is made like.
        let block = if format == InputFormat::Tiff { Some(bytes) } else { raw.exif.as_deref() };
        let (exif, damage) = block.map_or((None, None), ExifBlock::read);
        // The further pages of a TIFF, of which there may be any number, look like damage.
        let damage = damage.filter(|_| format != InputFormat::Tiff);
        Self { profile, exif, damage }
    }
}
