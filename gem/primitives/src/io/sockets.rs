//! Sockets. None of these calls waits: they answer nil or false when the caller has to, which the library does in a way that lets other processes run.
//!
//! An address is a String, the path of a local socket, or an Array of an internet address in digits and a port.

use crate::check::{
    Ask, Checked, array, boolean, ensure, index, int, new_text, size_oop, small, utf8,
};
use crate::io::channels::Channels;
use crate::io::files::{attempt, begin};
use crate::macros::primitives;
use gem_vm::{Args, Fail, Oop, PrimResult, ProcessState, Vm};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, Shutdown, SocketAddrAny, SocketAddrUnix, SocketFlags,
    SocketType, sockopt,
};
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::os::fd::OwnedFd;

primitives! {
    socketResolve => resolve, "calls the system";
    socketNew => new, "calls the system";
    socketPair => pair, "calls the system";
    socketConnect => connect, "calls the system";
    socketConnected => connected, "calls the system";
    socketBind => bind, "calls the system";
    socketListen => listen, "calls the system";
    socketAccept => accept, "calls the system";
    socketAddress => address, "calls the system";
    socketPeer => peer, "calls the system";
    socketShutdown => shutdown, "calls the system";
    socketOption => set_option, "calls the system";
    socketReceive => receive, "calls the system";
    socketSend => send, "calls the system";
    processesWaitingToRun => others_may_run, "asks the scheduler";
}

/// Most bytes that one receive asks for.
const RECEIVE_MAX: usize = 1 << 20;
const FLAGS: SocketFlags = SocketFlags::NONBLOCK.union(SocketFlags::CLOEXEC);

/// Does something with the descriptor that argument `i` names.
fn with<T>(
    vm: &mut Vm,
    args: Args,
    action: impl FnOnce(rustix::fd::BorrowedFd<'_>) -> io::Result<T>,
) -> Checked<T> {
    begin(vm);
    let number = i32::try_from(vm.int_arg(args, 1)?).map_err(|_| Fail::Fallback)?;
    let channels = vm.exec.extensions.get::<Channels>();
    let outcome = channels
        .at(number)
        .and_then(|channel| action(channel.descriptor()?));
    attempt(vm, outcome)
}

fn take_in(vm: &mut Vm, socket: OwnedFd) -> Oop {
    small(
        vm.exec
            .extensions
            .get::<Channels>()
            .add(socket.into())
            .into(),
    )
}

/// `None` for what would have to wait.
fn or_wait<T>(outcome: rustix::io::Result<T>) -> io::Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(Errno::AGAIN | Errno::INTR | Errno::INPROGRESS) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// The address that an object describes.
fn address_of(vm: &mut Vm, oop: Oop) -> Checked<SocketAddrAny> {
    if array(vm, oop).is_ok() {
        ensure(vm.model.heap.size(oop) == 2)?;
        let (host, port) = (
            vm.model.heap.element(oop, 0)?,
            vm.model.heap.element(oop, 1)?,
        );
        let ip: IpAddr = utf8(vm, host)?.parse().map_err(|_| Fail::Fallback)?;
        let port = u16::try_from(int(port)?).map_err(|_| Fail::Fallback)?;
        return Ok(SocketAddr::new(ip, port).into());
    }
    let path = crate::check::path(vm, oop)?;
    let unix = SocketAddrUnix::new(path.as_os_str()).map_err(io::Error::from);
    Ok(attempt(vm, unix)?.into())
}

/// An object that describes an address; nil for one without a name.
fn described(vm: &mut Vm, address: SocketAddrAny) -> PrimResult {
    if let Ok(inet) = SocketAddr::try_from(address.clone()) {
        let host = new_text(vm, &inet.ip().to_string())?;
        return Ok(vm
            .model
            .heap
            .new_array(&[host, small(inet.port().into())])?);
    }
    match SocketAddrUnix::try_from(address) {
        Ok(unix) => match unix.path() {
            Some(path) => Ok(vm.model.heap.new_string(path.to_bytes())?),
            None => Ok(vm.model.heap.new_string(b"")?),
        },
        Err(_) => Ok(Oop::NIL),
    }
}

/// `socketResolve(host port)`: an Array of addresses. The host may be a name, which asks the system's resolver and waits for it.
fn resolve(vm: &mut Vm, args: Args) -> PrimResult {
    begin(vm);
    let host = vm.arg(args, 1);
    let host = utf8(vm, host)?;
    let port = u16::try_from(vm.int_arg(args, 2)?).map_err(|_| Fail::Fallback)?;
    let found = (host.as_str(), port).to_socket_addrs();
    let found: Vec<SocketAddr> = attempt(vm, found.map(Iterator::collect))?;
    let mut addresses = Vec::new();
    for one in found {
        addresses.push(described(vm, one.into())?);
    }
    Ok(vm.model.heap.new_array(&addresses)?)
}

/// `socketNew(address)`: the descriptor of a stream socket for addresses of this family.
fn new(vm: &mut Vm, args: Args) -> PrimResult {
    begin(vm);
    let sample = vm.arg(args, 1);
    let family = address_of(vm, sample)?.address_family();
    let made = rustix::net::socket_with(family, SocketType::STREAM, FLAGS, None);
    let socket = attempt(vm, made.map_err(io::Error::from))?;
    Ok(take_in(vm, socket))
}

/// The descriptors of two local sockets that are connected to each other.
fn pair(vm: &mut Vm, _: Args) -> PrimResult {
    begin(vm);
    let made = rustix::net::socketpair(AddressFamily::UNIX, SocketType::STREAM, FLAGS, None);
    let (one, other) = attempt(vm, made.map_err(io::Error::from))?;
    let both = [take_in(vm, one), take_in(vm, other)];
    Ok(vm.model.heap.new_array(&both)?)
}

/// `socketConnect(descriptor address)`: true, or false when it takes a while.
fn connect(vm: &mut Vm, args: Args) -> PrimResult {
    begin(vm);
    let wanted = vm.arg(args, 2);
    let wanted = address_of(vm, wanted)?;
    let done = with(vm, args, |fd| or_wait(rustix::net::connect(fd, &wanted)))?;
    Ok(Oop::from_bool(done.is_some()))
}

/// Whether the connection that took a while was made: true, or a failure.
fn connected(vm: &mut Vm, args: Args) -> PrimResult {
    with(vm, args, |fd| {
        sockopt::socket_error(fd)?.map_err(io::Error::from)
    })?;
    Ok(Oop::TRUE)
}

fn bind(vm: &mut Vm, args: Args) -> PrimResult {
    begin(vm);
    let wanted = vm.arg(args, 2);
    let wanted = address_of(vm, wanted)?;
    with(vm, args, |fd| Ok(rustix::net::bind(fd, &wanted)?))?;
    Ok(Oop::TRUE)
}

/// `socketListen(descriptor backlog)`
fn listen(vm: &mut Vm, args: Args) -> PrimResult {
    let backlog = i32::try_from(vm.int_arg(args, 2)?).map_err(|_| Fail::Fallback)?;
    with(vm, args, |fd| Ok(rustix::net::listen(fd, backlog)?))?;
    Ok(Oop::TRUE)
}

/// The descriptor of the next connection; nil when none is there yet.
fn accept(vm: &mut Vm, args: Args) -> PrimResult {
    let accepted = with(vm, args, |fd| or_wait(rustix::net::accept_with(fd, FLAGS)))?;
    Ok(accepted.map_or(Oop::NIL, |socket| take_in(vm, socket)))
}

fn address(vm: &mut Vm, args: Args) -> PrimResult {
    let own = with(vm, args, |fd| Ok(rustix::net::getsockname(fd)?))?;
    described(vm, own)
}

fn peer(vm: &mut Vm, args: Args) -> PrimResult {
    let other = with(vm, args, |fd| Ok(rustix::net::getpeername(fd)?))?;
    other.map_or(Ok(Oop::NIL), |other| described(vm, other))
}

/// `socketShutdown(descriptor how)`: 0 reading, 1 writing, 2 both.
fn shutdown(vm: &mut Vm, args: Args) -> PrimResult {
    let how = match vm.int_arg(args, 2)? {
        0 => Shutdown::Read,
        1 => Shutdown::Write,
        2 => Shutdown::Both,
        _ => return Err(Fail::Fallback),
    };
    with(vm, args, |fd| Ok(rustix::net::shutdown(fd, how)?))?;
    Ok(Oop::TRUE)
}

/// `socketOption(descriptor name boolean)`
fn set_option(vm: &mut Vm, args: Args) -> PrimResult {
    let name = vm.arg(args, 2);
    let name = utf8(vm, name)?;
    let on = boolean(vm.arg(args, 3))?;
    with(vm, args, |fd| {
        match name.as_str() {
            "REUSEADDR" => sockopt::set_socket_reuseaddr(fd, on)?,
            "KEEPALIVE" => sockopt::set_socket_keepalive(fd, on)?,
            "BROADCAST" => sockopt::set_socket_broadcast(fd, on)?,
            "NODELAY" => sockopt::set_tcp_nodelay(fd, on)?,
            _ => return Err(Errno::NOPROTOOPT.into()),
        }
        Ok(())
    })?;
    Ok(Oop::TRUE)
}

/// `socketReceive(descriptor count)`: a String of the bytes that are there, empty at the end; nil when there are none yet.
fn receive(vm: &mut Vm, args: Args) -> PrimResult {
    let count = index(vm.arg(args, 2))?.min(RECEIVE_MAX);
    let mut bytes = vec![0; count];
    let received = with(vm, args, |fd| {
        or_wait(rustix::net::recv(fd, &mut bytes[..], RecvFlags::empty()))
    })?;
    match received {
        Some((n, _)) => Ok(vm.model.heap.new_string(&bytes[..n])?),
        None => Ok(Oop::NIL),
    }
}

/// `socketSend(descriptor bytes from)`: how many bytes, from the one numbered `from` (0 is the first), the system took; nil when it took none yet.
fn send(vm: &mut Vm, args: Args) -> PrimResult {
    let text = vm.bytes_arg(args, 2)?;
    let from = vm.index_arg(args, 3)?;
    ensure(from <= vm.model.heap.bytes(text).len())?;
    let bytes = vm.model.heap.bytes(text)[from..].to_vec();
    let sent = with(vm, args, |fd| {
        or_wait(rustix::net::send(fd, &bytes, SendFlags::NOSIGNAL))
    })?;
    Ok(sent.map_or(Oop::NIL, size_oop))
}

/// Whether another process could run now or will by itself: then nobody may keep the whole session waiting.
fn others_may_run(vm: &mut Vm, _: Args) -> PrimResult {
    let me = vm.current_process();
    let others = vm.process_ids().into_iter().any(|id| {
        id != me
            && matches!(
                vm.process_state(id),
                ProcessState::Ready | ProcessState::Sleeping(_)
            )
    });
    Ok(Oop::from_bool(others))
}
