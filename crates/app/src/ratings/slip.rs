//! A slip as it is printed: the code to type, and the same code in a QR of the ballot's address.
//!
//! In the address the code stands behind `#`, which browsers keep to themselves: it reaches the server only in the body
//! of the form, as a typed one does, and stands in no log.

use base::{
    code::Code,
    web::{AppError, AppResult},
};
use fast_qr::{ECL, QRBuilder};

/// The edge that scanners ask for, in modules on each side.
const EDGE: usize = 4;

pub struct Slip {
    pub typed: String,
    /// Dark modules as runs of a path, a unit each.
    pub path: String,
    /// Modules of a side with the white edge.
    pub side: usize,
}

/// Where a code leads.
#[must_use]
pub fn address(base: &str, code: &Code) -> String {
    format!("{}/rate#{}", base.trim_end_matches('/'), code.plain())
}

pub fn slip(base: &str, code: &Code) -> AppResult<Slip> {
    let made = QRBuilder::new(address(base, code)).ecl(ECL::M).build();
    let made = made.map_err(|error| AppError::internal(format!("QR: {error}")))?;
    let mut path = String::new();
    for row in 0..made.size {
        let mut column = 0;
        while column < made.size {
            let run = (column..made.size).take_while(|at| made[row][*at].value()).count();
            if run > 0 {
                path.push_str(&format!("M{column} {row}h{run}v1h-{run}z"));
            }
            column += run + 1;
        }
    }
    Ok(Slip { typed: code.to_string(), path, side: made.size + 2 * EDGE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_stands_where_no_server_sees_it() {
        let code = Code::parse("7KQ2M-X9F4T").expect("a code");
        assert_eq!(address("https://lianxin.example/", &code), "https://lianxin.example/rate#7KQ2MX9F4T");
        let slip = slip("https://lianxin.example", &code).expect("drawn");
        assert_eq!((slip.typed.as_str(), slip.side), ("7KQ2M-X9F4T", 29 + 8));
        // The finder in the corner: seven dark modules, then the ring's sides.
        assert!(slip.path.starts_with("M0 0h7v1h-7z"), "{}", slip.path);
        assert!(slip.path.contains("M0 1h1v1h-1zM6 1h1v1h-1z"), "{}", slip.path);
    }
}
