//! The steps as they are typed, in the order in which they are typed.

use super::area::Area;
use crate::arguments::{count, factor, part};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches, ValueEnum};
use impasto_image::Turn;
use std::path::{Path, PathBuf};

/// One thing to do to the picture.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Size(usize),
    Crop(Area),
    CropSquare,
    Flip(Axis),
    Rotate(Angle),
    Erase(PathBuf),
    Brightness(f64),
    Contrast(f64),
    Saturation(f64),
    Recolor { colors: String, strength: f64 },
    Palette { colors: String, dither: bool },
    ChannelBits { bits: u8, dither: bool },
}

/// Which sides are exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Axis {
    Horizontal,
    Vertical,
}

/// How far to turn, clockwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Angle {
    #[value(name = "90")]
    Quarter,
    #[value(name = "180")]
    Half,
    #[value(name = "270")]
    ThreeQuarters,
}

impl Axis {
    /// The same for pictures.
    pub fn turn(self) -> Turn {
        match self {
            Axis::Horizontal => Turn::FlipHorizontal,
            Axis::Vertical => Turn::FlipVertical,
        }
    }
}

impl Angle {
    /// The same for pictures.
    pub fn turn(self) -> Turn {
        match self {
            Angle::Quarter => Turn::Quarter,
            Angle::Half => Turn::Half,
            Angle::ThreeQuarters => Turn::ThreeQuarters,
        }
    }
}

/// All steps, in order.
#[derive(Clone, Debug)]
pub struct Steps(pub Vec<Step>);

impl Steps {
    /// Files that the steps read, to be kept from being written over.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().filter_map(|step| match step {
            Step::Erase(mask) => Some(mask.as_path()),
            Step::Recolor { colors, .. } | Step::Palette { colors, .. } => Some(Path::new(colors)),
            _ => None,
        })
    }
}

#[derive(Args)]
#[command(next_help_heading = "Steps, taken in the order given")]
struct Typed {
    /// Bring the long side to so many pixels
    #[arg(long, value_name = "PIXELS", value_parser = count)]
    size: Vec<usize>,

    /// Keep a part: left column, top row, width and height, each in pixels or per cent of the picture
    #[arg(long, value_name = "X,Y,W,H", allow_hyphen_values = true)]
    crop: Vec<Area>,

    /// Keep the largest square around the middle
    #[arg(long)]
    crop_square: bool,

    /// Mirror: horizontal exchanges left and right, vertical top and bottom
    #[arg(long, value_name = "AXIS", value_enum)]
    flip: Vec<Axis>,

    /// Turn clockwise, by so many degrees
    #[arg(long, value_name = "DEGREES", value_enum)]
    rotate: Vec<Angle>,

    /// Take out what is white in MASK and paint its place with the texture around it
    ///
    /// MASK is painted over STYLE as the file has it and stretched to its size; --crop, --size, --flip and --rotate before
    /// --erase apply to the mask, too. Paint generously: what is left of a thing's outline or shadow is copied as if it belonged there. Another --seed copies otherwise.
    #[arg(long, value_name = "MASK")]
    erase: Vec<PathBuf>,

    /// Add to the lightness, -1 to 1
    #[arg(long, value_name = "X", value_parser = offset, allow_negative_numbers = true)]
    brightness: Vec<f64>,

    /// Stretch lightness about its mean: below 1 flatter, above 1 starker
    #[arg(long, value_name = "X", value_parser = factor, allow_negative_numbers = true)]
    contrast: Vec<f64>,

    /// Stretch colours about grey: 0 leaves greys, above 1 more colourful
    #[arg(long, value_name = "X", value_parser = factor, allow_negative_numbers = true)]
    saturation: Vec<f64>,

    /// Take over the colours of a picture (mean and covariance), or move softly towards a palette
    ///
    /// A palette is a file (.gpl, or a text with one colour a line) or colours such as '#0b1d3a,navy,rgb(216 199 154)'.
    #[arg(long, value_name = "PICTURE|PALETTE")]
    recolor: Vec<String>,

    /// How far --recolor goes, 0 to 1
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = part, allow_negative_numbers = true, requires = "recolor")]
    recolor_strength: f64,

    /// Paint with so many colours only, which stand for the picture's (2 to 256), or with those of a palette or picture
    ///
    /// A painting after such a style keeps to its colours, see `impasto paint --color`; not with --dither, and not after
    /// later steps that change colours.
    #[arg(long, value_name = "N|PALETTE|PICTURE")]
    palette: Vec<String>,

    /// Keep so many bits of every channel, 1 to 7
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=7))]
    channel_bits: Vec<u8>,

    /// Mix the colours between those of --palette and --channel-bits from dots
    #[arg(long)]
    dither: bool,
}

impl FromArgMatches for Steps {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let Typed {
            size,
            crop,
            crop_square,
            flip,
            rotate,
            erase,
            brightness,
            contrast,
            saturation,
            recolor,
            recolor_strength: strength,
            palette,
            channel_bits,
            dither,
        } = Typed::from_arg_matches(matches)?;
        let mut steps: Vec<(usize, Step)> = Vec::new();
        let mut add = |id: &str, found: Vec<Step>| {
            if matches.value_source(id) == Some(ValueSource::CommandLine) {
                steps.extend(matches.indices_of(id).into_iter().flatten().zip(found));
            }
        };
        add("size", size.into_iter().map(Step::Size).collect());
        add("crop", crop.into_iter().map(Step::Crop).collect());
        add("crop_square", if crop_square { vec![Step::CropSquare] } else { vec![] });
        add("flip", flip.into_iter().map(Step::Flip).collect());
        add("rotate", rotate.into_iter().map(Step::Rotate).collect());
        add("erase", erase.into_iter().map(Step::Erase).collect());
        add("brightness", brightness.into_iter().map(Step::Brightness).collect());
        add("contrast", contrast.into_iter().map(Step::Contrast).collect());
        add("saturation", saturation.into_iter().map(Step::Saturation).collect());
        add("recolor", recolor.into_iter().map(|colors| Step::Recolor { colors, strength }).collect());
        add("palette", palette.into_iter().map(|colors| Step::Palette { colors, dither }).collect());
        let bits = channel_bits.into_iter().map(|bits| Step::ChannelBits { bits, dither });
        add("channel_bits", bits.collect());
        steps.sort_by_key(|(place, _)| *place);
        Ok(Steps(steps.into_iter().map(|(_, step)| step).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Steps::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Steps {
    fn augment_args(command: Command) -> Command {
        Typed::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Typed::augment_args_for_update(command)
    }
}

/// A number from −1 to 1.
fn offset(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (-1.0..=1.0).contains(&value) => Ok(value),
        Ok(_) => Err("it must be from -1 to 1".into()),
        Err(_) => Err("it is not a number".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        steps: Steps,
    }

    #[test]
    fn steps_keep_their_order() {
        let words = "x --palette 8 --crop-square --contrast 2 --palette=a.gpl --dither --contrast 1 --rotate 90 --size 9 --flip vertical";
        let line = Line::try_parse_from(words.split(' ')).expect("steps");
        let palette = |colors: &str| Step::Palette { colors: colors.into(), dither: true };
        let expected = [
            palette("8"),
            Step::CropSquare,
            Step::Contrast(2.0),
            palette("a.gpl"),
            Step::Contrast(1.0),
            Step::Rotate(Angle::Quarter),
            Step::Size(9),
            Step::Flip(Axis::Vertical),
        ];
        assert_eq!(line.steps.0, expected);
        assert_eq!(line.steps.files().count(), 2);
        assert_eq!(Line::try_parse_from(["x"]).expect("nothing").steps.0, []);
        for bad in [
            "--contrast -1",
            "--brightness 2",
            "--recolor-strength 1",
            "--channel-bits 8",
            "--size 0",
            "--rotate 45",
        ] {
            assert!(Line::try_parse_from(format!("x {bad}").split(' ')).is_err(), "{bad}");
        }
    }
}
