//! fileout: a class as a topaz script that makes it again.

use crate::command::Request;
use crate::commands::browse::begins;
use crate::commands::streams::path_of;
use crate::errors::Complaint;
use crate::text::words;
use crate::topaz::{Done, Flow, Topaz};

pub fn file_out(topaz: &mut Topaz, request: &Request) -> Done {
    let usage = "fileout class CLASS [tofile: FILE]";
    let words = words(&request.rest);
    let (class, file) = match words.as_slice() {
        [what, class] if begins("class", what) => (class, None),
        [what, class, to, file] if begins("class", what) && begins("tofile", to) => {
            (class, Some(file))
        }
        _ => return Err(usage.into()),
    };
    let class = topaz.class_or_current(class)?;
    let script = topaz.text_answer(&script_source(&class))?;
    match file {
        None => topaz.say(script.trim_end()),
        Some(file) => {
            let path = path_of(topaz, file)?;
            std::fs::write(&path, &script)
                .map_err(|e| Complaint::Wrong(format!("cannot write {}: {e}", path.display())))?;
            topaz.say(&format!("{class} is written to {}", path.display()));
        }
    }
    Ok(Flow::Next)
}

/// Code that answers the script. A source with a line that begins with `%` would end early: the code refuses it.
fn script_source(class: &str) -> String {
    format!(
        "| class out side |\n\
         class := {class}.\n\
         out := WriteStream on: String new.\n\
         out nextPutAll: '! '; nextPutAll: class name asString; lf.\n\
         out nextPutAll: 'fileformat utf8'; lf; nextPutAll: 'set compile_env: 0'; lf.\n\
         out nextPutAll: 'expectvalue /Class'; lf; nextPutAll: 'doit'; lf; nextPutAll: class definition; lf; nextPutAll: '%'; lf.\n\
         class comment isEmpty ifFalse: [\n\
         \tout nextPutAll: 'doit'; lf; nextPutAll: class name asString; nextPutAll: ' comment: '; nextPutAll: class comment asString printString; lf; nextPutAll: '%'; lf ].\n\
         out nextPutAll: 'removeallmethods '; nextPutAll: class name asString; lf.\n\
         out nextPutAll: 'removeallclassmethods '; nextPutAll: class name asString; lf.\n\
         side := [ :behavior :keyword |\n\
         \t(behavior selectors asSortedCollection: [ :a :b | a asString <= b asString ]) do: [ :each | | method |\n\
         \t\tmethod := behavior compiledMethodAt: each.\n\
         \t\t(method sourceString includesString: (String with: Character lf with: $%)) ifTrue: [\n\
         \t\t\tself error: 'the source of ' , method printString , ' has a line that begins with %, which would end it' ].\n\
         \t\tout nextPutAll: 'category: '; nextPutAll: method category asString printString; lf.\n\
         \t\tout nextPutAll: keyword; nextPutAll: class name asString; lf.\n\
         \t\tout nextPutAll: method sourceString; lf; nextPutAll: '%'; lf ] ].\n\
         side value: class class value: 'classmethod: '.\n\
         side value: class value: 'method: '.\n\
         out contents\n"
    )
}
