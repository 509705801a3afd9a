//! gRPC around a stone: each call runs on a blocking thread; a broken `Attach` stream ends its
//! session, and no session is spoken for over another connection than its own.

use crate::connection::{Connection, Numbered, Owners};
use crate::engine::Engine;
use format::limits::MESSAGE_BYTES_MAX;
use proto::messages::stone_service_server::{StoneService, StoneServiceServer};
use proto::messages::*;
use proto::service::{Stone, StoneError};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio_stream::wrappers::UnixListenerStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status};

/// How long a stop waits for replies that are under way.
const STOP_WAIT: Duration = Duration::from_secs(5);

type Events = mpsc::Sender<Result<SessionEvent, Status>>;

#[derive(Clone)]
struct Service {
    engine: Arc<Engine>,
    owners: Owners,
    /// Kept only so that the streams stay open.
    attached: Arc<Mutex<Vec<Events>>>,
    stopped: Arc<Notify>,
}

impl Service {
    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Engine) -> Result<T, StoneError> + Send + 'static,
    ) -> Result<Response<T>, Status> {
        let engine = self.engine.clone();
        match tokio::task::spawn_blocking(move || job(&engine)).await {
            Ok(result) => Ok(Response::new(result?)),
            Err(_) => Err(Status::internal(
                "the stone failed inside while it answered",
            )),
        }
    }
}

/// The connection that a request came over.
fn connection_of<T>(request: &Request<T>) -> Result<Connection, Status> {
    let connection = request.extensions().get::<Connection>().copied();
    connection.ok_or_else(|| Status::internal("a request over no connection"))
}

/// The events of one session; dropped when its connection breaks.
pub struct Attached {
    events: mpsc::Receiver<Result<SessionEvent, Status>>,
    session: u64,
    engine: Arc<Engine>,
    owners: Owners,
}

impl Stream for Attached {
    type Item = Result<SessionEvent, Status>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.poll_recv(context)
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.owners.ended(self.session);
        let request = LogoutRequest {
            session: self.session,
        };
        let engine = self.engine.clone();
        // The sequencer's lock may be held for a while: not on this thread.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn_blocking(move || engine.logout(request));
        } else {
            let _ = engine.logout(request);
        }
    }
}

macro_rules! serve {
    (
        opening { $($opening:tt)+ }
        ending { $($(#[$end_doc:meta])* $end:ident: $end_request:ident => $end_reply:ident,)+ }
        of_sessions { $($(#[$own_doc:meta])* $own:ident: $own_request:ident => $own_reply:ident,)+ }
        of_anybody { $($(#[$any_doc:meta])* $any:ident: $any_request:ident => $any_reply:ident,)+ }
        of_operators { $($(#[$job_doc:meta])* $job:ident: $job_request:ident => $job_reply:ident,)+ }
        closing { $($closing:tt)+ }
    ) => {
        serve! {
            of_sessions: $($end: $end_request => $end_reply,)+ $($own: $own_request => $own_reply,)+;
            of_anybody: $($any: $any_request => $any_reply,)+ $($job: $job_request => $job_reply,)+
        }
    };
    (of_sessions: $($own:ident: $own_request:ident => $own_reply:ident,)+;
     of_anybody: $($name:ident: $request:ident => $reply:ident,)+) => {
        #[tonic::async_trait]
        impl StoneService for Service {
            type AttachStream = Attached;

            async fn login(&self, request: Request<LoginRequest>) -> Result<Response<LoginReply>, Status> {
                let connection = connection_of(&request)?;
                let owners = self.owners.clone();
                let request = request.into_inner();
                self.run(move |stone| {
                    let reply = stone.login(request)?;
                    owners.logged_in(reply.session, connection);
                    Ok(reply)
                }).await
            }

            async fn attach(&self, request: Request<AttachRequest>) -> Result<Response<Attached>, Status> {
                let connection = connection_of(&request)?;
                let session = request.into_inner().session;
                self.owners.check(session, connection)?;
                let (sender, events) = mpsc::channel(4);
                {
                    let mut attached = self.attached.lock().expect("no panic while held");
                    attached.retain(|sender| !sender.is_closed());
                    attached.push(sender);
                }
                let owners = self.owners.clone();
                Ok(Response::new(Attached { events, session, engine: self.engine.clone(), owners }))
            }

            async fn stop(&self, request: Request<StopRequest>) -> Result<Response<StopReply>, Status> {
                let request = request.into_inner();
                let reply = self.run(move |stone| stone.stop(request)).await?;
                self.stopped.notify_one();
                Ok(reply)
            }

            $(async fn $own(&self, request: Request<$own_request>) -> Result<Response<$own_reply>, Status> {
                let connection = connection_of(&request)?;
                let request = request.into_inner();
                self.owners.check(request.session, connection)?;
                self.run(move |stone| stone.$own(request)).await
            })+

            $(async fn $name(&self, request: Request<$request>) -> Result<Response<$reply>, Status> {
                let request = request.into_inner();
                self.run(move |stone| stone.$name(request)).await
            })+
        }
    };
}

proto::stone_requests!(serve);

/// Serves `engine` on a unix socket until it is told to stop (by request, SIGTERM or SIGINT),
/// then shuts it down. `ready` runs when clients can connect.
///
/// # Errors
/// `Unavailable` when the socket cannot be made.
pub fn serve(engine: Arc<Engine>, socket: &Path, ready: impl FnOnce()) -> Result<(), StoneError> {
    let failed = |what: &str, e: &dyn std::fmt::Display| {
        StoneError::Unavailable(format!("cannot {what} {}: {e}", socket.display()))
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(format::limits::SESSIONS_MAX)
        .enable_all()
        .build()
        .map_err(|e| failed("serve", &e))?;
    let stopped = Arc::new(Notify::new());
    let attached = Arc::new(Mutex::new(Vec::new()));
    let service = Service {
        engine: engine.clone(),
        owners: Owners::default(),
        attached: attached.clone(),
        stopped: stopped.clone(),
    };
    let result = runtime.block_on(async {
        let _ = std::fs::remove_file(socket);
        let listener =
            tokio::net::UnixListener::bind(socket).map_err(|e| failed("listen on", &e))?;
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(socket, mode).map_err(|e| failed("protect", &e))?;
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
                .map_err(|e| failed("serve", &e))?;
        let server = StoneServiceServer::new(service)
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX);
        let connections = UnixListenerStream::new(listener).map(|stream| stream.map(Numbered::new));
        let (begin_stop, stop_begun) = tokio::sync::oneshot::channel::<()>();
        let serving = tonic::transport::Server::builder()
            .add_service(server)
            .serve_with_incoming_shutdown(connections, async {
                let _ = stop_begun.await;
            });
        let serving = tokio::spawn(serving);
        ready();
        tokio::select! {
            () = stopped.notified() => {}
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping");
        // Ending the streams lets the connections of idle clients close.
        attached.lock().expect("no panic while held").clear();
        let _ = begin_stop.send(());
        let _ = tokio::time::timeout(STOP_WAIT, serving).await;
        Ok(())
    });
    engine.shut_down();
    runtime.shutdown_background();
    let _ = std::fs::remove_file(socket);
    result
}
