//! Breakpoints: where a process is to stop. Numbers are never given twice in a session.

use gem_vm::{CodeBlock, CodeId, HeapResult, Oop, Vm};

/// A place in a method where it can stop, in the order of its source.
#[derive(Clone, Copy)]
pub struct StepPoint {
    pub(crate) code: CodeId,
    pub(crate) at: u32,
    pub line: u32,
    /// Characters from 1; 0 when the compiler did not tell.
    pub column: u16,
}

/// The places of a method and of the blocks in it, numbered from 1 by their order in the source.
///
/// # Errors
/// As `Vm::load_method`, for the method and each block in it.
pub fn step_points(vm: &mut Vm, method: Oop) -> HeapResult<Vec<StepPoint>> {
    let code = vm.code_id(method)?;
    let mut codes = vec![code];
    codes.extend(vm.blocks_in(code)?);
    let mut points = Vec::new();
    for code in codes {
        let places = vm.code(code).map(CodeBlock::places).unwrap_or_default();
        points.extend(places.into_iter().map(|(at, line, column)| StepPoint {
            code,
            at,
            line,
            column,
        }));
    }
    points.sort_by_key(|p| (p.line, p.column, p.at));
    points.dedup_by_key(|p| (p.line, p.column, p.code));
    Ok(points)
}

enum Spot {
    /// Holds the code.
    Method(CodeId, u32),
    Line(String, u32),
}

/// One of them.
pub struct Breakpoint {
    pub number: usize,
    /// As a person reads it: `Foo>>bar @ 2`, `demo.rb:12`.
    pub label: String,
    pub enabled: bool,
    /// How often it stopped a process.
    pub hits: usize,
    place: Spot,
}

/// All of a session.
#[derive(Default)]
pub struct Breakpoints {
    all: Vec<Breakpoint>,
    numbers: usize,
}

impl Breakpoints {
    pub fn list(&self) -> &[Breakpoint] {
        &self.all
    }

    /// A breakpoint at a place of a method. Answers its number.
    pub fn add_method(&mut self, vm: &mut Vm, label: String, point: &StepPoint) -> usize {
        self.add(vm, label, Spot::Method(point.code, point.at))
    }

    /// A breakpoint at a line of a file, also of code that is loaded later. A file is named by its end. Answers its number.
    pub fn add_line(&mut self, vm: &mut Vm, file: &str, line: u32) -> usize {
        let label = format!("{file}:{line}");
        self.add(vm, label, Spot::Line(file.to_string(), line))
    }

    fn add(&mut self, vm: &mut Vm, label: String, place: Spot) -> usize {
        if let Spot::Method(code, _) = place {
            vm.hold_code(code);
        }
        self.numbers += 1;
        let number = self.numbers;
        self.all.push(Breakpoint {
            number,
            label,
            enabled: true,
            hits: 0,
            place,
        });
        self.set(vm);
        number
    }

    /// Forgets one, or all. Answers whether there was any.
    pub fn delete(&mut self, vm: &mut Vm, number: Option<usize>) -> bool {
        let count = self.all.len();
        self.clear(vm);
        self.all.retain(|b| {
            let stays = number.is_some_and(|number| b.number != number);
            if let (false, Spot::Method(code, _)) = (stays, &b.place) {
                vm.release_code(*code);
            }
            stays
        });
        self.set(vm);
        self.all.len() < count
    }

    /// Switches one, or all. Answers whether there is any.
    pub fn enable(&mut self, vm: &mut Vm, number: Option<usize>, on: bool) -> bool {
        self.clear(vm);
        let mut found = false;
        for breakpoint in &mut self.all {
            if number.is_none_or(|number| breakpoint.number == number) {
                breakpoint.enabled = on;
                found = true;
            }
        }
        self.set(vm);
        found
    }

    /// Several may share a place, so all go and all come back.
    fn clear(&self, vm: &mut Vm) {
        for breakpoint in &self.all {
            match &breakpoint.place {
                Spot::Method(code, at) => vm.remove_trap(*code, *at),
                Spot::Line(file, line) => vm.remove_line_traps(file, *line),
            }
        }
    }

    fn set(&self, vm: &mut Vm) {
        for breakpoint in self.all.iter().filter(|b| b.enabled) {
            match &breakpoint.place {
                Spot::Method(code, at) => {
                    vm.set_trap(*code, *at);
                }
                Spot::Line(file, line) => {
                    vm.remove_line_traps(file, *line);
                    vm.trap_line(file, *line);
                }
            }
        }
    }

    /// The enabled breakpoint at an instruction, its hit counted.
    pub(crate) fn hit(&mut self, code: &CodeBlock, at: u32) -> Option<usize> {
        let line = code.places().iter().find(|p| p.0 == at).map(|p| p.1);
        let found = self.all.iter_mut().find(|b| {
            b.enabled
                && match &b.place {
                    Spot::Method(c, a) => *c == code.id() && *a == at,
                    Spot::Line(file, l) => Some(*l) == line && code.is_of_file(file),
                }
        })?;
        found.hits += 1;
        Some(found.number)
    }
}
