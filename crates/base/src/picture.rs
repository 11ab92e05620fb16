//! Pictures that people send: measured before anything is unpacked, turned upright, written anew.
//!
//! What comes out is a JPEG of bounded size that holds pixels alone: no position, no device, no earlier thumbnail.
//! The size on paper is read from the head of the file; a picture whose pixels would not fit is never decoded.

use std::io::Cursor;

use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits, RgbImage,
    codecs::jpeg::JpegEncoder, imageops::FilterType,
};

use crate::{i18n::Text, text};

/// The largest file that is looked at, in bytes.
pub const MAX_BYTES: usize = 12 * 1_048_576;
/// The longest side that a sent picture may have, in pixels.
pub const MAX_SIDE: u32 = 12_000;
/// The most pixels that are unpacked.
pub const MAX_PIXELS: u64 = 40_000_000;
/// The longest side of what is kept, in pixels.
pub const KEPT_SIDE: u32 = 1_600;
const QUALITY: u8 = 82;
/// What unpacking may take: four bytes of each pixel twice over.
const MAX_MEMORY: u64 = MAX_PIXELS * 8;

/// Why a picture was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PictureError {
    #[error("too many bytes")]
    TooLarge,
    #[error("not a picture of a kind that is read")]
    NotAPicture,
    #[error("{width} × {height} pixels are too many")]
    TooManyPixels { width: u32, height: u32 },
    #[error("broken")]
    Broken,
}

impl PictureError {
    /// What the sender is told: how to mend it.
    #[must_use]
    pub fn say(self) -> Text {
        match self {
            Self::TooLarge => text!("图片超过 {n} MB，请选小一些的，或先截图再传", n = MAX_BYTES / 1_048_576),
            Self::NotAPicture => text!("这不是能识别的图片；请传 JPG、PNG 或 WebP 格式的照片"),
            Self::TooManyPixels { width, height } => text!(
                "图片有 {width}×{height} 像素，太大了；每边最多 {side} 像素、总共最多 {most} 万像素，请缩小后再传",
                width = width,
                height = height,
                side = MAX_SIDE,
                most = MAX_PIXELS / 10_000
            ),
            Self::Broken => text!("图片不完整或已损坏，请重新选一张"),
        }
    }
}

/// The kind by the first bytes; a name or a declared type says nothing.
fn kind(bytes: &[u8]) -> Option<ImageFormat> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some(ImageFormat::Jpeg),
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some(ImageFormat::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(ImageFormat::WebP),
        _ => None,
    }
}

/// Width and height in pixels, from the head alone; refuses what must not be unpacked.
pub fn measure(bytes: &[u8]) -> Result<(u32, u32), PictureError> {
    if bytes.len() > MAX_BYTES {
        return Err(PictureError::TooLarge);
    }
    let format = kind(bytes).ok_or(PictureError::NotAPicture)?;
    let reader = ImageReader::with_format(Cursor::new(bytes), format);
    let (width, height) = reader.into_dimensions().map_err(|_| PictureError::Broken)?;
    let pixels = u64::from(width) * u64::from(height);
    if width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS {
        return Err(PictureError::TooManyPixels { width, height });
    }
    Ok((width, height))
}

/// The picture as it is kept: a JPEG, upright, its longest side at most [`KEPT_SIDE`], pixels and nothing else.
///
/// Takes some tenths of a second of computing for a large photograph: run it where that harms nobody.
pub fn renew(bytes: &[u8]) -> Result<Vec<u8>, PictureError> {
    let mut picture = upright(bytes)?;
    if picture.width().max(picture.height()) > KEPT_SIDE {
        picture = picture.resize(KEPT_SIDE, KEPT_SIDE, FilterType::Triangle);
    }
    jpeg(&picture, QUALITY)
}

/// Width and height of a portrait as it is kept, and of its small copy.
const PORTRAIT: (u32, u32) = (360, 480);
const SMALL: (u32, u32) = (138, 184);
/// What a small copy may weigh: it is sent to telephones in villages.
pub const SMALL_BYTES: usize = 8_000;

/// A portrait of 3:4 as it is kept, for papers and pages, and small, for telephones.
#[derive(Clone, Debug)]
pub struct Portrait {
    pub large: Vec<u8>,
    pub small: Vec<u8>,
}

/// The middle of a picture as a portrait; of a tall one more is taken off below than above, where the face is.
pub fn portrait(bytes: &[u8]) -> Result<Portrait, PictureError> {
    let picture = upright(bytes)?;
    let (width, height) = (picture.width(), picture.height());
    let (wide, high) = (width.min(height * 3 / 4).max(1), height.min(width * 4 / 3).max(1));
    let cut = picture.crop_imm((width - wide) / 2, (height - high) / 4, wide, high);
    let sized = |(wide, high)| {
        if cut.width() > wide { cut.resize_exact(wide, high, FilterType::Lanczos3) } else { cut.clone() }
    };
    let large = jpeg(&sized(PORTRAIT), QUALITY)?;
    let small = sized(SMALL);
    for quality in [75, 60, 45, 30] {
        let small = jpeg(&small, quality)?;
        if small.len() <= SMALL_BYTES {
            return Ok(Portrait { large, small });
        }
    }
    Ok(Portrait { large, small: jpeg(&small, 15)? })
}

/// Unpacks a picture within bounds and turns it upright.
fn upright(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    measure(bytes)?;
    let format = kind(bytes).ok_or(PictureError::NotAPicture)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| PictureError::Broken)?;
    // A telephone held sideways says so in the part of the file that is thrown away.
    let orientation = decoder.orientation().map_err(|_| PictureError::Broken)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| PictureError::Broken)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn jpeg(picture: &DynamicImage, quality: u8) -> Result<Vec<u8>, PictureError> {
    let plain = on_white(picture);
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, quality)
        .write_image(plain.as_raw(), plain.width(), plain.height(), ExtendedColorType::Rgb8)
        .map_err(|_| PictureError::Broken)?;
    Ok(out)
}

/// JPEG knows no transparency: what shines through is white, as on the page.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let rgba = picture.to_rgba8();
    let mut plain = RgbImage::new(rgba.width(), rgba.height());
    for (from, to) in rgba.pixels().zip(plain.pixels_mut()) {
        let [red, green, blue, alpha] = from.0.map(u16::from);
        let mix = |colour: u16| u8::try_from((colour * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
        to.0 = [mix(red), mix(green), mix(blue)];
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Vec::new();
        DynamicImage::new_rgb8(width, height).write_to(&mut Cursor::new(&mut out), ImageFormat::Png).expect("written");
        out
    }

    #[test]
    fn a_portrait_is_three_by_four_and_its_small_copy_is_light() {
        for (width, height) in [(900, 600), (600, 1_200), (30, 40), (1, 1)] {
            let byte = |n: u32| u8::try_from(n % 256).unwrap_or(0);
            let noise = |x: u32, y: u32| image::Rgb([byte(x * 7 + y * 13), byte(x * y), byte(x ^ y)]);
            let picture = DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, noise));
            let mut bytes = Vec::new();
            picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("written");
            let portrait = portrait(&bytes).expect("a portrait");
            let (wide, high) = measure(&portrait.large).expect("a picture");
            assert!(wide <= 360 && high <= 480 && wide.abs_diff(high * 3 / 4) <= 1, "{wide} × {high}");
            assert!(portrait.small.len() <= SMALL_BYTES, "{}", portrait.small.len());
        }
    }

    /// A PNG head that claims a size, with the check sum that makes it believable.
    fn claims(width: u32, height: u32) -> Vec<u8> {
        let mut head = b"IHDR".to_vec();
        head.extend(width.to_be_bytes());
        head.extend(height.to_be_bytes());
        head.extend([8, 2, 0, 0, 0]);
        let mut crc = 0xFFFF_FFFF_u32;
        for byte in &head {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
            }
        }
        let mut out = vec![0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13];
        out.extend(&head);
        out.extend((!crc).to_be_bytes());
        out.extend([0, 0, 0, 0]);
        out.extend(b"IDAT");
        out.extend(0x35AF_061E_u32.to_be_bytes());
        out
    }

    #[test]
    fn a_picture_of_too_many_pixels_is_refused_by_its_head() {
        assert_eq!(
            measure(&claims(40_000, 40_000)),
            Err(PictureError::TooManyPixels { width: 40_000, height: 40_000 })
        );
        assert_eq!(measure(&claims(12_001, 10)), Err(PictureError::TooManyPixels { width: 12_001, height: 10 }));
        assert_eq!(measure(&claims(8_000, 5_001)), Err(PictureError::TooManyPixels { width: 8_000, height: 5_001 }));
        assert_eq!(measure(&claims(8_000, 5_000)), Ok((8_000, 5_000)));
        assert!(matches!(renew(&claims(40_000, 40_000)), Err(PictureError::TooManyPixels { .. })));
        // The head is right, the body is missing.
        assert_eq!(renew(&claims(100, 100)), Err(PictureError::Broken));
    }

    #[test]
    fn what_is_no_picture_is_refused_whatever_its_name() {
        for bytes in [&b"<svg onload=alert(1)>"[..], b"GIF89a", b"%PDF-1.7", b"", b"PK\x03\x04"] {
            assert_eq!(renew(bytes), Err(PictureError::NotAPicture));
        }
        assert_eq!(renew(&vec![0xFF; MAX_BYTES + 1]), Err(PictureError::TooLarge));
        assert_eq!(renew(&[0xFF, 0xD8, 0xFF, 0xE0]), Err(PictureError::Broken));
    }

    #[test]
    fn a_kept_picture_is_small_upright_and_holds_no_position() {
        let kept = renew(&png(3_200, 800)).expect("kept");
        assert_eq!(measure(&kept), Ok((1_600, 400)));
        assert_eq!(measure(&renew(&png(20, 10)).expect("kept")), Ok((20, 10)), "small ones are not blown up");
        let turned = with_exif(&kept);
        assert!(String::from_utf8_lossy(&turned).contains("GPS position"));
        let upright = renew(&turned).expect("kept");
        assert_eq!(measure(&upright), Ok((400, 1_600)));
        assert!(!String::from_utf8_lossy(&upright).contains("GPS position"));
        assert!(!upright.windows(4).any(|four| four == b"Exif"));
    }

    /// The same JPEG with an Exif block: turned by a quarter, and a text that must not survive.
    fn with_exif(jpeg: &[u8]) -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        exif.extend(b"GPS position 33.05 112.94");
        let mut out = jpeg[..2].to_vec();
        out.extend([0xFF, 0xE1]);
        out.extend(u16::try_from(exif.len() + 2).expect("short").to_be_bytes());
        out.extend(exif);
        out.extend(&jpeg[2..]);
        out
    }

    #[test]
    fn what_shines_through_is_white() {
        let mut out = Vec::new();
        DynamicImage::new_rgba8(8, 8).write_to(&mut Cursor::new(&mut out), ImageFormat::Png).expect("written");
        let kept = image::load_from_memory(&renew(&out).expect("kept")).expect("read").to_rgb8();
        assert!(kept.pixels().all(|pixel| pixel.0.iter().all(|colour| *colour > 250)));
    }
}
