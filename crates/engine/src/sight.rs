//! Looking: who stands how to whom, and what they see. All of it as published.

use std::sync::Arc;

use hereabouts_protocol::{Mode, Presence, Reason, Status, Timestamp, UserId};

use crate::people::PLAIN;
use crate::project::{self, Relation, View};
use crate::rounding::Rounding;
use crate::tick::Shown;
use crate::{Engine, Person, Profile, TickSeq, UserIndex, Viewer};

/// What a person may know of themselves, published or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfView {
    /// The mode that holds.
    pub mode: Mode,
    /// When it ends by itself.
    pub mode_until: Option<Timestamp>,
    /// By their sessions alone: online, away or offline.
    pub raw: Status,
    /// What they are to the world, published or about to be.
    pub status: Status,
    /// Sessions with a connection.
    pub n_live: u32,
    /// Sessions that lost theirs lately.
    pub n_held: u32,
    /// Sessions, live or held, in which something is done.
    pub n_active: u32,
    /// What they decided.
    pub person: Arc<Person>,
}

impl Engine {
    /// What `viewer` may see of `user`: [`project()`](project::project) plus the profile, and the only serialiser of
    /// a user for somebody.
    pub fn presence(&self, user: UserIndex, viewer: Viewer) -> Presence {
        self.with_profile(user, self.view_by(user, viewer))
    }

    /// What `viewer` would see of `user` if only the rules of `user` counted, and by which row. That the viewer blocks
    /// the user, or hides from them, is not the user's to know: to them it decides nothing.
    pub fn presence_by_own_rules(&self, user: UserIndex, viewer: UserIndex) -> (u8, Presence) {
        if viewer == user {
            return (0, self.presence(user, Viewer::User(user)));
        }
        let (viewer, person) = (self.users.get(viewer).profile.user_id, self.person(user));
        let relation = Relation::Other {
            is_blocked: person.is_blocking(viewer),
            sees_online: person.allows(&person.privacy.online, viewer),
            is_open_in_turn: true,
            sees_last_seen: person.allows(&person.privacy.last_seen, viewer),
            hidden_version: match self.relation(viewer, user) {
                Relation::Other { hidden_version, .. } => hidden_version,
                Relation::Themselves | Relation::Unknown => 0,
            },
        };
        let view = self.view(&self.shown(user), relation);
        (view.row, self.with_profile(user, view))
    }

    fn with_profile(&self, user: UserIndex, view: View) -> Presence {
        let profile = &self.users.get(user).profile;
        Presence {
            user_id: profile.user_id,
            username: profile.username.to_string(),
            profile_image_url: profile.profile_image_url.as_deref().map(str::to_owned),
            status: view.status,
            is_online: view.status.is_online(),
            since: view.since,
            last_seen: view.last_seen,
            custom_status: view.custom_status,
            version: view.version,
        }
    }

    /// The same without the profile, and with the row of the table that decided.
    pub fn view_by(&self, user: UserIndex, viewer: Viewer) -> View {
        let shown = self.shown(user);
        let relation = match viewer {
            Viewer::Everyone => shown.to_everyone(),
            Viewer::User(viewer) if viewer == user => Relation::Themselves,
            Viewer::User(viewer) => self.relation(self.users.get(viewer).profile.user_id, user),
        };
        let mut view = self.view(&shown, relation);
        if let (Relation::Themselves, Some(own)) = (relation, self.people.get(user)) {
            view.custom_status =
                own.next.custom_at(self.now).map(hereabouts_protocol::OwnCustomStatus::public);
        }
        view
    }

    /// What a user may know of themselves.
    pub fn self_view(&self, user: UserIndex) -> SelfView {
        let record = self.users.get(user);
        let person = self.people.get(user).map_or_else(|| Arc::clone(&PLAIN), |own| Arc::clone(&own.next));
        SelfView {
            mode: person.mode_at(self.now),
            mode_until: person.timed.map(|timed| timed.until).filter(|&until| self.now < until),
            raw: record.raw(),
            status: self.true_status(user),
            n_live: record.n_live,
            n_held: record.n_held,
            n_active: record.n_active,
            person,
        }
    }

    /// The rules that are in force for a user, as published.
    pub fn person(&self, user: UserIndex) -> &Arc<Person> {
        self.people.get(user).map_or(&PLAIN, |own| &own.shown)
    }

    /// Whether what a user decided is known.
    pub fn is_loaded(&self, user: UserIndex) -> bool {
        self.users.get(user).is_loaded
    }

    /// Whether a user may be somebody to others: false of who is deactivated.
    pub fn is_somebody(&self, user: UserIndex) -> bool {
        !self.person(user).is_deactivated
    }

    /// Whether frames for everybody may be wrong for this viewer.
    pub fn is_special(&self, viewer: UserIndex) -> bool {
        self.relations.is_special(self.users.get(viewer).profile.user_id)
    }

    /// The viewers with a live session for whom frames for everybody may be wrong.
    pub fn special_viewers(&self) -> impl Iterator<Item = UserIndex> + '_ {
        let known = self.relations.special().filter_map(|user_id| self.users.find(user_id));
        known.filter(|&user| self.users.get(user).n_live > 0)
    }

    /// The people of whom this viewer, who need not be known here, may see something else than everybody, and whether
    /// they see that these are here, if they are. `None` when they see what everybody does.
    pub fn exceptions(&self, viewer: UserId) -> Option<impl Iterator<Item = (UserId, bool)> + '_> {
        let sees = move |target| !self.relation_to(viewer, target).is_hiding();
        let is_special = self.relations.is_special(viewer);
        is_special.then(|| self.relations.targets(viewer).map(move |(target, _)| (target, sees(target))))
    }

    /// Whether this viewer sees nobody but by [`Engine::exceptions`].
    pub fn is_withdrawn(&self, viewer: UserId) -> bool {
        self.relations.is_withdrawn(viewer)
    }

    /// Since when somebody is here who is not here for everybody.
    pub fn limited_since(&self, user: UserIndex) -> Option<Timestamp> {
        let record = self.users.get(user);
        record.since().filter(|_| record.has_own && !self.person(user).is_public())
    }

    /// How many people this viewer sees here, themselves included if everybody sees them.
    pub fn total_for(&self, viewer: Viewer) -> u64 {
        match viewer {
            Viewer::Everyone => self.total(),
            Viewer::User(viewer) => {
                let surplus = self.relations.surplus(self.users.get(viewer).profile.user_id);
                self.total().saturating_add_signed(surplus)
            }
        }
    }

    /// Everybody whom this viewer sees here, by `since`, then id.
    pub fn everyone_for(&self, viewer: UserIndex) -> impl Iterator<Item = UserIndex> + '_ {
        let viewer_id = self.users.get(viewer).profile.user_id;
        let mut listed = self.orders.present().peekable();
        let mut limited = self.limited.iter().map(|(&place, &user)| (place, user)).peekable();
        let merged = std::iter::from_fn(move || {
            let listed_place = listed.peek().map(|&user| self.place(user));
            match (listed_place, limited.peek()) {
                (Some(first), Some(&(second, _))) if second < first => limited.next().map(|(_, user)| user),
                (None, _) => limited.next().map(|(_, user)| user),
                (Some(_), _) => listed.next(),
            }
        });
        merged.filter(move |&user| !self.relation(viewer_id, user).is_hiding())
    }

    /// The user of a live session.
    pub fn owner(&self, session: crate::SessionKey) -> Option<UserIndex> {
        self.sessions.live(session).map(|live| live.user)
    }

    /// Everybody whose state changed for this viewer in a tick after `seq`, each once, in no particular order.
    pub fn changed_for(&self, viewer: UserIndex, seq: TickSeq) -> impl Iterator<Item = UserIndex> + '_ {
        let viewer_id = self.users.get(viewer).profile.user_id;
        let by_exception = self.relations.targets(viewer_id).filter_map(move |(target, pair)| {
            let target = self.users.find(target)?;
            let own_change = self.people.get(target).map_or(TickSeq(0), |own| own.changed_in);
            let is_hiding = self.relation(viewer_id, target).is_hiding();
            let is_missed = pair.changed_in > seq || (own_change > seq && !is_hiding);
            (is_missed && self.users.get(target).changed_in <= seq).then_some(target)
        });
        let by_all = self.changed_since(seq).filter(move |&target| {
            let changed_in = self.relations.pair(viewer_id, self.users.get(target).profile.user_id);
            let is_by_rule = changed_in.is_some_and(|pair| pair.changed_in > seq);
            is_by_rule || !self.relation(viewer_id, target).is_hiding()
        });
        by_all.chain(by_exception)
    }

    /// Why this viewer's view of the user changed last, as far as it is theirs to know.
    pub fn last_reason_for(&self, user: UserIndex, viewer: Viewer) -> Reason {
        let reason = self.users.get(user).last_reason;
        let shown = self.shown(user);
        let relation = match viewer {
            Viewer::Everyone => shown.to_everyone(),
            Viewer::User(viewer) => self.relation(self.users.get(viewer).profile.user_id, user),
        };
        let is_end = matches!(reason, Reason::Closed | Reason::Lost | Reason::NodeLost);
        match (relation.is_hiding(), shown.status.is_online()) {
            (true, _) => Reason::Closed,
            (false, false) if !is_end => Reason::Closed,
            (false, true) if is_end => Reason::Joined,
            _ => reason,
        }
    }

    pub(crate) fn place(&self, user: UserIndex) -> (Timestamp, UserId) {
        let record = self.users.get(user);
        (record.moved_at, record.profile.user_id)
    }

    pub(crate) fn view(&self, shown: &Shown, relation: Relation) -> View {
        let rounding = Rounding::at(self.now, shown.profile.user_id, self.settings.bucket_secret);
        project::project(shown.inputs(), relation, rounding)
    }

    /// What stands between a viewer and somebody who may not be known here.
    pub(crate) fn relation_to(&self, viewer: UserId, target: UserId) -> Relation {
        self.users.find(target).map_or(Relation::OPEN, |target| self.relation(viewer, target))
    }

    /// What stands between a viewer, who need not be known here, and a user.
    pub(crate) fn relation(&self, viewer: UserId, target: UserIndex) -> Relation {
        let record = self.users.get(target);
        let target_id = record.profile.user_id;
        if !record.has_own && !self.relations.is_special(viewer) {
            return Relation::OPEN;
        }
        let own = self.people.get(target);
        let person = own.map_or(&**PLAIN, |own| &own.shown);
        if viewer == target_id {
            return to_everyone(person, own.map_or(0, |own| own.hidden_version));
        }
        let viewing = self.users.find(viewer).and_then(|viewer| self.people.get(viewer));
        let (is_open_in_turn, shows_last_seen) = self.is_open(viewer, target_id);
        let pair_version = self.relations.pair(viewer, target_id).map_or(0, |pair| pair.hidden_version);
        Relation::Other {
            is_blocked: person.is_blocking(viewer)
                || viewing.is_some_and(|own| own.shown.is_blocking(target_id)),
            sees_online: person.allows(&person.privacy.online, viewer) && !person.is_deactivated,
            is_open_in_turn,
            sees_last_seen: person.allows(&person.privacy.last_seen, viewer) && shows_last_seen,
            hidden_version: own.map_or(0, |own| own.hidden_version).max(pair_version),
        }
    }

    /// Whether a viewer lets the person see them online, and when they were last seen, as far as that counts.
    fn is_open(&self, viewer: UserId, target: UserId) -> (bool, bool) {
        if !self.relations.is_withdrawn(viewer) {
            return (true, true);
        }
        let Some(viewer) = self.users.find(viewer).filter(|&viewer| self.users.get(viewer).is_loaded) else {
            return (false, false);
        };
        let Some(own) = self.people.get(viewer) else { return (true, true) };
        let closed = own.closed.iter().map(|closed| &closed.before);
        let rules: Vec<_> = closed.chain([&own.shown]).collect();
        (
            rules.iter().all(|person| person.allows(&person.privacy.online, target)),
            rules.iter().all(|person| person.allows(&person.privacy.last_seen, target)),
        )
    }
}

impl Shown {
    /// What stands between this person and whoever none of their rules names.
    pub(crate) fn to_everyone(&self) -> Relation {
        to_everyone(&self.person, self.hidden_version)
    }

    pub(crate) fn inputs(&self) -> project::UserInputs<'_> {
        project::UserInputs {
            status: self.status,
            is_away_by_mode: self.is_away_by_mode,
            is_deactivated: self.person.is_deactivated,
            since: self.since,
            last_seen: self.last_seen,
            precision: self.person.privacy.precision,
            custom: self.custom.as_deref(),
            version: self.version,
        }
    }
}

fn to_everyone(person: &Person, hidden_version: u64) -> Relation {
    Relation::Other {
        is_blocked: false,
        sees_online: person.is_public(),
        is_open_in_turn: true,
        sees_last_seen: person.privacy.last_seen.audience == hereabouts_protocol::Audience::Everyone,
        hidden_version,
    }
}

impl Engine {
    /// How a user is shown, as published. Blank for an index whose record was forgotten.
    ///
    /// # Panics
    /// For an index that this engine never gave out; so do [`Engine::presence`] and [`Engine::since`].
    pub fn profile(&self, user: UserIndex) -> &Arc<Profile> {
        &self.users.get(user).profile
    }

    /// The last tick.
    pub fn seq(&self) -> TickSeq {
        self.seq
    }

    /// How many people are published as present for everybody.
    pub fn total(&self) -> u64 {
        let total = self.orders.n_present() as u64;
        #[cfg(test)]
        let total = self.leaky_total(total);
        total
    }

    /// The index of a user who is present or was lately.
    pub fn user(&self, user_id: UserId) -> Option<UserIndex> {
        self.users.find(user_id)
    }

    /// Everybody published as present for everybody, by `since`, then id.
    pub fn everyone(&self) -> impl Iterator<Item = UserIndex> + '_ {
        self.orders.present()
    }

    /// The first `limit` of [`Engine::everyone`].
    pub fn window(&self, limit: usize) -> impl Iterator<Item = UserIndex> + '_ {
        self.orders.present().take(limit)
    }

    /// Public `since`: when they came. `None` while offline, or not here for everybody.
    pub fn since(&self, user: UserIndex) -> Option<Timestamp> {
        let record = self.users.get(user);
        record.since().filter(|_| !record.has_own || self.person(user).is_public())
    }

    /// Everybody whose state changed for everybody in a tick after `seq`, each once, the latest first.
    pub fn changed_since(&self, seq: TickSeq) -> impl Iterator<Item = UserIndex> + '_ {
        self.orders.latest_changes().take_while(move |&user| self.users.get(user).changed_in > seq)
    }

    /// Why this user's public state changed last.
    pub fn last_reason(&self, user: UserIndex) -> Reason {
        self.last_reason_for(user, Viewer::Everyone)
    }

    /// Live sessions.
    pub fn n_sessions(&self) -> usize {
        self.sessions.n_live()
    }

    /// Sessions within their grace.
    pub fn n_held(&self) -> usize {
        self.sessions.n_held()
    }

    /// All of these, in no order.
    pub fn users(&self) -> impl Iterator<Item = UserIndex> + '_ {
        self.users.iter()
    }

    /// Users with a record: present, or absent for less than the retention.
    pub fn n_users(&self) -> usize {
        self.users.len()
    }
}
