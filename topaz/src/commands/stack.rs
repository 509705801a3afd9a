//! The debugger: stack, where, up, down, frame, temporary, continue, restart, giveup.

use crate::command::Request;
use crate::commands::display::number;
use crate::errors::Complaint;
use crate::session::{FrameDetail, FrameLine};
use crate::text::words;
use crate::topaz::{Done, Flow, Topaz};

/// Frames that `stack` shows when no number is given.
const STACK_MAX: usize = 200;

/// `where`
pub fn place(topaz: &mut Topaz, request: &Request) -> Done {
    let frames = topaz.stopped_frames()?;
    let wanted = request.rest.trim();
    let count = wanted.parse::<usize>().ok();
    let text = crate::text::unquoted(wanted);
    for (index, frame) in frames.iter().enumerate() {
        let line = topaz.frame_line(index + 1, frame);
        let shown = match count {
            Some(count) => index < count,
            None => text.is_empty() || line.contains(&text),
        };
        if shown {
            topaz.say(&line);
        }
    }
    if frames.is_empty() {
        topaz.say("No process is stopped.");
    }
    Ok(Flow::Next)
}

pub fn stack(topaz: &mut Topaz, request: &Request) -> Done {
    let frames = topaz.stopped_frames()?;
    let max = match request.rest.trim() {
        "" => STACK_MAX,
        text => number(text, "stack [N]")?,
    };
    for (index, frame) in frames.iter().take(max).enumerate() {
        show_frame(topaz, index + 1, frame)?;
    }
    if frames.len() > max {
        topaz.say(&format!("... {} more frames", frames.len() - max));
    }
    if frames.is_empty() {
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
    let frames = topaz.frames()?;
    let Some(frame) = level.checked_sub(1).and_then(|i| frames.get(i)) else {
        return Err(format!(
            "there is no frame {level}; the stack has 1 to {}",
            frames.len()
        )
        .into());
    };
    topaz.open()?.level = level;
    show_frame(topaz, level, frame)?;
    Ok(Flow::Next)
}

fn show_frame(topaz: &mut Topaz, level: usize, frame: &FrameLine) -> Result<(), Complaint> {
    let line = topaz.frame_line(level, frame);
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
    topaz.frames()?;
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
    topaz.frames()?;
    let value = match request.rest.trim() {
        "" => None,
        word => Some(topaz.value_of(word)?),
    };
    let level = topaz.display.level;
    let answer = topaz.session()?.go_on(value)?;
    topaz.answer(answer, level)
}

pub fn restart(topaz: &mut Topaz, request: &Request) -> Done {
    topaz.frames()?;
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
    fn stopped_frames(&mut self) -> Result<Vec<FrameLine>, Complaint> {
        Ok(self.session()?.frames())
    }

    /// The frames of the stopped process.
    ///
    /// # Errors
    /// When no process is stopped.
    fn frames(&mut self) -> Result<Vec<FrameLine>, Complaint> {
        let frames = self.stopped_frames()?;
        if frames.is_empty() {
            return Err("no process is stopped; one stops where an error is not handled".into());
        }
        Ok(frames)
    }

    /// `==> 1 Array>>at: (line 12 of Array.st)`
    fn frame_line(&self, level: usize, frame: &FrameLine) -> String {
        let current = self
            .current
            .and_then(|i| self.sessions.get(i))
            .and_then(Option::as_ref)
            .is_some_and(|open| open.level == level);
        let mark = if current { "==>" } else { "   " };
        let place = match (frame.file.as_str(), frame.line) {
            ("", 0) => String::new(),
            ("", line) => format!(" (line {line})"),
            (file, 0) => format!(" ({file})"),
            (file, line) => format!(" ({file}:{line})"),
        };
        format!("{mark} {level} {}{place}", frame.label)
    }
}
