//! Local time: what the time zone database of the machine says.

use crate::check::{Ask, Checked, small};
use crate::macros::primitives;
use crate::system::environment::Environment;
use gem_vm::{Args, Fail, PrimResult, Vm};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::ffi::{OsStr, OsString};

primitives! {
    timeLocalOffset => local_offset, "reads the time zone database";
    timeZoneName => zone_name, "reads the time zone database";
}

/// The zone that was last asked for, under the value of TZ that named it.
#[derive(Default)]
struct Zone(Option<(Option<OsString>, TimeZone)>);

/// The zone that a value of TZ names: empty means UTC, none what the machine is set to.
fn zone_of(name: Option<&OsStr>) -> TimeZone {
    let Some(name) = name.and_then(OsStr::to_str) else {
        return TimeZone::try_system().unwrap_or(TimeZone::UTC);
    };
    let name = name.strip_prefix(':').unwrap_or(name);
    TimeZone::get(name)
        .or_else(|_| TimeZone::posix(name))
        .unwrap_or(TimeZone::UTC)
}

fn zone(vm: &mut Vm) -> TimeZone {
    let environment = &vm.exec.extensions.get::<Environment>().0;
    let name = environment.get(OsStr::new("TZ")).cloned();
    let known = vm.exec.extensions.get::<Zone>();
    if let Some((under, zone)) = &known.0
        && *under == name
    {
        return zone.clone();
    }
    let zone = zone_of(name.as_deref());
    known.0 = Some((name, zone.clone()));
    zone
}

/// The moment of an argument: seconds since 1970, as near as the database goes.
fn moment(vm: &Vm, args: Args) -> Checked<Timestamp> {
    let seconds = vm.int_arg(args, 1)?;
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(seconds.clamp(first, last)).map_err(|_| Fail::Fallback)
}

/// `timeLocalOffset(seconds)`: seconds east of UTC.
fn local_offset(vm: &mut Vm, args: Args) -> PrimResult {
    let at = moment(vm, args)?;
    Ok(small(zone(vm).to_offset(at).seconds().into()))
}

fn zone_name(vm: &mut Vm, args: Args) -> PrimResult {
    let at = moment(vm, args)?;
    let zone = zone(vm);
    let name = zone.to_offset_info(at).abbreviation().to_string();
    Ok(vm.model.heap.new_string(name.as_bytes())?)
}
