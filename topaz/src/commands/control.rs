//! topaz itself: set, status, time, help, history, shell, remark, exit.

use crate::command::{COMMANDS, Request, Shortening, command_named};
use crate::commands::display::number;
use crate::errors::Complaint;
use crate::settings::{PARAMETERS, row};
use crate::text::{unquoted, words};
use crate::topaz::{Done, Flow, Topaz};
use std::process::Command;
use std::time::{Duration, Instant};

pub fn exit(topaz: &mut Topaz, request: &Request) -> Done {
    let status = match request.rest.trim() {
        "" => i32::from(topaz.on_error.count > 0),
        text => text.parse::<u8>().map(i32::from).map_err(|_| {
            Complaint::Wrong(format!("exit [N]: {text:?} is no status from 0 to 255"))
        })?,
    };
    topaz.close_all();
    Ok(Flow::Exit(status))
}

pub fn exit_if_no_error(topaz: &mut Topaz, _: &Request) -> Done {
    if topaz.on_error.count > 0 {
        let count = topaz.on_error.count;
        topaz.say(&format!(
            "{count} commands have failed; exitifnoerror stays."
        ));
        return Ok(Flow::Next);
    }
    topaz.close_all();
    Ok(Flow::Exit(0))
}

impl Topaz {
    /// Ends every session.
    pub fn close_all(&mut self) {
        while self.current.is_some() {
            self.close_current();
        }
    }
}

/// `set user DataCurator pass swordfish class Foo`
pub fn set(topaz: &mut Topaz, request: &Request) -> Done {
    let words = words(&request.rest);
    if words.is_empty() {
        return status(topaz, request);
    }
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let parameter = row(PARAMETERS, "parameter", word)?;
        let value = words
            .next()
            .ok_or_else(|| format!("set {parameter}: the value is missing"))?;
        // `set class Foo class` names the class side.
        let mut value = unquoted(value);
        if parameter == "class" && words.peek() == Some(&"class") && words.len() != 2 {
            words.next();
            value.push_str(" class");
        }
        set_one(topaz, parameter, &value)?;
    }
    Ok(Flow::Next)
}

fn set_one(topaz: &mut Topaz, parameter: &str, value: &str) -> Result<(), Complaint> {
    match parameter {
        "gemstone" => topaz.settings.login.stone = Some(value.to_string()),
        "username" => topaz.settings.login.user = value.to_string(),
        "password" => {}
        "class" => topaz.settings.class = topaz.class_or_current(value)?,
        "category" => topaz.settings.category = value.to_string(),
        "compile_env" => {
            topaz.settings.compile_env = match value {
                "0" => 0,
                "1" => 1,
                _ => return Err("set compile_env 0 (Smalltalk) or 1 (Ruby)".into()),
            }
        }
        "listwindow" => topaz.settings.list_window = number(value, "set listwindow N")?,
        "history" => topaz.settings.history_max = number(value, "set history N")?,
        "session" => {
            let wanted = number(value, "set session N")?;
            let index = wanted
                .checked_sub(1)
                .filter(|&i| topaz.sessions.get(i).is_some_and(Option::is_some))
                .ok_or_else(|| format!("there is no session {wanted}; status lists them"))?;
            topaz.current = Some(index);
        }
        kept => {
            topaz.settings.kept.retain(|(name, _)| name != kept);
            topaz
                .settings
                .kept
                .push((kept.to_string(), value.to_string()));
        }
    }
    Ok(())
}

pub fn status(topaz: &mut Topaz, _: &Request) -> Done {
    let settings = topaz.settings.clone();
    let display = topaz.display.clone();
    let stone = settings
        .login
        .stone
        .unwrap_or_else(|| "(as the command line says)".to_string());
    let class = if settings.class.is_empty() {
        "(none)".to_string()
    } else {
        settings.class
    };
    let mut lines = vec![
        format!("gemstone     {stone}"),
        format!("username     {}", settings.login.user),
        format!("class        {class}"),
        format!("category     {}", settings.category),
        format!("compile_env  {}", settings.compile_env),
        format!("listwindow   {}", settings.list_window),
        format!("level        {}", display.level),
        format!(
            "limit        bytes {}, oops {} (0 is none)",
            display.bytes_max, display.oops_max
        ),
    ];
    for (name, value) in settings.kept {
        lines.push(format!("{name:<12} {value} (nothing uses it)"));
    }
    let on: Vec<&str> = crate::settings::SWITCHES
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| topaz.display.switch(name).is_some_and(|s| *s))
        .collect();
    lines.push(format!(
        "display      {}",
        if on.is_empty() {
            "(nothing more)".to_string()
        } else {
            on.join(" ")
        }
    ));
    let current = topaz.current;
    for (index, open) in topaz.sessions.iter_mut().enumerate() {
        if let Some(open) = open {
            let mark = if current == Some(index) { "==>" } else { "   " };
            let changes = if open.session.needs_commit() {
                ", has changes"
            } else {
                ""
            };
            lines.push(format!(
                "{mark} session {} on {}{changes}",
                index + 1,
                open.session.place()
            ));
        }
    }
    for line in lines {
        topaz.say(&line);
    }
    Ok(Flow::Next)
}

pub fn time(topaz: &mut Topaz, _: &Request) -> Done {
    let now = Instant::now();
    let cpu = topaz.session().map_or(Duration::ZERO, |s| s.cpu_time());
    let (last, last_cpu) = topaz.timed;
    let text = format!(
        "elapsed {:.3} s, CPU {:.3} s; since the last time command {:.3} s, CPU {:.3} s",
        (now - topaz.started).as_secs_f64(),
        cpu.as_secs_f64(),
        (now - last).as_secs_f64(),
        cpu.saturating_sub(last_cpu).as_secs_f64()
    );
    topaz.timed = (now, cpu);
    topaz.say(&text);
    Ok(Flow::Next)
}

pub fn help(topaz: &mut Topaz, request: &Request) -> Done {
    if !request.rest.is_empty() {
        let command = command_named(&request.rest).map_err(|e| Complaint::Wrong(e.to_string()))?;
        topaz.say(command.usage);
        topaz.say(&format!("    {}", command.help));
        if command.shortening == Shortening::Whole {
            topaz.say("    Must be typed in full.");
        }
        if command.name == "set" {
            for (name, meaning) in PARAMETERS {
                topaz.say(&format!("    {name:<22} {meaning}"));
            }
        }
        return Ok(Flow::Next);
    }
    topaz.say("Commands, which may be shortened while they stay unique; help COMMAND says more.");
    for command in COMMANDS {
        topaz.say(&format!("{:<22} {}", command.name, command.help));
    }
    topaz.say("Lines that begin with ! are comments. Texts of run, method: and the like end with a line that begins with %.");
    Ok(Flow::Next)
}

pub fn history(topaz: &mut Topaz, request: &Request) -> Done {
    let count = match request.rest.trim() {
        "" => 20,
        text => number(text, "history [N]")?,
    };
    let skip = topaz.history.len().saturating_sub(count);
    let lines: Vec<String> = topaz.history.iter().skip(skip).cloned().collect();
    for line in lines {
        topaz.say(&line);
    }
    Ok(Flow::Next)
}

pub fn shell(topaz: &mut Topaz, request: &Request) -> Done {
    let shell = (topaz.variables)("SHELL").unwrap_or_else(|| "/bin/sh".to_string());
    let mut command = if request.rest.is_empty() {
        Command::new(shell)
    } else {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(&request.rest);
        command
    };
    let status = command
        .status()
        .map_err(|e| Complaint::Wrong(format!("cannot run the shell: {e}")))?;
    if !status.success() {
        topaz.say(&format!("[{status}]"));
    }
    Ok(Flow::Next)
}

pub fn remark(_: &mut Topaz, _: &Request) -> Done {
    Ok(Flow::Next)
}
