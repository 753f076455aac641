//! Connections: so many at a time, none that says nothing for long.

use crate::stop::stopped;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

/// How long a request's headers may take.
const HEADERS: Duration = Duration::from_secs(10);

/// Bytes that a connection may have in memory.
const BUFFER: usize = 1 << 16;

/// How long the answers to the last requests may take when the server stops.
const LAST: Duration = Duration::from_secs(5);

/// Who sends a request.
#[derive(Clone, Copy, Debug)]
pub struct Client(pub SocketAddr);

/// Answers connections with `router`, at most `most` at a time, until `stop` is true.
pub async fn listen(listener: TcpListener, router: Router, most: usize, mut stop: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(most));
    let all = GracefulShutdown::new();
    loop {
        // Who comes too many waits to be accepted.
        let accepted = async {
            let place = room.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = stopped(&mut stop) => break,
        };
        let Ok((stream, address)) = accepted else {
            // Too many open files, or a connection that is gone already.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // Answers are short, and waited for.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Client(address));
            router.clone().oneshot(request.map(Body::new))
        });
        let mut server = http1::Builder::new();
        server.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(BUFFER);
        let connection = all.watch(server.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // What a client does wrong is its own concern.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(LAST, all.shutdown()).await;
}
