//! The whole HTTP API on one page.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{MethodRouter, any, delete, get, post},
};

use crate::{
    app::App,
    assets,
    directory::DirectoryKind,
    http::{
        account, activity, demo, docs, error, guard, health, me, online, openapi, recent, social, socket,
        statuses, ticket,
    },
    limits::BODY_BYTES_MAX,
};

/// What the world may ask.
pub fn public(app: Arc<App>) -> Router {
    // What people have to do with each other is the app's, where it has the people.
    let is_ours = app.settings.directory != DirectoryKind::Adopt;
    let ours = |handler: MethodRouter<Arc<App>>| if is_ours { handler } else { any(social::at_the_app) };
    let blocks = if is_ours { post(social::block) } else { post(social::at_the_app) };
    let mut routes = Router::new()
        // Who is online
        .both("/api/users/online", get(online::online_users))
        .both("/api/users/recent", get(recent::recent_users))
        .both("/ws/user-status", get(socket::user_status))
        // Accounts
        .both("/api/auth/register", post(account::register))
        .both("/api/auth/login", post(account::login))
        .both("/api/auth/token/refresh", post(account::refresh))
        .both("/api/auth/logout", post(account::logout))
        .both("/api/auth/user", get(account::show).patch(account::change))
        .both("/api/auth/ws-ticket", post(ticket::sell))
        // People, one by one
        .both("/api/users/{user_id}/status", get(statuses::user_status))
        .both("/api/users/status", post(statuses::user_statuses))
        .both("/api/activity", get(activity::activity))
        // What people have to do with each other
        .both("/api/auth/friends", get(social::friends))
        .both("/api/auth/friends/{user_id}", ours(delete(social::unfriend)))
        .both("/api/auth/friend-requests", ours(get(social::requests).post(social::request)))
        .both("/api/auth/friend-requests/{request_id}", ours(delete(social::decline)))
        .both("/api/auth/friend-requests/{request_id}/accept", ours(post(social::accept)))
        .both("/api/auth/friend-requests/{request_id}/decline", ours(post(social::decline)))
        .both("/api/auth/blocks", blocks.get(social::blocks))
        .both("/api/auth/blocks/{user_id}", ours(delete(social::unblock)))
        // What a person decides about themselves
        .both("/api/me/status", get(me::status).put(me::set_status).delete(me::clear_status))
        .both("/api/me/privacy", get(me::privacy).put(me::set_privacy))
        .both("/api/me/sessions", get(me::sessions))
        .both("/api/me/sessions/{session_id}", delete(me::end_session))
        .both("/api/me/explain", get(me::explain))
        .both("/api/me/as/{viewer_id}", get(me::viewed_as))
        .both("/api/me/watches", get(me::watches).post(me::watch))
        .both("/api/me/watches/{user_id}", delete(me::unwatch))
        .both("/api/me/export", get(me::export))
        // Whether we are alive, and what may be asked
        .both("/livez", get(health::livez))
        .both("/api/openapi.json", get(openapi::document))
        .both("/api/asyncapi.json", get(openapi::socket_document))
        .both("/api/docs", get(docs::page));
    if app.demo.is_some() {
        routes = routes
            .both("/demo/people", get(demo::people))
            .both("/demo/sign-in", post(demo::sign_in))
            .both("/demo/crowd", post(demo::crowd));
    }
    guarded(routes.fallback(assets::site), app)
}

/// What only the operator may ask.
pub fn internal(app: Arc<App>) -> Router {
    Router::new()
        .both("/livez", get(health::livez))
        .both("/readyz", get(health::readyz))
        .both("/metrics", get(health::metrics))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .with_state(app)
}

/// The guards, outermost last: a request passes them from the bottom up.
fn guarded(routes: Router<Arc<App>>, app: Arc<App>) -> Router {
    routes
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::limit_time))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::admit))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::cors))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::check_request))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::observe))
        .with_state(app)
}

/// A route with and without its trailing slash.
trait Both {
    fn both(self, path: &str, handler: MethodRouter<Arc<App>>) -> Self;
}

impl Both for Router<Arc<App>> {
    fn both(self, path: &str, handler: MethodRouter<Arc<App>>) -> Self {
        self.route(path, handler.clone()).route(&format!("{path}/"), handler)
    }
}
