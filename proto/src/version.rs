//! The versions that a gem and a stone tell each other at login, and which of them go together.
//!
//! A stone serves gems of its own release and of the one before; a gem runs on repositories whose image is of its own
//! release or of the one before. Anything else is refused in a sentence that says what to do.

use crate::messages::{LoginReply, LoginRequest};
use format::version::{FORMAT, IMAGE, IMAGE_OLDEST};

/// The messages of `maglev.proto` and their meaning. 1: the first release, which sent no version.
/// 2: names from records, commit tokens and fates, resumed sessions.
pub const PROTOCOL: u32 = 2;
/// The oldest protocol that is still spoken.
pub const PROTOCOL_OLDEST: u32 = 1;

/// What a version field says; the first release left it out.
fn said(version: u32) -> u32 {
    version.max(1)
}

/// Whether the stone of this release serves the gem.
///
/// # Errors
/// The sentence for the gem's user.
pub fn check_gem(request: &LoginRequest) -> Result<(), String> {
    let theirs = said(request.protocol);
    if theirs > PROTOCOL {
        return Err(format!(
            "this gem speaks protocol {theirs} and the stone {PROTOCOL}: the stone is older, upgrade it first"
        ));
    }
    if theirs < PROTOCOL_OLDEST {
        return Err(format!(
            "this gem speaks protocol {theirs} and the stone {PROTOCOL_OLDEST} to {PROTOCOL}: upgrade the gem"
        ));
    }
    Ok(())
}

/// Whether the gem of this release can work with what the stone said.
///
/// # Errors
/// The sentence for the gem's user.
pub fn check_stone(reply: &LoginReply) -> Result<(), String> {
    let (protocol, format, image) = (said(reply.protocol), said(reply.format), said(reply.image));
    if protocol < PROTOCOL {
        return Err(format!(
            "the stone speaks protocol {protocol} and this gem {PROTOCOL}: upgrade the stone before its gems"
        ));
    }
    if format != FORMAT {
        return Err(format!(
            "the repository's objects are of format {format}, and this gem reads format {FORMAT}"
        ));
    }
    if !(IMAGE_OLDEST..=IMAGE).contains(&image) {
        return Err(format!(
            "the repository's kernel is of image version {image}, and this gem runs versions {IMAGE_OLDEST} to {IMAGE}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gem(protocol: u32) -> LoginRequest {
        LoginRequest {
            protocol,
            ..LoginRequest::default()
        }
    }

    #[test]
    fn the_release_before_is_served_and_no_other() {
        for known in [0, PROTOCOL_OLDEST, PROTOCOL] {
            assert_eq!(check_gem(&gem(known)), Ok(()), "{known}");
        }
        let newer = check_gem(&gem(PROTOCOL + 1)).unwrap_err();
        assert!(newer.contains("upgrade"), "{newer}");
    }

    #[test]
    fn a_gem_says_what_does_not_fit() {
        let reply = LoginReply {
            protocol: PROTOCOL,
            format: FORMAT,
            image: IMAGE,
            ..LoginReply::default()
        };
        assert_eq!(check_stone(&reply), Ok(()));
        let old_image = LoginReply {
            image: 0,
            ..reply.clone()
        };
        assert_eq!(check_stone(&old_image), Ok(()));
        for (wrong, word) in [
            (
                LoginReply {
                    protocol: 1,
                    ..reply.clone()
                },
                "stone",
            ),
            (
                LoginReply {
                    format: FORMAT + 1,
                    ..reply.clone()
                },
                "format",
            ),
            (
                LoginReply {
                    image: IMAGE + 1,
                    ..reply
                },
                "image",
            ),
        ] {
            let refused = check_stone(&wrong).unwrap_err();
            assert!(refused.contains(word), "{refused}");
        }
    }
}
