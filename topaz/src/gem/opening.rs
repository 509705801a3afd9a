//! Opening sessions, where the command line or `set gemstone` says.

use super::Gem;
use crate::session::{Gate, Login, Session};
use gem_server::{SessionPlace, open_session};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Opens sessions.
pub struct Doors {
    place: SessionPlace,
    /// No session runs anything: Ctrl-C ends topaz. Made with the first session.
    idle: Option<Arc<AtomicBool>>,
}

impl Doors {
    /// `place`: what the command line said; it wins over `set gemstone`.
    pub fn new(place: SessionPlace) -> Doors {
        Doors { place, idle: None }
    }

    fn place(&self, login: &Login) -> SessionPlace {
        match (&self.place, &login.stone) {
            (SessionPlace::Default, Some(stone)) => SessionPlace::Stone(stone.clone()),
            (place, _) => place.clone(),
        }
    }
}

impl Gate for Doors {
    fn login(&mut self, login: &Login) -> Result<Box<dyn Session>, String> {
        let place = self.place(login);
        let session = open_session(&place, "topaz")?;
        let idle = self.idle.get_or_insert_with(|| {
            let idle = Arc::new(AtomicBool::new(true));
            gem_server::end_while_idle(&idle);
            idle
        });
        Ok(Box::new(Gem::new(session, place.describe(), idle.clone())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_wins_over_the_script() {
        let login = Login {
            stone: Some("scripts".to_string()),
            ..Login::default()
        };
        let doors = |place| Doors::new(place).place(&login);
        assert_eq!(
            doors(SessionPlace::Default),
            SessionPlace::Stone("scripts".to_string())
        );
        assert_eq!(
            doors(SessionPlace::Data("d".into())),
            SessionPlace::Data("d".into())
        );
        let open = Doors::new(SessionPlace::Default).place(&Login::default());
        assert_eq!(open, SessionPlace::Default);
    }

    #[test]
    fn a_stone_that_is_not_there_is_named_with_advice() {
        let mut doors = Doors::new(SessionPlace::Stone("no-such-stone-here".to_string()));
        let Err(text) = doors.login(&Login::default()) else {
            panic!("a stone that does not exist answered");
        };
        assert!(text.contains("stone start no-such-stone-here"), "{text}");
    }
}
