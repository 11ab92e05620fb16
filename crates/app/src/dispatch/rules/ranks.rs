//! The one scale of equivalent ranks, and where the ranks of the register stand on it.

use std::{collections::HashMap, sync::LazyLock};

use base::word;

/// The scale, 1 the highest.
pub const LEVELS: [(i64, &str); 10] = [
    (1, word!("省部级正职")),
    (2, word!("省部级副职")),
    (3, word!("厅局级正职")),
    (4, word!("厅局级副职")),
    (5, word!("县处级正职")),
    (6, word!("县处级副职")),
    (7, word!("乡科级正职")),
    (8, word!("乡科级副职或中层")),
    (9, word!("科员")),
    (10, word!("其他")),
];

const TABLE: &str = include_str!("../../../data/rank_levels.csv");

static KNOWN: LazyLock<HashMap<&str, i64>> = LazyLock::new(|| {
    let read = |line: &'static str| line.split_once(',').and_then(|(name, level)| Some((name, level.parse().ok()?)));
    TABLE.lines().skip(1).filter_map(read).collect()
});

/// Where a rank of the register stands; none where no list has it.
#[must_use]
pub fn level_of(rank: &str) -> Option<i64> {
    KNOWN.get(rank.trim()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_of_all_lists_stand_on_one_scale() {
        for (rank, level) in [
            ("县处级副职", Some(6)),
            ("四级调研员", Some(6)),
            ("二级主任科员", Some(7)),
            ("四级主任科员", Some(8)),
            ("八级职员", Some(8)),
            ("专业技术十一级", Some(9)),
            (" 一级科员 ", Some(9)),
            ("单位自定", None),
            ("", None),
        ] {
            assert_eq!(level_of(rank), level, "{rank}");
        }
        assert!(KNOWN.values().all(|level| LEVELS.iter().any(|(known, _)| known == level)));
    }
}
