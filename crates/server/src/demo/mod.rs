//! The demo of `hereabouts dev`: twelve people anybody may open the page as, six of whom live in this process, come
//! and go, and are seen because they really connect.

mod client;
mod life;
mod people;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use hereabouts_engine::Profile;
use hereabouts_protocol::Timestamp;
use tokio::sync::oneshot;

pub use people::Person;

use crate::{
    app::App,
    auth::{TokenKind, TokenSigner},
    limits::DEMO_CROWD_MAX,
    settings::Secret,
    store::{Store, StoreError},
};

/// How long a demo token lasts unless the page asks otherwise. Nobody has to sign in twice on one evening.
pub const TOKEN_TTL: Duration = Duration::from_secs(12 * 3600);

/// The people of the demo, and the means to be one of them.
pub struct Demo {
    people: Vec<Profile>,
    signer: TokenSigner,
    /// Where this server listens; known once it does.
    address: OnceLock<SocketAddr>,
    /// One per guest of the crowd; a guest leaves when theirs is dropped.
    crowd: Mutex<Vec<oneshot::Sender<()>>>,
}

impl Demo {
    /// Enters the twelve people into the users table.
    pub async fn settle(secret: &Secret, store: &dyn Store, now: Timestamp) -> Result<Self, StoreError> {
        let people = people::all();
        for profile in &people {
            match store.add_user(profile, now).await {
                Ok(()) | Err(StoreError::Exists(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let (address, crowd) = (OnceLock::new(), Mutex::default());
        Ok(Self { people, signer: TokenSigner::new(secret), address, crowd })
    }

    /// The twelve, as they are shown.
    pub fn people(&self) -> &[Profile] {
        &self.people
    }

    /// The one with this slug.
    pub fn person(&self, slug: &str) -> Option<&Profile> {
        self.people.iter().find(|profile| &*profile.slug == slug)
    }

    /// A token for one of them.
    pub fn token(&self, profile: &Profile, kind: TokenKind, now: Timestamp, ttl: Duration) -> String {
        self.signer.sign(profile, kind, now, ttl)
    }

    /// Makes the crowd as large as this, at most 1,000: more guests come, or the last ones leave. Returns its size.
    pub fn gather(&self, app: &Arc<App>, n_guests: usize) -> usize {
        let n_guests = n_guests.min(DEMO_CROWD_MAX);
        let mut crowd = self.crowd.lock().unwrap_or_else(PoisonError::into_inner);
        crowd.truncate(n_guests);
        while crowd.len() < n_guests {
            let (stay, leave) = oneshot::channel();
            tokio::spawn(life::guest(Arc::clone(app), people::guest(crowd.len() + 1), leave));
            crowd.push(stay);
        }
        n_guests
    }
}

/// Lets the six people of this process live, now that the server listens at `address`.
pub fn start(app: &Arc<App>, address: SocketAddr) {
    let Some(demo) = &app.demo else { return };
    // Called once per server; a second address would be the same server.
    let _ = demo.address.set(address);
    for (index, profile) in
        demo.people.iter().skip(people::FIRST_RESIDENT).take(people::N_RESIDENTS).enumerate()
    {
        let stays = index < people::N_ALWAYS_THERE;
        tokio::spawn(life::resident(Arc::clone(app), profile.clone(), stays));
    }
}
