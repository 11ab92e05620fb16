//! The rules of a pack as the optimiser knows them.

use assign::{ByLevel, Parameters};

use crate::packs::Pack;

/// What the pack says of ages, ranks, Party years and covering; weights and penalties are the model's.
#[must_use]
pub fn parameters(pack: &Pack) -> Parameters {
    let usual = Parameters::default();
    let value = |name: &str, usual: i64| pack.parameter(name).map_or(usual, |parameter| parameter.value);
    let ranks = usual.leader_rank;
    Parameters {
        leader_rank: ByLevel {
            province: value("plan_leader_rank_province", ranks.province),
            city: value("plan_leader_rank_city", ranks.city),
            county: value("plan_leader_rank_county", ranks.county),
        },
        max_age: value("plan_max_age", usual.max_age),
        party_years: value("plan_party_years", usual.party_years),
        covers: usize::try_from(value("plan_covers", 2)).unwrap_or(usual.covers),
        ..usual
    }
}
