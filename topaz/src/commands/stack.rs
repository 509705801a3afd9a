//! The debugger: stack, where, up, down, frame, temporary, continue, restart, giveup.

use crate::command::Request;
use crate::commands::display::number;
use crate::errors::Complaint;
use crate::session::FrameDetail;
use crate::text::words;
use crate::topaz::{Done, Flow, Topaz};

/// Frames that `stack` and `where` show when no number is given.
const STACK_MAX: usize = 200;

/// Frames that `where TEXT` looks through.
const SEARCH_MAX: usize = 20_000;

/// `where`
pub fn place(topaz: &mut Topaz, request: &Request) -> Done {
    let levels = topaz.session()?.levels();
    let wanted = request.rest.trim();
    if wanted.is_empty() || wanted.parse::<usize>().is_ok() {
        return walk(topaz, wanted, "where [N | TEXT]", false);
    }
    let text = crate::text::unquoted(wanted);
    for level in 1..=levels.min(SEARCH_MAX) {
        let line = topaz.frame_line(level)?;
        if line.contains(&text) {
            topaz.say(&line);
        }
    }
    Ok(Flow::Next)
}

pub fn stack(topaz: &mut Topaz, request: &Request) -> Done {
    walk(topaz, request.rest.trim(), "stack [N]", true)
}

/// Shows the innermost frames, as many as `count` says.
fn walk(topaz: &mut Topaz, count: &str, usage: &str, with_variables: bool) -> Done {
    let max = match count {
        "" => STACK_MAX,
        text => number(text, usage)?,
    };
    let levels = topaz.session()?.levels();
    for level in 1..=levels.min(max) {
        if with_variables {
            show_frame(topaz, level)?;
        } else {
            let line = topaz.frame_line(level)?;
            topaz.say(&line);
        }
    }
    if levels > max {
        topaz.say(&format!("... {} more frames", levels - max));
    }
    if levels == 0 {
        topaz.say("No process is stopped.");
    }
    Ok(Flow::Next)
}

pub fn frame(topaz: &mut Topaz, request: &Request) -> Done {
    let level = match request.rest.trim() {
        "" => topaz.open()?.level,
        text => number(text, "frame [N]")?,
    };
    go_to(topaz, level)
}

pub fn up(topaz: &mut Topaz, request: &Request) -> Done {
    let steps = steps(request, "up [N]")?;
    let level = topaz.open()?.level.saturating_add(steps);
    go_to(topaz, level)
}

pub fn down(topaz: &mut Topaz, request: &Request) -> Done {
    let steps = steps(request, "down [N]")?;
    let level = topaz.open()?.level.saturating_sub(steps);
    go_to(topaz, level)
}

fn steps(request: &Request, usage: &str) -> Result<usize, Complaint> {
    match request.rest.trim() {
        "" => Ok(1),
        text => number(text, usage),
    }
}

fn go_to(topaz: &mut Topaz, level: usize) -> Done {
    let levels = topaz.levels()?;
    if level == 0 || level > levels {
        return Err(format!("there is no frame {level}; the stack has 1 to {levels}").into());
    }
    topaz.open()?.level = level;
    show_frame(topaz, level)?;
    Ok(Flow::Next)
}

fn show_frame(topaz: &mut Topaz, level: usize) -> Result<(), Complaint> {
    let line = topaz.frame_line(level)?;
    topaz.say(&line);
    let detail = topaz.session()?.frame(level)?;
    show_detail(topaz, &detail)
}

fn show_detail(topaz: &mut Topaz, detail: &FrameDetail) -> Result<(), Complaint> {
    if let Some(receiver) = detail.receiver {
        let text = topaz.one_line(receiver)?;
        topaz.say(&format!("    {:<16} {text}", "receiver"));
    }
    for (name, value) in &detail.variables {
        let text = match value {
            Some(value) => topaz.one_line(*value)?,
            None => "(not to be had)".to_string(),
        };
        topaz.say(&format!("    {name:<16} {text}"));
    }
    Ok(())
}

pub fn temporary(topaz: &mut Topaz, request: &Request) -> Done {
    topaz.levels()?;
    let level = topaz.open()?.level;
    let words = words(&request.rest);
    match words.as_slice() {
        [] => {
            let mut detail = topaz.session()?.frame(level)?;
            detail.receiver = None;
            show_detail(topaz, &detail)?;
        }
        [name] => {
            let mut detail = topaz.session()?.frame(level)?;
            detail.receiver = None;
            detail.variables.retain(|(n, _)| n == name);
            if detail.variables.is_empty() {
                return Err(format!("frame {level} has no variable {name}").into());
            }
            show_detail(topaz, &detail)?;
        }
        [name, object] => {
            let value = topaz.value_of(object)?;
            topaz.session()?.set_variable(level, name, value)?;
        }
        _ => return Err("temporary [NAME [OBJECT]]".into()),
    }
    Ok(Flow::Next)
}

pub fn go_on(topaz: &mut Topaz, request: &Request) -> Done {
    topaz.levels()?;
    let value = match request.rest.trim() {
        "" => None,
        word => Some(topaz.value_of(word)?),
    };
    let level = topaz.display.level;
    let answer = topaz.session()?.go_on(value)?;
    topaz.answer(answer, level)
}

pub fn restart(topaz: &mut Topaz, request: &Request) -> Done {
    topaz.levels()?;
    let frame = match request.rest.trim() {
        "" => topaz.open()?.level,
        text => number(text, "restart [N]")?,
    };
    let level = topaz.display.level;
    let answer = topaz.session()?.restart(frame)?;
    topaz.answer(answer, level)
}

pub fn give_up(topaz: &mut Topaz, _: &Request) -> Done {
    topaz.session()?.give_up()?;
    Ok(Flow::Next)
}

impl Topaz {
    /// Number of frames of the stopped process.
    ///
    /// # Errors
    /// When no process is stopped.
    fn levels(&mut self) -> Result<usize, Complaint> {
        match self.session()?.levels() {
            0 => Err("no process is stopped; one stops where an error is not handled".into()),
            levels => Ok(levels),
        }
    }

    /// `==> 1 Array>>at: (Array.st:12)`
    fn frame_line(&mut self, level: usize) -> Result<String, Complaint> {
        let open = self.open()?;
        let mark = if open.level == level { "==>" } else { "   " };
        let frame = open.session.frame_line(level);
        let place = match (frame.file.as_str(), frame.line) {
            ("", 0) => String::new(),
            ("", line) => format!(" (line {line})"),
            (file, 0) => format!(" ({file})"),
            (file, line) => format!(" ({file}:{line})"),
        };
        Ok(format!("{mark} {level} {}{place}", frame.label))
    }
}
