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

/// What the QR codes of a picture say, sorted.
pub fn codes(picture: &Pixmap) -> Vec<String> {
    let (width, height) = (usize::from(picture.width()), usize::from(picture.height()));
    let pixels = picture.data();
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x].g);
    let mut said: Vec<String> = image.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect();
    said.sort();
    said
}
