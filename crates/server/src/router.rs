//! The whole HTTP API on one page.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{MethodRouter, get, post},
};

use crate::{
    app::App,
    assets,
    http::{account, demo, docs, error, guard, health, online, openapi, recent, socket, ticket},
    limits::BODY_BYTES_MAX,
};

/// What the world may ask.
pub fn public(app: Arc<App>) -> Router {
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
        // Whether we are alive, and what may be asked
        .both("/livez", get(health::livez))
        .both("/api/openapi.json", get(openapi::document))
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
