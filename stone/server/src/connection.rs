//! Connections of clients, numbered: a session belongs to the connection that it logged in over.
//!
//! A client's channel mends itself, also towards the next process that serves the repository. Its session numbers mean nothing there, or, worse, sessions of
//! others: with a newer view than the client's memory shows, its stale writes would pass for current ones.

use hashbrown::HashMap;
use proto::service::StoneError;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;
use tonic::transport::server::Connected;

/// A connection, by a number that no other one of this process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection(u64);

/// The stream of a connection.
pub struct Numbered {
    stream: UnixStream,
    connection: Connection,
}

impl Numbered {
    pub fn new(stream: UnixStream) -> Numbered {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Numbered {
            stream,
            connection: Connection(NEXT.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

impl Connected for Numbered {
    type ConnectInfo = Connection;
    fn connect_info(&self) -> Connection {
        self.connection
    }
}

impl AsyncRead for Numbered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Numbered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Which session belongs to which connection.
#[derive(Clone, Default)]
pub struct Owners(Arc<Mutex<HashMap<u64, Connection>>>);

impl Owners {
    pub fn logged_in(&self, session: u64, connection: Connection) {
        self.0
            .lock()
            .expect("no panic while held")
            .insert(session, connection);
    }

    pub fn ended(&self, session: u64) {
        self.0.lock().expect("no panic while held").remove(&session);
    }

    /// Whether a request over `connection` may speak for `session`.
    ///
    /// # Errors
    /// `SessionGone` when the session was not opened over it.
    pub fn check(&self, session: u64, connection: Connection) -> Result<(), StoneError> {
        let owners = self.0.lock().expect("no panic while held");
        match owners.get(&session) {
            Some(owner) if *owner == connection => Ok(()),
            _ => Err(StoneError::SessionGone(session)),
        }
    }
}
