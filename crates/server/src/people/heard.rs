//! What people say about themselves on the socket: `status.set`. The same as over HTTP, for those who have a socket anyway.

use std::{collections::HashMap, sync::Arc};

use hereabouts_protocol::UserId;
use tokio::sync::mpsc::UnboundedReceiver;

use super::wish;
use crate::{
    app::App,
    gateway::StatusRequest,
    http::ApiError,
    store::{CustomChange, ModeChange},
};

/// Stable, for programs.
const REFUSED: &str = "status_refused";
const UNAVAILABLE: &str = "unavailable";

/// Fulfils wishes until the server stops. What one person wishes faster than the database writes is written once: so
/// many messages are never so many writes.
pub async fn hear_wishes(app: Arc<App>, mut requests: UnboundedReceiver<StatusRequest>) {
    loop {
        let first = tokio::select! {
            request = requests.recv() => request,
            () = app.shutdown.wait() => None,
        };
        let Some(first) = first else { return };
        let mut wishes: HashMap<UserId, Wish> = HashMap::new();
        let mut next = Some(first);
        while let Some(request) = next {
            match wish::understand(&request.status, app.clock.now()) {
                Ok((mode, custom)) => match wishes.get_mut(&request.user_id) {
                    Some(earlier) => earlier.add(mode, custom, request),
                    None => drop(wishes.insert(request.user_id, Wish { mode, custom, request })),
                },
                Err(error) => app.gateway.complain(&request, REFUSED, error.detail().to_owned()),
            }
            next = requests.try_recv().ok();
        }
        for wish in wishes.into_values() {
            if let Err(error) = fulfil(&app, &wish).await {
                app.gateway.complain(&wish.request, UNAVAILABLE, error.detail().to_owned());
            }
        }
    }
}

/// What somebody wishes, all in all.
struct Wish {
    mode: ModeChange,
    custom: CustomChange,
    /// The last one, which is answered if it cannot be.
    request: StatusRequest,
}

impl Wish {
    fn add(&mut self, mode: ModeChange, custom: CustomChange, request: StatusRequest) {
        if mode != ModeChange::Keep {
            self.mode = mode;
        }
        if custom != CustomChange::Keep {
            self.custom = custom;
        }
        self.request = request;
    }
}

async fn fulfil(app: &App, wish: &Wish) -> Result<(), ApiError> {
    let me = wish.request.user_id;
    let (mode, custom) = (wish.mode, wish.custom.clone());
    if app.people.choices.change_status(me, mode, custom.clone()).await?.is_none() {
        // Whoever has a socket enters the users table with their first presence, which may not be written yet.
        app.writer.flush_now().await?;
        app.people.choices.change_status(me, mode, custom).await?;
    }
    app.people.changed([me]).await
}
