//! Connections that are kept, made again when they are lost, and listen.

use super::Trouble;
use crate::job::Revision;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Transaction};

/// Transactions at a time.
const CONNECTIONS: usize = 4;

/// How long a listener that was cut off waits before it tries again.
const AGAIN: Duration = Duration::from_secs(1);

/// What every connection begins with. Whoever dies in a transaction must not keep the others waiting.
const BEGIN: &str = "SET search_path = impasto; SET idle_in_transaction_session_timeout = '20s';
    SET statement_timeout = '60s'";

/// Connections to a database.
pub struct Pool {
    config: Config,
    idle: Mutex<Vec<Client>>,
    room: Semaphore,
}

impl Pool {
    /// No connection yet.
    pub fn new(config: Config) -> Pool {
        Pool { config, idle: Mutex::default(), room: Semaphore::new(CONNECTIONS) }
    }

    /// A connection, as soon as there is one.
    pub async fn line(&self) -> Result<Line<'_>, Trouble> {
        let permit = self.room.acquire().await.map_err(|error| Trouble::Stored(error.to_string()))?;
        while let Some(client) = self.idle().pop() {
            if !client.is_closed() {
                return Ok(Line { client: Some(client), pool: self, _permit: permit });
            }
        }
        let client = self.connect(None).await?;
        Ok(Line { client: Some(client), pool: self, _permit: permit })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Client>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new connection, which tells `heard` of revisions that others make if it listens.
    async fn connect(&self, heard: Option<watch::Sender<Revision>>) -> Result<Client, Trouble> {
        let (client, connection) = self.config.connect(NoTls).await?;
        tokio::spawn(follow(connection, heard));
        client.batch_execute(BEGIN).await?;
        Ok(client)
    }

    /// Tells `heard` of every revision, for as long as anybody wants to know; a lost connection is made again.
    pub async fn listen(self: Arc<Self>, heard: watch::Sender<Revision>) {
        loop {
            let listening = async {
                let client = self.connect(Some(heard.clone())).await?;
                client.batch_execute("LISTEN impasto").await?;
                // What happened before.
                let row = client.query_one("SELECT revision FROM studio", &[]).await?;
                hear(&heard, row.try_get::<_, i64>(0)?);
                Ok::<_, Trouble>(client)
            };
            if let Ok(client) = listening.await {
                while !client.is_closed() && !heard.is_closed() {
                    tokio::time::sleep(AGAIN).await;
                }
            }
            if heard.is_closed() {
                return;
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// Notes a revision.
fn hear(heard: &watch::Sender<Revision>, revision: i64) {
    let revision = u64::try_from(revision).unwrap_or(0);
    heard.send_if_modified(|last| {
        let new = revision > *last;
        *last = revision.max(*last);
        new
    });
}

/// Drives a connection until it ends.
async fn follow<S, T>(mut connection: Connection<S, T>, heard: Option<watch::Sender<Revision>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    // What ends it is told to whoever uses it.
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if let (AsyncMessage::Notification(message), Some(heard)) = (message, &heard)
            && let Ok(revision) = message.payload().parse()
        {
            hear(heard, revision);
        }
    }
}

/// A connection that is in use; it goes back to the others afterwards.
pub struct Line<'a> {
    client: Option<Client>,
    pool: &'a Pool,
    _permit: SemaphorePermit<'a>,
}

impl Line<'_> {
    /// Begins a transaction, which is taken back unless it is committed.
    pub async fn begin(&mut self) -> Result<Transaction<'_>, Trouble> {
        let client = self.client.as_mut().ok_or_else(|| Trouble::Stored("no connection".into()))?;
        Ok(client.transaction().await?)
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if let Some(client) = self.client.take().filter(|client| !client.is_closed()) {
            self.pool.idle().push(client);
        }
    }
}
