//! What the port promises of accounts, sign-ins and revocations.

use std::time::Duration;

use hereabouts_engine::Profile;

use super::{NOON, WholeStore, id, profile, promise};
use crate::{
    auth::Sid,
    directory::login_key,
    limits::SIGN_INS_PER_USER_MAX,
    store::{
        AccountChange, NewAccount, RevocationKind, Rotated, SignIn, StoreError, Strangers, TokenTrace, User,
    },
};

const TTL: Duration = Duration::from_secs(900);

/// Names that mean something to a database that takes texts for statements or patterns.
const INJECTIONS: [&str; 12] = [
    "' OR '1'='1",
    "'; DROP TABLE users; --",
    "\" OR \"\"=\"",
    "Robert'); DELETE FROM users WHERE ('1'='1",
    "' UNION SELECT hash FROM passwords --",
    "1; ATTACH DATABASE '/tmp/x' AS x",
    "%",
    "_",
    "a%_\\%b",
    "?1 $1 :id @id",
    "/* */ OR 1=1",
    "${jndi:ldap://x}",
];

fn account(n: u128, name: &str) -> NewAccount {
    NewAccount {
        profile: (*profile(n, name)).clone(),
        password_hash: format!("$argon2id$of-{n}"),
        created_at: NOON,
        sign_in: None,
    }
}

fn to_profile(profile: &Profile) -> AccountChange<'_> {
    AccountChange { profile: Some(profile), ..AccountChange::default() }
}

fn trace(hash: &str) -> TokenTrace {
    TokenTrace { refresh_hash: hash.to_owned(), access_ends_at: NOON + TTL, ends_at: NOON + TTL * 10 }
}

fn sign_in(n: u128, sid: Sid, hash: &str) -> SignIn {
    SignIn { sid, user_id: id(n), tokens: trace(hash), at: NOON }
}

async fn news(store: &dyn WholeStore) -> Vec<RevocationKind> {
    store.revocations_after(0).await.unwrap().into_iter().map(|line| line.kind).collect()
}

promise!(whoever_registers_is_found_by_name_and_looks_like_nobody_else, store => {
    let ada = store.register(&account(1, "Ada")).await.unwrap();
    assert_eq!(&*ada.slug, "ada");
    for (n, name) in [(2, "Ada"), (2, "ADA"), (2, "\u{410}da"), (2, "Ad\u{430}")] {
        assert!(matches!(store.register(&account(n, name)).await, Err(StoreError::NameTaken)), "{name:?}");
        assert_eq!(store.account(id(n)).await.unwrap(), None, "nothing of a refused account stays");
    }
    let found = store.account_named(&login_key("ada")).await.unwrap().unwrap();
    assert_eq!(found.user, User::new(ada, NOON));
    assert_eq!(found.password_hash.as_deref(), Some("$argon2id$of-1"));
    assert_eq!(store.account_named(&login_key("eve")).await.unwrap(), None);
    assert!(matches!(store.register(&account(1, "Eve")).await, Err(StoreError::Exists(_) | StoreError::Database(_))));
    let mut other = account(3, "Ada Lovelace");
    other.profile.slug = "ada".into();
    assert_eq!(&*store.register(&other).await.unwrap().slug, "ada-00000000", "a slug that is taken gets an ending");
});

promise!(an_operators_people_hold_their_names_and_have_no_password, store => {
    store.add_user(&profile(1, "Ada"), NOON).await.unwrap();
    store.add_user(&profile(2, "Ada"), NOON).await.unwrap();
    let found = store.account_named(&login_key("Ada")).await.unwrap().unwrap();
    assert_eq!((found.user.profile.user_id, found.password_hash), (id(1), None));
    assert!(matches!(store.register(&account(3, "ada")).await, Err(StoreError::NameTaken)));
    assert!(store.remove_user(id(1), NOON).await.unwrap());
    store.register(&account(3, "ada")).await.unwrap();
});

promise!(people_of_another_directory_get_their_names_when_accounts_begin, store => {
    let records = [super::record(1, "Ada", false, NOON), super::record(2, "ada", false, NOON)];
    store.record_presence(&records, Strangers::Enter).await.unwrap();
    assert_eq!(store.account_named(&login_key("Ada")).await.unwrap(), None);
    // The second looks like the first only in small letters, and keeps nothing.
    assert_eq!(store.claim_names().await.unwrap(), 1);
    assert_eq!(store.claim_names().await.unwrap(), 0);
    let holder = store.account_named(&login_key("Ada")).await.unwrap().unwrap();
    assert_eq!(holder.user.profile.user_id, id(1));
});

promise!(a_name_moves_and_frees_the_one_of_before, store => {
    store.register(&account(1, "Ada")).await.unwrap();
    store.register(&account(2, "Bob")).await.unwrap();
    let mut ada = (*profile(1, "bob")).clone();
    assert!(matches!(store.change(id(1), &to_profile(&ada), NOON).await, Err(StoreError::NameTaken)));
    assert!(store.account_named(&login_key("ada")).await.unwrap().is_some(), "a refused change changes nothing");
    ada.username = "ADA".into();
    ada.profile_image_url = None;
    assert!(store.change(id(1), &to_profile(&ada), NOON).await.unwrap());
    let changed = store.account_named(&login_key("ada")).await.unwrap().unwrap().user.profile;
    assert_eq!((&*changed.username, changed.profile_image_url, &*changed.slug), ("ADA", None, "ada"));
    ada.username = "Countess".into();
    assert!(store.change(id(1), &to_profile(&ada), NOON).await.unwrap());
    assert_eq!(store.account_named(&login_key("ada")).await.unwrap(), None);
    store.register(&account(3, "Ada")).await.unwrap();
    assert!(!store.change(id(9), &to_profile(&profile(9, "Nobody")), NOON).await.unwrap());
});

promise!(a_refresh_token_is_good_once_and_twice_ends_the_sign_in, store => {
    store.register(&account(1, "Ada")).await.unwrap();
    let sid = Sid::random();
    store.open_sign_in(&sign_in(1, sid, "first")).await.unwrap();
    let rotate = async |old: &str, new: &str| store.rotate_sign_in(sid, old, &trace(new), NOON).await.unwrap();
    assert_eq!(rotate("first", "second").await, Rotated::Done);
    assert_eq!(rotate("second", "third").await, Rotated::Done);
    assert!(news(store.as_ref()).await.is_empty());
    assert_eq!(rotate("second", "fourth").await, Rotated::Reused);
    assert_eq!(rotate("third", "fourth").await, Rotated::Gone);
    assert_eq!(news(store.as_ref()).await, [RevocationKind::SignedOut(sid)]);
    assert!(!store.end_sign_in(sid).await.unwrap());
});

promise!(a_new_password_ends_the_other_sign_ins, store => {
    store.register(&account(1, "Ada")).await.unwrap();
    let (kept, other) = (Sid::random(), Sid::random());
    store.open_sign_in(&sign_in(1, kept, "a")).await.unwrap();
    store.open_sign_in(&sign_in(1, other, "b")).await.unwrap();
    let change = AccountChange { password_hash: Some("new"), kept: Some(kept), ..AccountChange::default() };
    assert!(store.change(id(1), &change, NOON).await.unwrap());
    assert_eq!(store.account(id(1)).await.unwrap().unwrap().password_hash.as_deref(), Some("new"));
    assert_eq!(news(store.as_ref()).await, [RevocationKind::SignedOut(other)]);
    assert_eq!(store.sign_ins(id(1)).await.unwrap(), [kept]);
    assert!(store.end_sign_in(kept).await.unwrap());
    assert!(store.sign_ins(id(1)).await.unwrap().is_empty());
    assert!(!store.change(id(9), &change, NOON).await.unwrap());
});

promise!(an_account_is_entered_and_changed_whole_or_not_at_all, store => {
    let sid = Sid::random();
    let ada = NewAccount { sign_in: Some(sign_in(1, sid, "a")), ..account(1, "Ada") };
    store.register(&ada).await.unwrap();
    store.register(&account(2, "Bob")).await.unwrap();
    let taken = profile(1, "Bob");
    let change = AccountChange { password_hash: Some("new"), ..to_profile(&taken) };
    assert!(matches!(store.change(id(1), &change, NOON).await, Err(StoreError::NameTaken)));
    assert_eq!(store.account(id(1)).await.unwrap().unwrap().password_hash, Some(ada.password_hash));
    assert!(store.end_sign_in(sid).await.unwrap(), "a refused change ends no sign-in");
});

promise!(sign_ins_of_one_person_are_bounded, store => {
    store.register(&account(1, "Ada")).await.unwrap();
    let first = Sid::random();
    store.open_sign_in(&SignIn { at: NOON - TTL, ..sign_in(1, first, "a") }).await.unwrap();
    for _ in 1..SIGN_INS_PER_USER_MAX {
        store.open_sign_in(&sign_in(1, Sid::random(), "b")).await.unwrap();
    }
    assert!(news(store.as_ref()).await.is_empty());
    store.open_sign_in(&sign_in(1, Sid::random(), "c")).await.unwrap();
    assert_eq!(news(store.as_ref()).await, [RevocationKind::SignedOut(first)]);
});

promise!(a08_who_is_disabled_or_removed_is_in_the_log, store => {
    store.register(&account(1, "Ada")).await.unwrap();
    let sid = Sid::random();
    store.open_sign_in(&sign_in(1, sid, "a")).await.unwrap();
    assert!(store.set_disabled(id(1), true, NOON).await.unwrap());
    assert!(!store.set_disabled(id(1), true, NOON).await.unwrap());
    assert_eq!(store.disabled_users().await.unwrap(), [id(1)]);
    assert!(store.user(id(1)).await.unwrap().unwrap().is_disabled);
    assert!(store.set_disabled(id(1), false, NOON).await.unwrap());
    assert!(store.disabled_users().await.unwrap().is_empty());
    assert!(!store.set_disabled(id(9), true, NOON).await.unwrap());
    store.remove_user(id(1), NOON).await.unwrap();
    let kinds = [
        RevocationKind::Disabled,
        RevocationKind::Enabled,
        RevocationKind::SignedOut(sid),
        RevocationKind::Removed,
    ];
    assert_eq!(news(store.as_ref()).await, kinds);
    let log = store.revocations_after(0).await.unwrap();
    assert_eq!(store.revocations_after(log[1].seq).await.unwrap(), log[2..]);
    assert_eq!(log[2].ends_at, NOON + TTL);
    store.forget_ended(NOON + TTL * 2).await.unwrap();
    assert_eq!(news(store.as_ref()).await.len(), 3, "only the sign-in had run out");
});

promise!(a39_texts_are_texts, store => {
    for (n, name) in INJECTIONS.iter().enumerate() {
        let n = n as u128 + 1;
        store.register(&account(n, name)).await.unwrap();
        let found = store.account_named(&login_key(name)).await.unwrap().unwrap();
        assert_eq!((found.user.profile.user_id, &*found.user.profile.username), (id(n), *name));
        assert_eq!(store.users_named(name).await.unwrap().len(), 1, "{name:?}");
    }
    assert_eq!(store.list_users(1000).await.unwrap().len(), INJECTIONS.len());
});
