//! `hereabouts migrate`: the schema of the database, forwards and back.

use clap::{Args, ValueEnum};

use super::{block_on, user::Place};
use crate::store::{self, Schema};

/// The flags of `migrate`.
#[derive(Args, Debug)]
pub(super) struct Migrate {
    /// up: apply what is pending; down: take the newest one back
    #[arg(value_enum, default_value = "up")]
    action: Action,
    /// With `up` and --directory adopt: also add the columns of presence that the app's table does not have; `down`
    /// takes them back
    #[arg(long)]
    adopt: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Action {
    Up,
    Down,
    Status,
}

impl Migrate {
    pub(super) fn run(self) -> anyhow::Result<()> {
        block_on(async {
            let store = store::connect(&self.place.database()?).await?;
            match self.action {
                Action::Up => up(store.as_ref(), self.adopt).await,
                Action::Down => down(store.as_ref()).await,
                Action::Status => status(store.as_ref()).await,
            }
        })
    }
}

async fn up(store: &dyn Schema, adopts: bool) -> anyhow::Result<()> {
    if adopts {
        for column in store.add_app_columns().await? {
            println!("added {column} to the app's table");
        }
    }
    let applied = store.migrate_up().await?;
    for migration in &applied {
        println!("applied {:04} {}", migration.version, migration.name);
    }
    if applied.is_empty() {
        println!("nothing to do: the schema is current");
    }
    Ok(())
}

async fn down(store: &dyn Schema) -> anyhow::Result<()> {
    match store.migrate_down().await? {
        Some(migration) => println!("took back {:04} {}", migration.version, migration.name),
        None => println!("nothing to do: no migration is applied"),
    }
    Ok(())
}

async fn status(store: &dyn Schema) -> anyhow::Result<()> {
    for migration in store.migrations().await? {
        let state = if migration.is_applied { "applied" } else { "pending" };
        println!("{state} {:04} {}", migration.version, migration.name);
    }
    Ok(())
}
