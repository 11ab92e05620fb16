//! Which kind of the pack somebody else's word means.

use crate::packs::{MatterKind, Pack};

/// The shortest piece of a name that says something.
const LEAST: usize = 2;

/// The kind whose name, or a piece of it (供水 of 供水、水管), is the word or stands in it; the longest piece first, and
/// of equals the pack's first.
#[must_use]
pub fn kind_said<'a>(pack: &'a Pack, said: &str) -> Option<&'a MatterKind> {
    let said = said.trim();
    if said.chars().count() < LEAST {
        return None;
    }
    let kinds = pack.matter_kinds();
    if let Some(same) = kinds.iter().find(|kind| kind.code == said || kind.name == said) {
        return Some(same);
    }
    let fits = |piece: &str| {
        let long = piece.chars().count();
        if long >= LEAST && said.contains(piece) {
            long
        } else if piece.contains(said) {
            said.chars().count()
        } else {
            0
        }
    };
    let best = |kind: &MatterKind| kind.name.split(['、', '，', '/']).map(fits).max().unwrap_or(0);
    let mut found: Option<(&MatterKind, usize)> = None;
    for kind in kinds {
        let fit = best(kind);
        if fit > found.map_or(0, |(_, before)| before) {
            found = Some((kind, fit));
        }
    }
    found.map(|(kind, _)| kind)
}
