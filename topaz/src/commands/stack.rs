//! The debugger: stack, where, up, down, frame, temporary, continue, restart, giveup, thread, threads, allstacks.

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
    let session = topaz.session()?;
    let detail = session.frame(level)?;
    topaz.printing = session.frame_language(level);
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
    topaz.printing = topaz.session()?.frame_language(level);
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
    topaz.printing = topaz.session()?.run_language();
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
    topaz.printing = topaz.session()?.run_language();
    topaz.answer(answer, level)
}

pub fn threads(topaz: &mut Topaz, _: &Request) -> Done {
    for thread in topaz.session()?.threads() {
        let mark = if thread.looked_at { "==>" } else { "   " };
        let line = format!(
            "{mark} {} {:<8} {}",
            thread.number, thread.state, thread.label
        );
        topaz.say(line.trim_end());
    }
    Ok(Flow::Next)
}

pub fn thread(topaz: &mut Topaz, request: &Request) -> Done {
    let wanted = match request.rest.trim() {
        "" => None,
        text => Some(number(text, "thread [N]")?),
    };
    topaz.session()?.look_at(wanted)?;
    let open = topaz.open()?;
    open.level = 1;
    if open.session.levels() > 0 {
        let line = topaz.frame_line(1)?;
        topaz.say(&line);
    }
    Ok(Flow::Next)
}

/// Frames of each process that `allstacks` shows when no number is given.
const ALL_STACKS_MAX: usize = 20;

pub fn all_stacks(topaz: &mut Topaz, request: &Request) -> Done {
    let max = match request.rest.trim() {
        "" => ALL_STACKS_MAX,
        text => number(text, "allstacks [N]")?,
    };
    topaz.levels()?;
    let threads = topaz.session()?.threads();
    let before = threads.iter().find(|t| t.looked_at).map(|t| t.number);
    for thread in threads {
        topaz.say(&format!("process {}, {}", thread.number, thread.state));
        topaz.session()?.look_at(Some(thread.number))?;
        walk(topaz, &max.to_string(), "allstacks [N]", false)?;
    }
    topaz.session()?.look_at(before)?;
    Ok(Flow::Next)
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
    pub fn levels(&mut self) -> Result<usize, Complaint> {
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
