//! A stone behind gRPC: [`GrpcStone`] implements the service trait over a unix socket or TLS.
//!
//! Blocking on purpose: a gem's interpreter is one thread that waits for its answer. A small
//! runtime of its own drives the connection, so a `GrpcStone` must not be used from inside
//! another async runtime's worker thread.

use crate::messages::stone_service_client::StoneServiceClient;
use crate::messages::*;
use crate::service::{Stone, StoneError};
use format::limits::MESSAGE_BYTES_MAX;
use std::future::Future;
use std::sync::Mutex;
use tonic::transport::{Channel, Endpoint};

/// A connection to a running stone.
pub struct GrpcStone {
    runtime: tokio::runtime::Runtime,
    client: StoneServiceClient<Channel>,
    /// One open `Attach` stream per session: when this process ends, the stone sees it break.
    attached: Mutex<Vec<(u64, tonic::Streaming<SessionEvent>)>>,
}

impl GrpcStone {
    /// Connects to `unix:PATH` or `https://HOST:PORT`.
    ///
    /// # Errors
    /// `Unavailable` when no stone listens there; `BadRequest` for an address of no known form.
    pub fn connect(address: &str) -> Result<GrpcStone, StoneError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("stone-client")
            .enable_all()
            .build()
            .map_err(|e| StoneError::Unavailable(format!("cannot start the client: {e}")))?;
        let endpoint = endpoint(address)?;
        let channel = runtime.block_on(endpoint.connect()).map_err(|e| {
            StoneError::Unavailable(format!(
                "no stone answers at {address} ({})",
                root_cause(&e)
            ))
        })?;
        let client = StoneServiceClient::new(channel)
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX);
        Ok(GrpcStone {
            runtime,
            client,
            attached: Mutex::new(Vec::new()),
        })
    }

    fn call<T>(
        &self,
        reply: impl Future<Output = Result<tonic::Response<T>, tonic::Status>>,
    ) -> Result<T, StoneError> {
        Ok(self.runtime.block_on(reply)?.into_inner())
    }

    fn attach(&self, session: u64) -> Result<(), StoneError> {
        let mut client = self.client.clone();
        let stream = self.call(client.attach(AttachRequest { session }))?;
        self.attached
            .lock()
            .expect("no panic while held")
            .push((session, stream));
        Ok(())
    }
}

fn endpoint(address: &str) -> Result<Endpoint, StoneError> {
    let bad = |e: &dyn std::fmt::Display| {
        StoneError::BadRequest(format!(
            "{address} is no stone's address ({e}); use unix:PATH or https://HOST:PORT"
        ))
    };
    if address
        .strip_prefix("unix:")
        .is_some_and(|path| !path.is_empty())
        || address.starts_with("https://")
    {
        Endpoint::from_shared(address.to_string()).map_err(|e| bad(&e))
    } else {
        Err(bad(&"unknown form"))
    }
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}

macro_rules! forward {
    (
        opening { $($opening:tt)+ }
        ending { $($ending:tt)+ }
        $($group:ident { $($(#[$doc:meta])* $name:ident: $request:ident => $reply:ident,)+ })+
    ) => {
        impl Stone for GrpcStone {
            fn login(&self, request: LoginRequest) -> Result<LoginReply, StoneError> {
                let mut client = self.client.clone();
                let reply = self.call(client.login(request))?;
                self.attach(reply.session)?;
                Ok(reply)
            }

            fn logout(&self, request: LogoutRequest) -> Result<LogoutReply, StoneError> {
                let mut client = self.client.clone();
                let session = request.session;
                let reply = self.call(client.logout(request));
                self.attached
                    .lock()
                    .expect("no panic while held")
                    .retain(|(id, _)| *id != session);
                reply
            }

            $($(fn $name(&self, request: $request) -> Result<$reply, StoneError> {
                let mut client = self.client.clone();
                self.call(client.$name(request))
            })+)+
        }
    };
}

crate::stone_requests!(forward);
