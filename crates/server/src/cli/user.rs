//! `hereabouts user`: the people in the users table.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use hereabouts_protocol::UserId;
use uuid::Uuid;

use super::{block_on, data_dir::DataDir, flags::DatabaseFlags};
use crate::{
    clock::Clock,
    directory,
    settings::{self, Database, Faults},
    store::{self, SqlDatabase, Store, User},
};

/// `dev`'s folder, where it is looked for when none is named.
const DEFAULT_DATA_DIR: &str = "hereabouts-data";
/// `user list` shows this many; more would be a report, not a list.
const LISTED_MAX: u32 = 10_000;

/// Which database: that of a data folder, or the one of `DATABASE_URL`.
#[derive(Args, Debug)]
pub(super) struct Place {
    /// Data folder of `hereabouts dev`
    /// [default: hereabouts-data, if it is there and DATABASE_URL is not set]
    #[arg(long, env = "HEREABOUTS_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseFlags,
}

impl Place {
    /// Whether a folder was named, and not just found.
    pub(super) fn names_folder(&self) -> bool {
        self.data_dir.is_some()
    }

    /// The data folder that is meant, if one is.
    pub(super) fn data_dir(&self) -> anyhow::Result<Option<DataDir>> {
        match &self.data_dir {
            Some(path) => DataDir::find(path).map(Some).with_context(|| {
                format!("{} is not a data folder of `hereabouts dev` (--data-dir)", path.display())
            }),
            None if self.database.database_url.is_some() => Ok(None),
            None => Ok(DataDir::find(DEFAULT_DATA_DIR.as_ref())),
        }
    }

    /// The database's address.
    pub(super) fn database(&self) -> anyhow::Result<Database> {
        let folder = self.data_dir()?.map(DataDir::into_path);
        let mut faults = Faults::default();
        let database = match (&self.data_dir, folder) {
            (Some(_), Some(folder)) => Database::File(folder.join(settings::DATABASE_FILE)),
            (_, folder) => settings::database(&self.database, folder.as_deref(), &mut faults),
        };
        if faults.0.is_empty() { Ok(database) } else { Err(faults.into()) }
    }

    /// The store, with its schema as this version has it.
    pub(super) async fn open(&self) -> anyhow::Result<Arc<dyn SqlDatabase>> {
        Ok(store::open(&self.database()?, true).await?)
    }
}

/// The person meant by a name, a slug or an id; an error where a name means several.
pub(super) async fn find(store: &dyn Store, name: &str) -> anyhow::Result<Option<User>> {
    if let Ok(id) = name.parse::<UserId>() {
        return Ok(store.user(id).await?);
    }
    let mut users = store.users_named(name).await?;
    if users.len() > 1 {
        let ids: Vec<_> = users.iter().map(|user| user.profile.user_id.to_string()).collect();
        bail!("several people are called {name:?}; name one by id: {}", ids.join(", "));
    }
    Ok(users.pop())
}

/// The flags of `user`.
#[derive(Args, Debug)]
pub(super) struct UserCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Add somebody and print their id
    Add {
        /// Their name
        name: String,
        /// Their id in your app; without one, a new one
        #[arg(long, value_name = "UUID")]
        id: Option<String>,
        /// Address of a picture: https:, or a path on this server
        #[arg(long, value_name = "URL")]
        picture: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// List everybody
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Remove somebody; with --directory builtin their sockets are closed
    Remove {
        /// Name, slug or id
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Let somebody in no more; their sockets are closed
    Disable {
        /// Name, slug or id
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Let somebody in again
    Enable {
        /// Name, slug or id
        name: String,
        #[command(flatten)]
        place: Place,
    },
}

impl UserCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::Add { name, id, picture, place } => add(&name, id.as_deref(), picture.as_deref(), &place),
            Action::List { place } => list(&place),
            Action::Remove { name, place } => remove(&name, &place),
            Action::Disable { name, place } => set_disabled(&name, &place, true),
            Action::Enable { name, place } => set_disabled(&name, &place, false),
        }
    }
}

fn add(name: &str, id: Option<&str>, picture: Option<&str>, place: &Place) -> anyhow::Result<()> {
    let user_id = match id {
        Some(id) => id.parse().with_context(|| format!("--id {id:?} is not a UUID"))?,
        None => UserId(Uuid::new_v4()),
    };
    let profile = directory::profile(user_id, name, picture, None);
    if picture.is_some() && profile.profile_image_url.is_none() {
        bail!("--picture must be an https: address or a path on this server, without user name or spaces");
    }
    if directory::is_fallback(&profile) {
        bail!("the name {name:?} has no visible character");
    }
    block_on(async {
        place.open().await?.add_user(&profile, Clock::start().now()).await?;
        println!("{user_id}");
        Ok(())
    })
}

fn list(place: &Place) -> anyhow::Result<()> {
    block_on(async {
        for user in place.open().await?.list_users(LISTED_MAX).await? {
            let last_seen = match (user.is_online, user.last_seen) {
                (true, _) => "online".to_owned(),
                (false, Some(at)) => format!("last seen {at}"),
                (false, None) => "never seen".to_owned(),
            };
            let blocked = if user.is_disabled { "  disabled" } else { "" };
            println!(
                "{}  {}  ({})  {last_seen}{blocked}",
                user.profile.user_id, user.profile.username, user.profile.slug
            );
        }
        Ok(())
    })
}

fn remove(name: &str, place: &Place) -> anyhow::Result<()> {
    block_on(async {
        let store = place.open().await?;
        let user = find(store.as_ref(), name).await?.with_context(|| format!("nobody is called {name:?}"))?;
        store.remove_user(user.profile.user_id, Clock::start().now()).await?;
        println!("removed {} ({})", user.profile.username, user.profile.user_id);
        Ok(())
    })
}

/// A server that runs on the same database notices within a few seconds.
fn set_disabled(name: &str, place: &Place, is_disabled: bool) -> anyhow::Result<()> {
    block_on(async {
        let store = place.open().await?;
        let user = find(store.as_ref(), name).await?.with_context(|| format!("nobody is called {name:?}"))?;
        let user_id = user.profile.user_id;
        let has_changed = store.set_disabled(user_id, is_disabled, Clock::start().now()).await?;
        let (done, already) =
            if is_disabled { ("disabled", "disabled") } else { ("enabled", "not disabled") };
        if has_changed {
            println!("{done} {} ({user_id})", user.profile.username);
        } else {
            println!("{} ({user_id}) was {already} before", user.profile.username);
        }
        Ok(())
    })
}
