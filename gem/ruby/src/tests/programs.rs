//! Programs that run on the reference machine, with the fast paths of operators and without. What they must print lies beside them; MRI printed it.

use super::machine::output;

macro_rules! programs {
    ($($name:ident)+) => { $(
        #[test]
        fn $name() {
            let program = include_str!(concat!("programs/", stringify!($name), ".rb"));
            let expected = include_str!(concat!("programs/", stringify!($name), ".out"));
            for slow in [false, true] {
                let printed = output(program, slow);
                for (i, (p, e)) in printed.lines().zip(expected.lines()).enumerate() {
                    assert_eq!(p, e, "output line {}", i + 1);
                }
                assert_eq!(printed, expected);
            }
        }
    )+ };
}

programs! { arguments assignment blocks conditions definitions ensure escapes patterns variables }
