//! Opening sessions: at a running stone, on a data directory in this process, or on the read-only image.

use super::Gem;
use crate::session::{Gate, Login, Session};
use gem_session::LoginOptions;
use proto::client::GrpcStone;
use proto::service::{Stone, StoneError};
use std::path::PathBuf;
use std::sync::Arc;
use stone_server::places;

/// Where the command line puts sessions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// A name, `unix:PATH` or `https://HOST:PORT`.
    Stone(String),
    /// An embedded stone on this directory.
    Data(PathBuf),
}

/// Opens sessions. A stone in this process serves all of them.
pub struct Doors {
    place: Option<Place>,
    embedded: Option<Arc<dyn Stone>>,
}

impl Doors {
    /// `place`: what the command line said; it wins over `set gemstone`.
    pub fn new(place: Option<Place>) -> Doors {
        Doors {
            place,
            embedded: None,
        }
    }

    /// The stone, and how to name it to people.
    fn stone(&mut self, login: &Login) -> Result<(Arc<dyn Stone>, String), String> {
        let named = login.stone.clone().map(Place::Stone);
        match self.place.clone().or(named) {
            Some(Place::Stone(name)) => {
                let address = address_of(&name)?;
                let stone = GrpcStone::connect(&address).map_err(|e| advice(&e, &name))?;
                Ok((Arc::new(stone), format!("stone {name}")))
            }
            Some(Place::Data(directory)) => {
                let seed = places::find_seed();
                let stone = match &self.embedded {
                    Some(stone) => stone.clone(),
                    None => stone_server::embedded(&directory, seed.as_deref())
                        .map_err(|e| format!("{}: {e}", directory.display()))?,
                };
                self.embedded = Some(stone.clone());
                Ok((stone, format!("the data in {}", directory.display())))
            }
            None => {
                let image = places::find_seed().ok_or_else(|| {
                    format!(
                        "there is no image {}: make one with image-builder, or log in to a stone with --stone NAME",
                        places::SEED_NAME
                    )
                })?;
                let stone = match &self.embedded {
                    Some(stone) => stone.clone(),
                    None => stone_server::read_only(&image)
                        .map_err(|e| format!("{}: {e}", image.display()))?,
                };
                self.embedded = Some(stone.clone());
                let place = format!("the read-only image {}", image.display());
                Ok((stone, place))
            }
        }
    }
}

impl Gate for Doors {
    fn login(&mut self, login: &Login) -> Result<Box<dyn Session>, String> {
        let (stone, place) = self.stone(login)?;
        let options = LoginOptions {
            user: login.user.clone(),
            client: "topaz".to_string(),
            stone_name: place.clone(),
            ..LoginOptions::default()
        };
        let session = gem_session::Session::login(stone, &options)
            .map_err(|e| format!("cannot log in to {place}: {e}"))?;
        Ok(Box::new(Gem::new(session, place)?))
    }
}

/// A stone's name becomes the address of its socket; addresses stay.
fn address_of(name: &str) -> Result<String, String> {
    if name.starts_with("unix:") || name.starts_with("https://") {
        return Ok(name.to_string());
    }
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0', ':']) {
        return Err(format!(
            "{name:?} names no stone: write NAME, unix:PATH or https://HOST:PORT"
        ));
    }
    Ok(format!("unix:{}", places::socket(name).display()))
}

fn advice(e: &StoneError, name: &str) -> String {
    match e {
        StoneError::Unavailable(_) if !name.contains(':') => {
            format!("{e}; stone status {name} tells more, stone start {name} starts it")
        }
        _ => e.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_sockets() {
        assert!(address_of("maglev").unwrap().ends_with("/run/maglev.sock"));
        assert_eq!(address_of("unix:/x").unwrap(), "unix:/x");
        assert!(address_of("../x").is_err());
        assert!(address_of("").is_err());
    }

    #[test]
    fn a_stone_that_is_not_there_is_named_with_advice() {
        let mut doors = Doors::new(Some(Place::Stone("no-such-stone-here".to_string())));
        let Err(text) = doors.login(&Login::default()) else {
            panic!("a stone that does not exist answered");
        };
        assert!(text.contains("stone start no-such-stone-here"), "{text}");
    }
}
