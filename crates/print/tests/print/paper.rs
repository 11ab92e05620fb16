//! Reads what was printed: its text with lopdf, its pictures with hayro, its codes with rqrr. None of them wrote it.

use std::collections::HashMap;

use hayro::{
    RenderCache, RenderSettings,
    hayro_interpret::InterpreterSettings,
    hayro_syntax::Pdf,
    render,
    vello_cpu::{Pixmap, color::palette::css::WHITE},
};
use lopdf::{Document, Object};

/// The text of one page (from 1), white space removed: where lines break is the template's affair.
pub fn text(pdf: &[u8], page: u32) -> String {
    let document = Document::load_mem(pdf).unwrap();
    document.extract_text(&[page]).unwrap().split_whitespace().collect()
}

pub fn whole_text(pdf: &[u8]) -> String {
    let document = Document::load_mem(pdf).unwrap();
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    document.extract_text(&pages).unwrap().split_whitespace().collect()
}

pub fn pages(pdf: &[u8]) -> usize {
    Document::load_mem(pdf).unwrap().get_pages().len()
}

/// How often each embedded font program stands in the file, by font name.
pub fn fonts(pdf: &[u8]) -> HashMap<String, usize> {
    let document = Document::load_mem(pdf).unwrap();
    let mut found = HashMap::new();
    for object in document.objects.values() {
        let Object::Dictionary(dictionary) = object else { continue };
        if dictionary.has_type(b"FontDescriptor") {
            let name = dictionary.get(b"FontName").and_then(Object::as_name).unwrap();
            *found.entry(String::from_utf8_lossy(name).into_owned()).or_default() += 1;
        }
    }
    found
}

/// The pages from `first` (counted from 0) as pictures, at so many pixels a point.
pub fn pictures(pdf: &[u8], first: usize, count: usize, scale: f32) -> Vec<Pixmap> {
    let pdf = Pdf::new(pdf.to_vec()).unwrap();
    let cache = RenderCache::new();
    let settings = RenderSettings { x_scale: scale, y_scale: scale, bg_color: WHITE, ..RenderSettings::default() };
    pdf.pages()
        .iter()
        .skip(first)
        .take(count)
        .map(|page| render(page, &cache, &InterpreterSettings::default(), &settings))
        .collect()
}

/// What the one QR code in a part of a picture says: left, top, width and height in millimetres. A telephone is held
/// over one card too.
pub fn code(picture: &Pixmap, scale: f32, part: [f32; 4]) -> Option<String> {
    let wide = usize::from(picture.width());
    let [left, top, width, height] = part.map(|length| (length * scale * 72.0 / 25.4) as usize);
    let pixels = picture.data();
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[(top + y) * wide + left + x].g);
    image.detect_grids().first().and_then(|grid| grid.decode().ok()).map(|(_, text)| text)
}

/// What the code on each card of a page says.
pub fn card_codes(pdf: &[u8], page: usize) -> Vec<Option<String>> {
    let scale = 2.5;
    let picture = pictures(pdf, page, 1, scale).remove(0);
    (0..8u8)
        .map(|card| {
            let (column, row) = (f32::from(card % 2), f32::from(card / 2));
            code(&picture, scale, [10.0 + column * 95.0, 14.5 + row * 67.0, 95.0, 67.0])
        })
        .collect()
}
