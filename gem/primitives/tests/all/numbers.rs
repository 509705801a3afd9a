//! Integers and Floats.

use crate::world::{Did, World};
use gem_heap::Oop;
use num_bigint::BigInt;

/// A number written in decimal: with a point or as Infinity a Float, else an Integer of any size.
fn number(w: &mut World, text: &str) -> Oop {
    if text.contains('.') || text.contains("inf") || text.contains("NaN") {
        return w.vm.model.heap.new_float(text.parse().unwrap());
    }
    let value: BigInt = text.parse().unwrap();
    w.vm.model.heap.new_integer(&value).unwrap()
}

/// Each row: primitive, receiver, arguments, what it shows (`-` when the body ran).
fn check(rows: &[(&str, &str, &[&str], &str)]) {
    let mut w = World::new();
    for (primitive, receiver, arguments, shown) in rows {
        let receiver = number(&mut w, receiver);
        let arguments: Vec<Oop> = arguments.iter().map(|a| number(&mut w, a)).collect();
        let did = match w.call(primitive, receiver, &arguments) {
            Did::Answer(Oop::TRUE) => "true".to_string(),
            Did::Answer(Oop::FALSE) => "false".to_string(),
            Did::Answer(value) => w.show(value),
            Did::FellBack => "-".to_string(),
            Did::Raised(e) => panic!("{primitive} raised {e:?}"),
        };
        assert_eq!(&did, shown, "{primitive} {arguments:?}");
    }
}

const BIG: &str = "4611686018427387904";

#[test]
fn integers_leave_the_small_range_and_come_back() {
    let below = "-4611686018427387904";
    check(&[
        ("intAdd", "4611686018427387903", &["1"], BIG),
        ("intSub", BIG, &["1"], "4611686018427387903"),
        ("intSub", below, &["1"], "-4611686018427387905"),
        ("intNeg", below, &[], BIG),
        (
            "intMul",
            "4611686018427387903",
            &["4611686018427387903"],
            "21267647932558653957237540927630737409",
        ),
        (
            "intMul",
            "-3037000500",
            &["3037000500"],
            "-9223372037000250000",
        ),
        ("intDiv", "-7", &["2"], "-4"),
        ("intMod", "-7", &["2"], "1"),
        ("intMod", "7", &["-2"], "-1"),
        ("intQuo", "-7", &["2"], "-3"),
        ("intRem", "-7", &["2"], "-1"),
        ("intDiv", below, &["-1"], BIG),
        ("intDivide", "12", &["4"], "3"),
        ("intDivide", "12", &["5"], "-"),
        ("intDivmod", "-7", &["2"], "[-4, 1]"),
        (
            "intDivmod",
            "-100000000000000000000",
            &["7"],
            "[-14285714285714285715, 5]",
        ),
        ("intDiv", "1", &["0"], "-"),
        ("intMod", BIG, &["0"], "-"),
        ("intPow", "2", &["62"], BIG),
        ("intPow", "-3", &["3"], "-27"),
        ("intPow", "10", &["-1"], "-"),
        ("intPow", "2", &["4611686018427387903"], "-"),
        ("intPow", "-1", &["4611686018427387903"], "-1"),
        ("intGcd", below, &["6"], "2"),
        ("intSqrt", "100000000000000000000", &[], "10000000000"),
        ("intSqrt", "-1", &[], "-"),
        ("intAdd", "1", &["1.5"], "-"),
    ]);
}

#[test]
fn bits_are_twos_complement_at_any_size() {
    check(&[
        (
            "intAnd",
            "-1",
            &["18446744073709551615"],
            "18446744073709551615",
        ),
        (
            "intOr",
            "-4611686018427387905",
            &["1"],
            "-4611686018427387905",
        ),
        ("intXor", "5", &["-1"], "-6"),
        ("intShift", "1", &["62"], BIG),
        ("intShift", "1", &["100"], "1267650600228229401496703205376"),
        ("intShift", "-1", &["-100"], "-1"),
        (
            "intShift",
            "1267650600228229401496703205376",
            &["-100"],
            "1",
        ),
        ("intShift", "-4611686018427387905", &["-70"], "-1"),
        ("intShift", "1", &["4611686018427387903"], "-"),
        ("intShift", "0", &["4611686018427387903"], "0"),
        ("intBitLength", "255", &[], "8"),
        ("intBitLength", "-256", &[], "8"),
        ("intBitLength", "0", &[], "0"),
    ]);
}

#[test]
fn floats_and_integers_compare_exactly() {
    check(&[
        (
            "floatEq",
            "9007199254740993.0",
            &["9007199254740993"],
            "false",
        ),
        (
            "floatLt",
            "9007199254740992.0",
            &["9007199254740993"],
            "true",
        ),
        ("floatGt", "inf", &["100000000000000000000000"], "true"),
        ("floatCompare", "-inf", &["-100000000000000000000000"], "-1"),
        ("floatCompare", "NaN", &["1"], "-"),
        ("floatLe", "NaN", &["1"], "false"),
        ("floatEq", "0.0", &["0"], "true"),
        ("floatEq", "0.5", &["0"], "false"),
        ("intEq", "3", &["3.0"], "-"),
        ("intCompare", BIG, &["5"], "1"),
    ]);
}

#[test]
fn floats_compute_as_the_machine_and_round_as_ruby() {
    check(&[
        ("floatMod", "-7.5", &["2"], "0.5"),
        ("floatMod", "7.5", &["-2.0"], "-0.5"),
        ("floatMod", "-1.0", &["inf"], "inf"),
        ("floatRound", "2.5", &[], "3"),
        ("floatRound", "-2.5", &[], "-3"),
        ("floatFloor", "-0.5", &[], "-1"),
        ("floatCeil", "-0.5", &[], "0"),
        (
            "floatTruncated",
            "100000000000000000000.0",
            &[],
            "100000000000000000000",
        ),
        ("floatTruncated", "NaN", &[], "-"),
        ("floatTruncated", "-inf", &[], "-"),
        ("floatBits", "-0.0", &[], "9223372036854775808"),
        ("floatFromBits", "9218868437227405312", &[], "inf"),
        ("floatFromBits", "-1", &[], "-"),
        (
            "floatToString",
            "100000000000000000000.0",
            &[],
            "\"1.0e+20\"",
        ),
        (
            "floatPrintString",
            "100000000000000000000.0",
            &[],
            "\"1.0e20\"",
        ),
        ("intToFloat", "9007199254740993", &[], "9007199254740992.0"),
        ("floatAdd", "1.5", &["100000000000000000000"], "1e20"),
        ("floatIsNaN", "NaN", &[], "true"),
        ("floatIsInfinite", "-inf", &[], "true"),
    ]);
}

#[test]
fn digits_are_written_in_any_radix() {
    check(&[
        ("intToString", "255", &["16"], "\"ff\""),
        (
            "intToString",
            "-4611686018427387905",
            &["36"],
            "\"-z1ci99jj7475\"",
        ),
        ("intToString", "5", &["37"], "-"),
    ]);
}
