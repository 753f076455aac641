//! Saved files appear whole or not at all, where they were asked for, with ordinary permissions.

use std::fs;
use std::io::{self, Cursor, Seek, SeekFrom, Write};
use std::path::Path;

use impasto_image::save::{check_options, check_size, encode};
use impasto_image::{
    BitDepth, Error, Limits, OutputFormat, Picture, SaveOptions, check_destination, open, save,
    write_atomically,
};

fn picture() -> Picture {
    Picture::new(40, 30, (0..40 * 30 * 3).map(|i| (i % 97) as f32 / 96.0).collect()).unwrap()
}

/// Names in a folder; a temporary file left behind would show.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_failed_write_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.bin");
    let fail = |w: &mut io::BufWriter<fs::File>| {
        w.write_all(&[1; 1 << 20])?;
        Err(io::Error::from(io::ErrorKind::StorageFull))
    };
    let error = write_atomically(&path, false, fail).unwrap_err();
    assert!(matches!(error, Error::Write { .. }), "{error:?}");
    assert!(error.to_string().contains("out.bin"));
    assert!(error.hint().unwrap().contains("space"));
    assert!(names(folder.path()).is_empty());

    fs::write(&path, "precious").unwrap();
    write_atomically(&path, true, fail).unwrap_err();
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    assert_eq!(names(folder.path()), ["out.bin"]);
}

/// A disk with room for so many bytes.
struct Full(Cursor<Vec<u8>>, usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.get_ref().len() + bytes.len() > self.1 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Full {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn every_encoder_reports_a_full_disk() {
    let options = SaveOptions { record: Some("{}".into()), ..SaveOptions::default() };
    for format in
        [OutputFormat::Png, OutputFormat::Jpeg, OutputFormat::WebP, OutputFormat::Tiff, OutputFormat::Bmp]
    {
        let mut whole = Cursor::new(Vec::new());
        encode(&mut whole, &picture(), format, &options).unwrap();
        let length = whole.into_inner().len();
        for room in [0, 10, length / 2, length - 1] {
            let full = Full(Cursor::new(Vec::new()), room);
            let error = encode(full, &picture(), format, &options).unwrap_err();
            assert_eq!(
                error.kind(),
                io::ErrorKind::StorageFull,
                "{format:?} with room for {room}: {error:?}"
            );
        }
    }
}

#[test]
fn existing_files_are_kept_unless_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    save(&path, &picture(), &SaveOptions::default()).unwrap();
    let first = fs::read(&path).unwrap();
    let dark = Picture::new(1, 1, vec![0.0; 3]).unwrap();
    assert!(matches!(check_destination(&path, false), Err(Error::Exists { .. })));
    let error = save(&path, &dark, &SaveOptions::default()).unwrap_err();
    assert!(matches!(error, Error::Exists { .. }), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), first);
    check_destination(&path, true).unwrap();
    save(&path, &dark, &SaveOptions { overwrite: true, ..SaveOptions::default() }).unwrap();
    assert_eq!(open(&path, &Limits::default()).unwrap().picture, dark);
    assert_eq!(names(folder.path()), ["a.png"]);
}

#[test]
fn a_file_that_appears_meanwhile_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    let error = write_atomically(&path, false, |w| {
        fs::write(&path, "someone else's")?;
        w.write_all(b"ours")
    });
    assert!(matches!(error, Err(Error::Exists { .. })), "{error:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "someone else's");
    assert_eq!(names(folder.path()), ["a.txt"]);
}

#[test]
fn impossible_destinations_are_known_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("file"), "").unwrap();
    fs::create_dir(at("folder.png")).unwrap();

    check_destination(&at("new.png"), false).unwrap();
    check_destination(Path::new("bare_name_in_the_current_folder.png"), false).unwrap();
    let error = check_destination(&at("missing/new.png"), false).unwrap_err();
    assert!(matches!(error, Error::NoFolder { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("create"));
    assert!(matches!(check_destination(&at("file/new.png"), false), Err(Error::NoFolder { .. })));
    for overwrite in [false, true] {
        let error = check_destination(&at("folder.png"), overwrite).unwrap_err();
        assert!(matches!(error, Error::IsDirectory { .. }), "{error:?}");
        assert!(matches!(check_destination(&at(".."), overwrite), Err(Error::IsDirectory { .. })));
        assert!(matches!(check_destination(Path::new(""), overwrite), Err(Error::IsDirectory { .. })));
        #[cfg(unix)]
        assert!(matches!(check_destination(Path::new("/dev/null"), overwrite), Err(Error::NotAFile { .. })));
    }
    // Not even the system's administrator may create files here, so this holds whoever runs the tests.
    #[cfg(target_os = "linux")]
    assert!(check_destination(Path::new("/proc/new.png"), false).is_err());
    assert_eq!(names(folder.path()), ["file", "folder.png"]);
}

#[test]
fn formats_and_options_are_checked_before_the_work() {
    for (name, format) in [
        ("a.png", OutputFormat::Png),
        ("a.JPG", OutputFormat::Jpeg),
        ("a.jpeg", OutputFormat::Jpeg),
        ("a.webp", OutputFormat::WebP),
        ("a.b.tif", OutputFormat::Tiff),
        ("a.TIFF", OutputFormat::Tiff),
        ("a.bmp", OutputFormat::Bmp),
    ] {
        assert_eq!(OutputFormat::from_path(name).unwrap(), format);
    }
    for name in ["a.gif", "a", ".png", "a.", "a.png.part"] {
        let error = OutputFormat::from_path(name).unwrap_err();
        assert!(error.to_string().starts_with(name), "{error}");
        assert!(error.hint().unwrap().contains(".webp"));
    }
    let path = Path::new("a.jpg");
    for quality in [0, 101] {
        let options = SaveOptions { quality, ..SaveOptions::default() };
        let error = check_options(path, OutputFormat::Jpeg, &options).unwrap_err();
        assert!(matches!(error, Error::Quality { .. }), "{error:?}");
    }
    let options = SaveOptions { bits: BitDepth::Sixteen, ..SaveOptions::default() };
    assert!(matches!(check_options(path, OutputFormat::Jpeg, &options), Err(Error::CannotHold { .. })));
    check_options(Path::new("a.png"), OutputFormat::Png, &options).unwrap();
    let options = SaveOptions { record: Some("é".repeat(11_000)), ..SaveOptions::default() };
    assert!(matches!(check_options(path, OutputFormat::Jpeg, &options), Err(Error::CannotHold { .. })));
    assert!(matches!(
        check_size(Path::new("a.webp"), OutputFormat::WebP, 20_000, 10),
        Err(Error::CannotHold { .. })
    ));
    check_size(Path::new("a.webp"), OutputFormat::WebP, 16_384, 10).unwrap();
}

#[test]
fn the_longest_allowed_record_fits_into_a_jpeg() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jpg");
    let text = format!("\"{}\"", "x".repeat(64_900));
    save(&path, &picture(), &SaveOptions { record: Some(text.clone()), ..SaveOptions::default() }).unwrap();
    assert_eq!(impasto_image::record::read(&path).unwrap(), Some(text));
}

#[test]
fn values_outside_the_range_are_clamped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    let wild = vec![-1.0, 2.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.5];
    save(&path, &Picture::new(2, 1, wild).unwrap(), &SaveOptions::default()).unwrap();
    let back = open(&path, &Limits::default()).unwrap().picture;
    assert_eq!(back.to_rgb8(), [0, 255, 0, 255, 0, 128]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn permissions_are_ordinary_and_survive_overwriting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        save(&path, &picture(), &SaveOptions::default()).unwrap();
        // The umask can only be read by setting it; a file made by other means shows it as well.
        let plain = folder.path().join("plain");
        fs::write(&plain, "").unwrap();
        assert_eq!(mode(&path), mode(&plain));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        save(&path, &picture(), &SaveOptions { overwrite: true, ..SaveOptions::default() }).unwrap();
        assert_eq!(mode(&path), 0o640);
    }

    #[test]
    fn a_symbolic_link_is_followed_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("elsewhere")).unwrap();
        symlink("elsewhere/real.png", at("link.png")).unwrap();
        // A link to nothing yet is a new file at the far end.
        save(at("link.png"), &picture(), &SaveOptions::default()).unwrap();
        assert!(at("link.png").symlink_metadata().unwrap().is_symlink());
        assert!(at("elsewhere/real.png").symlink_metadata().unwrap().is_file());
        assert!(matches!(check_destination(&at("link.png"), false), Err(Error::Exists { .. })));
        let dark = Picture::new(1, 1, vec![0.0; 3]).unwrap();
        save(at("link.png"), &dark, &SaveOptions { overwrite: true, ..SaveOptions::default() }).unwrap();
        assert!(at("link.png").symlink_metadata().unwrap().is_symlink());
        assert_eq!(open(at("elsewhere/real.png"), &Limits::default()).unwrap().picture, dark);
        assert_eq!(names(&at("elsewhere")), ["real.png"]);

        symlink("loop.png", at("loop.png")).unwrap();
        assert!(check_destination(&at("loop.png"), true).is_err());
        symlink("nowhere/x.png", at("dangling.png")).unwrap();
        assert!(matches!(check_destination(&at("dangling.png"), false), Err(Error::NoFolder { .. })));
    }

    #[test]
    fn a_pipe_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe.png");
        if Command::new("mkfifo").arg(&path).status().is_ok_and(|status| status.success()) {
            assert!(matches!(check_destination(&path, true), Err(Error::NotAFile { .. })));
        }
    }
}
