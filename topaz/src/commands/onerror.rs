//! iferr, iferror, iferr_clear, iferr_list, errorcount.

use crate::command::Request;
use crate::commands::display::number;
use crate::text::first_word;
use crate::topaz::{Done, Flow, Topaz};

pub fn if_err(topaz: &mut Topaz, request: &Request) -> Done {
    let (place, command) = first_word(&request.rest);
    let place = number(place, "iferr N [COMMAND]")?;
    topaz.on_error.set(place, Some(command.to_string()))?;
    Ok(Flow::Next)
}

pub fn if_error(topaz: &mut Topaz, request: &Request) -> Done {
    topaz.on_error.set(1, Some(request.rest.clone()))?;
    Ok(Flow::Next)
}

pub fn if_err_clear(topaz: &mut Topaz, _: &Request) -> Done {
    topaz.on_error.clear();
    Ok(Flow::Next)
}

pub fn if_err_list(topaz: &mut Topaz, _: &Request) -> Done {
    for (number, command) in topaz.on_error.list() {
        topaz.say(&format!("iferr {number} {command}"));
    }
    Ok(Flow::Next)
}

pub fn error_count(topaz: &mut Topaz, _: &Request) -> Done {
    let count = topaz.on_error.count;
    topaz.say(&count.to_string());
    Ok(Flow::Next)
}
