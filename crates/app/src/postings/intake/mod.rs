//! Taking in a roster: what its rows mean against what is stored ([`plan`]), then all of it in one transaction
//! ([`apply`]). Planning reads alone and may take its time; applying holds the one writer as briefly as it can: what a
//! large roster brings was written before, unseen ([`stage`]).
//!
//! A row is *created* when it brings a posting, *updated* when it changes a posting or a person, *unchanged* when
//! everything it says is known. The same file again therefore changes nothing. Of two clashing rows, or a row that
//! clashes with a stored posting, the later is the problem.

mod known;
mod plan;
mod write;

use base::kernel::{CountyId, DivisionCode};

pub use plan::{Aim, Plan, plan};
pub use write::{Sealed, Staged, apply, seal, stage};

/// The tenant that keeps people and units which a roster of this place brings.
#[must_use]
pub fn keeper(place: DivisionCode) -> CountyId {
    place.county()
}
