//! Damaged, huge and deeply nested sources: an error or a code, never a panic or an overflow.

use super::{check, script};
use crate::{SyntaxError, compile_eval, compile_script, script_data_offset};

fn survives(source: &[u8]) -> Result<(), SyntaxError> {
    compile_script(source, "hostile.rb", 1).map(|code| check(&code))
}

const SAMPLE: &str = r##"
class A < B
  attr_reader :x
  def m(a, (b, *c), d = 1, *e, f, g:, h: 2, **i, &j)
    begin
      @x ||= a&.b += [1, *c, {"k" => 2, **i}][0]
      case [a, b]
      in [Integer => q, {k: [*, 1, *]}] if q > 1 then super
      else return yield(*e, **i) unless defined?(@@z)
      end
      while a < 3 do a += 1; next if b; redo if c; break end
      for p, (q, *r) in e do puts "#{p} #{q ? "x" : 'y'}" end
    rescue X, *Y => @err
      retry
    else
      a, self.b, c[1], *d = *e
    ensure
      ->(x, y = x) { _ = x; next y }.(1) rescue nil
    end
    if (a == 1)..(b == 2) and not c or /a#{b}/o =~ $~ then :"s#{a}" end
    <<~T + `ls`
      text #{a}
    T
  end
  END { alias $new $old }
end
[1].each { it + 1 }.map { _1 + _2 }
def f(...) = g(...)
def k(*, **, &) = l(*, **, &)
"##;

#[test]
fn the_sample_itself_compiles() {
    script(SAMPLE);
}

/// A small generator of numbers (xorshift), so that a failure can be repeated.
fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 11) as usize
}

#[test]
fn mutated_sources_never_panic() {
    let seed = 0x2545_F491_4F6C_DD1D;
    println!("seed {seed:#x}");
    let mut state = seed;
    let tokens: Vec<&str> = SAMPLE.split_inclusive([' ', '\n', '(', ')', '|']).collect();
    let mut compiled = 0;
    for round in 0..3000 {
        let mut bytes = if round % 2 == 0 {
            let mut bytes = SAMPLE.as_bytes().to_vec();
            for _ in 0..1 + random(&mut state) % 3 {
                let at = random(&mut state) % bytes.len();
                match random(&mut state) % 3 {
                    0 => bytes[at] = random(&mut state) as u8,
                    1 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, b"(){}[]|&*:;.\"'#\n@$"[random(&mut state) % 18]),
                }
            }
            bytes
        } else {
            let mut t = tokens.clone();
            for _ in 0..1 + random(&mut state) % 3 {
                let (a, b) = (random(&mut state) % t.len(), random(&mut state) % t.len());
                if random(&mut state).is_multiple_of(2) {
                    t.swap(a, b);
                } else {
                    t.remove(a);
                }
            }
            t.concat().into_bytes()
        };
        compiled += survives(&bytes).is_ok() as u32;
        bytes.truncate(random(&mut state) % bytes.len().max(1));
        compiled += survives(&bytes).is_ok() as u32;
        let _ = compile_eval(
            &bytes,
            "e",
            1,
            &[vec!["a".into(), "*".into()], vec!["b".into()]],
        )
        .map(|c| check(&c));
    }
    println!("{compiled} of the mutants compiled");
    assert!(compiled > 0);
}

#[test]
fn deep_nesting_is_an_error_not_an_overflow() {
    let deep = 60_000;
    let around = |open: &str, close: &str| open.repeat(deep) + "1" + &close.repeat(deep);
    let sources = [
        around("(", ")"),
        around("[", "]"),
        around("->{", "}"),
        around("!", ""),
        around("-", ""),
        around("a { ", " }"),
        around("if 1\n", "\nend"),
        around("def a\n", "\nend"),
        around("begin\n", "\nensure\n2\nend"),
        around("\"#{", "}\""),
        around("f(", ")"),
        around("{a: ", "}"),
        around("x = ", ""),
        around("a ? b : ", ""),
        format!("1{}", " + 1".repeat(deep)),
        format!("a{}", ".b".repeat(deep)),
        format!("a{}", "::B".repeat(deep)),
        format!("a{}", " && b".repeat(deep)),
        format!("a{}", " if b".repeat(deep)),
        format!("a{}", " rescue b".repeat(deep)),
        format!("case a\nin 1{}\nend", " | 2".repeat(deep)),
        format!("defined?(a{})", ".b".repeat(deep)),
        format!("a{} = 1", ", (b".repeat(deep) + &")".repeat(deep)),
        format!("if a\n{}end", "elsif b\n".repeat(deep)),
    ];
    for source in &sources {
        let head = &source[..20];
        match survives(source.as_bytes()) {
            Ok(()) => {}
            Err(e) => assert!(!e.message.is_empty(), "{head}"),
        }
    }
    let error = survives(sources[14].as_bytes()).unwrap_err();
    assert_eq!(error.message, "nested too deeply");
}

#[test]
fn ordinary_depth_is_fine() {
    survives(format!("x = 1{}", " + 1".repeat(3000)).as_bytes()).unwrap();
    survives(format!("{}1{}", "[".repeat(900), "]".repeat(900)).as_bytes()).unwrap();
    survives(format!("{}1{}", "->{".repeat(100), "}".repeat(100)).as_bytes()).unwrap();
}

#[test]
fn short_texts_compile_on_the_callers_own_stack() {
    let openers = [
        "[",
        "(",
        "!",
        "-",
        "->{",
        "a{",
        "{a:",
        "f(",
        "x=",
        "\"#{",
        "a.b ",
        "if 1;",
        "begin;",
        "a&&",
        "a ?1:",
        "def a;",
        "[*",
        "a[",
        "a rescue ",
        "p ",
    ];
    let closers = [("[", "]"), ("(", ")"), ("{", "}"), (";", "\nend")];
    let caller = std::thread::Builder::new().stack_size(1 << 20);
    let thread = caller.spawn(move || {
        for open in openers {
            let close = closers
                .iter()
                .find(|(o, _)| open.contains(o))
                .map_or("", |(_, c)| c);
            let close = if open.starts_with('"') { "}\"" } else { close };
            let depth = 120 / (open.len() + close.len());
            let source = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            assert!(source.len() <= 128);
            let _ = survives(source.as_bytes());
            let _ = survives(open.repeat(120 / open.len()).as_bytes());
        }
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn big_literals_and_long_bodies_compile() {
    let numbers: Vec<String> = (0..70_000).map(|i| i.to_string()).collect();
    survives(format!("A = [{}]", numbers.join(",")).as_bytes()).unwrap();
    let words: Vec<String> = (0..20_000).map(|i| format!("w{i}")).collect();
    survives(format!("%w[{}]", words.join(" ")).as_bytes()).unwrap();
    let pairs: Vec<String> = (0..5_000).map(|i| format!("'k{i}' => {i}")).collect();
    survives(format!("{{{}}}", pairs.join(",")).as_bytes()).unwrap();
    // a body longer than a fused branch reaches
    survives(format!("i = 0\nwhile i < 9\n{}end", "i += 1\n".repeat(30_000)).as_bytes()).unwrap();
    let error = survives(format!("f({})", "x, ".repeat(70_000) + "1").as_bytes()).unwrap_err();
    assert!(error.message.contains("too many"), "{error}");
}

#[test]
fn errors_name_the_place() {
    let error = compile_script(b"x = 1\ny = 2 +* 3\nz", "some/file.rb", 10).unwrap_err();
    assert_eq!((error.line, error.file.as_str()), (11, "some/file.rb"));
    let text = error.to_string();
    assert!(text.starts_with("some/file.rb:11: "), "{text}");
    assert!(
        text.contains("    y = 2 +* 3\n") && text.contains('^'),
        "{text}"
    );
    let error = compile_script(b"break", "a\0b.rb", 1).unwrap_err();
    assert_eq!(error.line, 1);
    assert!(compile_script(b"class A; return; end", "f", 1).is_err());
}

#[test]
fn data_begins_after_its_marker() {
    assert_eq!(script_data_offset(b"1\n__END__\nrest"), Some(10));
    assert_eq!(script_data_offset(b"1\n__END__"), Some(9));
    assert_eq!(script_data_offset(b"'\n__END__\n'"), None);
    assert_eq!(script_data_offset(b"1"), None);
}
