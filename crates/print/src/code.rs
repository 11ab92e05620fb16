//! QR codes as one pixel a module: a few hundred bytes each, where a drawn path takes thousands.

use fast_qr::{ECL, QRBuilder};
use typst::foundations::{Bytes, Dict, IntoValue, Value};

/// The code for a template: `pixels` (one byte a module) and `side`. Nothing for an empty text; `Err` when it is too
/// long for any code. The white edge is the template's: `look.typ` keeps it.
pub(crate) fn code(text: &str) -> Result<Value, ()> {
    if text.is_empty() {
        return Ok(Value::None);
    }
    // M bears 15 % of dirt: cards hang in kitchens.
    let code = QRBuilder::new(text).ecl(ECL::M).build().map_err(|_| ())?;
    let side = code.size;
    let pixels: Vec<u8> =
        (0..side).flat_map(|row| &code[row][..side]).map(|one| if one.value() { 0 } else { 255 }).collect();
    let mut dict = Dict::new();
    dict.insert("pixels".into(), Bytes::new(pixels).into_value());
    dict.insert("side".into(), side.into_value());
    Ok(Value::Dict(dict))
}
