//! Serves the pages, on this machine alone.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use minijinja::Environment;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::case::case;
use super::frame::{PageError, templates};
use super::guard::guard;
use super::list::list;
use super::query::Query;
use super::shelf::{Look, Shelf};
use crate::cases::CasesError;

/// A server of judgments on loopback. It ends when it is dropped.
pub struct ViewServer {
    addr: SocketAddr,
    /// Its end is the signal to stop.
    _running: oneshot::Sender<()>,
}

struct Site {
    shelf: Arc<Shelf>,
    templates: Environment<'static>,
}

impl ViewServer {
    /// Serves a shelf on 127.0.0.1 (port 0: any free port) and the current tokio runtime.
    pub async fn start(port: u16, shelf: Arc<Shelf>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let addr = listener.local_addr()?;
        let site = Site { shelf, templates: templates().map_err(io::Error::other)? };
        let (running, stopped) = oneshot::channel();
        serve(listener, router(Arc::new(site)), stopped);
        Ok(Self { addr, _running: running })
    }

    /// The address to open.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}/", self.addr)
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the server outlives the call that starts it, and ends with its `ViewServer`"
)]
fn serve(listener: TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    let stop = async { drop(stopped.await) };
    tokio::spawn(axum::serve(listener, router).with_graceful_shutdown(stop).into_future());
}

fn router(site: Arc<Site>) -> Router {
    let file = |kind: &'static str, text: &'static str| get(async move || ([(CONTENT_TYPE, kind)], text));
    Router::new()
        .route("/", get(list_page))
        .route("/case", get(case_page))
        .route("/version", get(version))
        .route("/style.css", file("text/css; charset=utf-8", include_str!("pages/style.css")))
        .route("/view.js", file("text/javascript; charset=utf-8", include_str!("pages/view.js")))
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .fallback(async || Wrong::not_found("there is no such page: the list is at /"))
        .layer(from_fn(guard))
        .with_state(site)
}

/// A page that cannot be shown.
struct Wrong {
    status: StatusCode,
    problem: String,
}

impl Wrong {
    fn not_found(problem: &str) -> Self {
        Self { status: StatusCode::NOT_FOUND, problem: problem.to_owned() }
    }

    fn query(problem: &str) -> Self {
        let problem = format!("{problem}: choose in the form at /");
        Self { status: StatusCode::BAD_REQUEST, problem }
    }
}

impl From<PageError> for Wrong {
    fn from(error: PageError) -> Self {
        let status = match error {
            PageError::Cases(CasesError::TooLong) => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { status, problem: error.to_string() }
    }
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        let text = (CONTENT_TYPE, "text/plain; charset=utf-8");
        (self.status, [text], format!("{}\n", self.problem)).into_response()
    }
}

type Page = Result<Response, Wrong>;

/// A page that takes reading files and searching, away from those who wait for others.
async fn worked_out(work: impl FnOnce() -> Result<String, Wrong> + Send + 'static) -> Page {
    let done = tokio::task::spawn_blocking(work).await;
    let page = done
        .unwrap_or_else(|error| Err(Wrong { status: StatusCode::INTERNAL_SERVER_ERROR, problem: error.to_string() }))?;
    Ok(Html(page).into_response())
}

fn found(site: &Site, look: &Look, query: &Query) -> Result<Arc<Vec<u32>>, Wrong> {
    site.shelf.find(look, &query.filter).map_err(|error| PageError::from(error).into())
}

async fn list_page(State(site): State<Arc<Site>>, uri: Uri) -> Page {
    let query = Query::parse(uri.query().unwrap_or_default()).map_err(|problem| Wrong::query(&problem))?;
    worked_out(move || {
        let look = site.shelf.look();
        let found = found(&site, &look, &query)?;
        Ok(list(&site.templates, &look, &query, &found)?)
    })
    .await
}

async fn case_page(State(site): State<Arc<Site>>, uri: Uri) -> Page {
    let query = Query::parse(uri.query().unwrap_or_default()).map_err(|problem| Wrong::query(&problem))?;
    worked_out(move || {
        let look = site.shelf.look();
        let number = query.case.as_ref().and_then(|link| look.cases.number(link));
        let number =
            number.ok_or_else(|| Wrong::not_found("there is no such judgment in these runs: the list is at /"))?;
        let found = found(&site, &look, &query)?;
        Ok(case(&site.templates, &look, &query, &found, number)?)
    })
    .await
}

/// The number of what is there now, for pages that follow a run.
async fn version(State(site): State<Arc<Site>>) -> String {
    site.shelf.look().version.to_string()
}
