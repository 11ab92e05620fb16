//! 湖南 (HN): a whole province, made and stored county by county, so that it never stands in memory at once.
//!
//! Every division of 2023; two rounds of the size that the text tells, each in place on one day; what people wrote month by
//! month with its outcomes, so that there are facts by the million. [`Part`] is the dial: tests build a part of it.

mod county;
mod plan;

use base::web::AppError;

use super::{
    Place, lists,
    load::{Building, Keepers},
    people::Numbers,
};
use crate::places;
pub use plan::{Counts, Part};

/// Builds it, saying how far it is.
pub(super) async fn build(
    building: &mut Building<'_>,
    seed: u64,
    part: Part,
    mut numbers: Numbers,
    say: &(dyn Fn(&str) + Sync),
) -> Result<(), AppError> {
    let today = building.today();
    let divisions = lists::hunan().map_err(|error| AppError::internal(format!("the list of 湖南: {error}")))?;
    let counts = Counts::of(part);
    let shares = plan::shares(&divisions, &counts);
    let all: Vec<_> = divisions.iter().map(|division| (division.code, division.name.clone())).collect();
    let mut tx = building.app().db.begin().await?;
    places::store::save_all(&mut tx, &all, today).await?;
    tx.commit().await?;
    let common = county::Common { divisions, counts, seed, today };
    let mut keepers = Keepers::default();
    for (done, share) in shares.iter().enumerate() {
        let (world, next) = county::world(&common, share, numbers);
        numbers = next;
        building.county(Place::Hunan, &world, &mut keepers).await?;
        if (done + 1).is_multiple_of(10) {
            say(&format!("  {} / {} 个县", done + 1, shares.len()));
        }
    }
    Ok(())
}
