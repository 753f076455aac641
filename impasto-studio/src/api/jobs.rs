//! Jobs.

use super::Failure;
use super::files::{self, Holds, media};
use super::pictures::Keep;
use super::thumbnails;
use crate::guard;
use crate::id;
use crate::job::{File, Job, NewJob, Wish};
use crate::server::App;
use crate::store::key;
use crate::verb::{self, Desk};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Jobs in an answer, unless asked otherwise, and at most.
const JOBS: (usize, usize) = (50, 500);

/// A job as a client asks for it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    verb: String,
    #[serde(default)]
    settings: Value,
    #[serde(default)]
    priority: i32,
    parent: Option<String>,
}

/// Adds a job.
pub async fn add(
    State(app): State<Arc<App>>,
    extensions: Extensions,
    body: Bytes,
) -> Result<(StatusCode, Json<Job>), Failure> {
    let wanted: Wanted = serde_json::from_slice(&body)
        .map_err(|error| Failure::bad(format_args!("the request is no job: {error}")))?;
    check_priority(wanted.priority)?;
    let settings = verb::read(&wanted.verb, &wanted.settings)?;
    let pictures = app.queue.pictures(&settings.pictures()).await?;
    let from = match settings.from() {
        Some(id) => app.queue.job(id).await?,
        None => None,
    };
    let mut desk = Desk::new(&pictures, &app.styles, from.as_ref(), &app.limits);
    settings.line(&mut desk)?;
    let mut line = desk.finish();
    let id = id::random();
    // The job that a file is taken from may go on, or be removed.
    for input in line.inputs.iter_mut().filter(|input| input.key.starts_with("jobs/")) {
        let own = key::file(&id, &input.name);
        app.store.copy(&input.key, &own).await?;
        input.key = own;
    }
    let parent = wanted.parent.or_else(|| settings.from().map(str::to_owned));
    if let Some(parent) = &parent
        && app.queue.job(parent).await?.is_none()
    {
        return Err(Failure::missing("such parent"));
    }
    let client = guard::client(&extensions);
    let Wanted { verb, settings, priority, .. } = wanted;
    let job = NewJob { id: id.clone(), verb, settings, line, priority, parent, client };
    match app.queue.add(job, app.limits.jobs).await {
        Ok(job) => Ok((StatusCode::CREATED, Json(job))),
        Err(error) => {
            app.store.remove(&key::job(&id)).await?;
            Err(error.into())
        }
    }
}

fn check_priority(priority: i32) -> Result<(), Failure> {
    match priority {
        -10..=10 => Ok(()),
        _ => Err(Failure::bad("priority must be from -10 to 10")),
    }
}

/// A page of jobs.
#[derive(Debug, Deserialize)]
pub struct Page {
    before: Option<u64>,
    limit: Option<usize>,
}

/// Jobs, newest first.
pub async fn list(State(app): State<Arc<App>>, Query(page): Query<Page>) -> Result<Json<Value>, Failure> {
    let limit = page.limit.unwrap_or(JOBS.0).clamp(1, JOBS.1);
    // Before the jobs, so that whoever listens from there on misses nothing.
    let revision = app.queue.revision().await?;
    let jobs = app.queue.jobs(page.before, limit).await?;
    Ok(Json(json!({ "revision": revision, "jobs": jobs })))
}

/// A job.
pub async fn get(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<Job>, Failure> {
    Ok(Json(find(&app, &id).await?))
}

/// A job that must be there.
pub async fn find(app: &App, id: &str) -> Result<Job, Failure> {
    app.queue.job(id).await?.ok_or_else(|| Failure::missing("such job"))
}

/// Which points.
#[derive(Debug, Deserialize)]
pub struct After {
    after: Option<u64>,
}

/// The curve of a job.
pub async fn points(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(After { after }): Query<After>,
) -> Result<Json<Value>, Failure> {
    find(&app, &id).await?;
    let points = app.queue.points(&id, after.unwrap_or(0)).await?;
    Ok(Json(json!({ "job": id, "points": points })))
}

/// Which turn a job shall have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    priority: i32,
}

/// Gives a job another priority.
pub async fn prioritise(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Job>, Failure> {
    let Turn { priority } = serde_json::from_slice(&body)
        .map_err(|error| Failure::bad(format_args!("the request is no priority: {error}")))?;
    check_priority(priority)?;
    Ok(Json(app.queue.prioritise(&id, priority).await?))
}

/// Pauses a job.
pub async fn pause(app: State<Arc<App>>, id: Path<String>) -> Result<(StatusCode, Json<Job>), Failure> {
    wish(&app, &id, Wish::Pause).await
}

/// Goes on with a job.
pub async fn go_on(app: State<Arc<App>>, id: Path<String>) -> Result<(StatusCode, Json<Job>), Failure> {
    wish(&app, &id, Wish::Continue).await
}

/// Ends a job that is good enough.
pub async fn stop(app: State<Arc<App>>, id: Path<String>) -> Result<(StatusCode, Json<Job>), Failure> {
    wish(&app, &id, Wish::Stop).await
}

/// Ends a job that is not wanted.
pub async fn cancel(app: State<Arc<App>>, id: Path<String>) -> Result<(StatusCode, Json<Job>), Failure> {
    wish(&app, &id, Wish::Cancel).await
}

async fn wish(app: &App, id: &str, wish: Wish) -> Result<(StatusCode, Json<Job>), Failure> {
    Ok((StatusCode::ACCEPTED, Json(app.queue.wish(id, wish).await?)))
}

/// Forgets a job and its files.
pub async fn remove(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    app.queue.remove(&id).await?;
    app.store.remove(&key::job(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How a file is wanted.
#[derive(Debug, Deserialize)]
pub struct How {
    #[serde(flatten)]
    keep: Keep,
    thumbnail: Option<String>,
}

/// A file that a job has made.
pub fn find_file<'j>(job: &'j Job, name: &str) -> Result<&'j File, Failure> {
    job.files.iter().find(|file| file.name == name).ok_or_else(|| Failure::missing("such file"))
}

/// A file of a job, or a small version of it.
pub async fn file(
    State(app): State<Arc<App>>,
    Path((id, name)): Path<(String, String)>,
    Query(How { keep, thumbnail }): Query<How>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let job = find(&app, &id).await?;
    let file = find_file(&job, &name)?;
    if thumbnail.as_deref() == Some("1") {
        return thumbnails::thumbnail(&app, &job, file, &headers).await;
    }
    let holds = if job.state.is_over() { Holds::Always } else { Holds::Now };
    let keep_as = keep.is_wanted().then(|| format!("impasto-{}-{}", job.number, file.name));
    let key = key::file(&job.id, &file.name);
    files::file(&*app.store, &key, media(&file.name), holds, keep_as.as_deref(), &headers).await
}
