//! The site: embedded in the binary, or read from a folder; clean addresses, entity tags, and a policy for each page
//! that lets its own inline scripts run and no others.

mod content;
mod policy;

use std::{path::PathBuf, sync::Arc};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use content::File;
use policy::Policies;

use crate::{app::App, http::ApiError};

/// Where the site comes from, and the policies of its pages.
pub struct Assets {
    folder: Option<PathBuf>,
    policies: Policies,
}

impl Assets {
    /// The site in `folder`, or the one in the binary.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, policies: Policies::default() }
    }

    /// The file for a path of an address: `/messages` is `messages`, `messages.html` or `messages/index.html`.
    fn find(&self, path: &str) -> Option<File> {
        let path = content::clean_path(path)?;
        let candidates = if path.is_empty() {
            vec!["index.html".to_owned()]
        } else {
            vec![path.clone(), format!("{path}.html"), format!("{path}/index.html")]
        };
        candidates.into_iter().find_map(|name| self.read(&name))
    }

    fn read(&self, name: &str) -> Option<File> {
        match &self.folder {
            Some(folder) => content::from_folder(folder, name),
            None => content::from_binary(name),
        }
    }
}

/// Anything that is no route: a file of the site, its own page for what is missing, or a JSON error.
pub async fn site(State(app): State<Arc<App>>, request: Request) -> Response {
    let (uri, method) = (request.uri(), request.method());
    if uri.path() == "/api" || uri.path().starts_with("/api/") || uri.path().starts_with("/ws/") {
        return missing(uri).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        let detail = format!("{} does not take {method}.", uri.path());
        return ApiError::new(StatusCode::METHOD_NOT_ALLOWED, detail).into_response();
    }
    match app.assets.find(uri.path()) {
        Some(file) => serve_file(&app, file, request.headers(), StatusCode::OK),
        None if wants_page(request.headers()) => match app.assets.read("404.html") {
            Some(page) => serve_file(&app, page, request.headers(), StatusCode::NOT_FOUND),
            None => missing(uri).into_response(),
        },
        None => missing(uri).into_response(),
    }
}

fn missing(uri: &Uri) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, format!("There is nothing at {}.", uri.path()))
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn serve_file(app: &App, file: File, request: &HeaderMap, status: StatusCode) -> Response {
    let etag = HeaderValue::from_str(&file.etag()).expect("hex digits and quotes are header text");
    let known = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known =
        known.flat_map(|value| value.split(',')).any(|value| etag == value.trim().trim_start_matches("W/"));
    let mut headers = HeaderMap::new();
    headers.insert(header::ETAG, etag);
    // Names under _next/static change with their content; everything else is asked for again, and answered with 304.
    let cache = if file.name.starts_with("_next/static/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    let policy = if file.is_page() { app.assets.policies.page(&file, request) } else { policy::file() };
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    if status == StatusCode::OK && is_known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type()));
    (status, headers, Body::from(file.bytes)).into_response()
}
