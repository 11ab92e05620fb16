//! A large roster taken in by the program as it ships.

use std::time::Instant;

use super::{
    Options, Outcome,
    world::{Folder, World},
};

/// Imports so many rows, twice; says how long it took, how much memory at most, and that the second time changed nothing.
pub async fn measure(options: &Options) -> Outcome<()> {
    let folder = Folder::make()?;
    let world = World::build(&folder, &format!("sqlite://{}", folder.path().join("roster.db").display())).await?;
    for turn in ["first time", "again"] {
        let began = Instant::now();
        let taken = world.take_in(options, options.rows).await?;
        println!(
            "{}roster of {} rows, {turn}: {:.1} s, {} created, {} unchanged, {} rejected, most memory {} MB",
            if turn == "again" { "" } else { "\n" },
            options.rows,
            began.elapsed().as_secs_f64(),
            taken.created,
            taken.unchanged,
            taken.rejected,
            taken.memory_kb / 1024
        );
    }
    Ok(())
}
