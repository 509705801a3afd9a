//! Programs that run on the small machine. What they must print lies beside them; MRI printed it.

use super::machine::output;

macro_rules! programs {
    ($($name:ident)+) => { $(
        #[test]
        fn $name() {
            let printed = output(include_str!(concat!("programs/", stringify!($name), ".rb")));
            let expected = include_str!(concat!("programs/", stringify!($name), ".out"));
            for (i, (p, e)) in printed.lines().zip(expected.lines()).enumerate() {
                assert_eq!(p, e, "output line {}", i + 1);
            }
            assert_eq!(printed, expected);
        }
    )+ };
}

programs! { arguments assignment blocks conditions definitions ensure escapes patterns variables }
