//! Classes by their well-known ids, what objects are, and what classes are called.

use crate::errors::ModelError;
use crate::model::Model;
use format::wellknown::slots::{behavior, class_flags};
use format::{ObjectId, wellknown};
use gem_heap::{HeapError, HeapResult, Kind, Oop};

impl Model {
    /// The class object a well-known id names.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when the class is not in memory yet. `Missing`: the repository is older than the class, or empty.
    pub fn known_class(&mut self, id: ObjectId) -> Result<Oop, HeapError> {
        let index = self.heap.wellknown_class(id);
        self.heap.class_object(index)
    }

    /// A well-known object that is no class (the globals, the persistent root).
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault).
    pub fn known_object(&mut self, id: ObjectId) -> Result<Oop, ModelError> {
        Ok(self.heap.fault(id)?)
    }

    /// Whether `oop` is a class or module object.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when Behavior or a class above that of `oop` is not in memory yet.
    pub fn is_module_like(&mut self, oop: Oop) -> Result<bool, ModelError> {
        if !oop.is_pointer()
            || self.heap.kind(oop) != gem_heap::Kind::Slots
            || self.heap.inline_slots(oop) < behavior::COUNT
        {
            return Ok(false);
        }
        let module = self.known_class(wellknown::BEHAVIOR)?;
        Ok(self.is_kind_of(oop, module)?)
    }

    /// Whether `oop` is an Array (or of a subclass).
    pub fn is_array(&mut self, oop: Oop) -> Result<bool, ModelError> {
        if !oop.is_pointer() || self.heap.kind(oop) != Kind::Indexed {
            return Ok(false);
        }
        if self.heap.shape_of(oop) == gem_heap::ShapeId::ARRAY {
            return Ok(true);
        }
        let array = self.known_class(wellknown::ARRAY)?;
        Ok(self.is_kind_of(oop, array)?)
    }

    /// Name of a class for messages.
    pub fn class_name(&mut self, class: Oop) -> String {
        self.try_class_name(class)
            .unwrap_or_else(|_| "?".to_string())
    }

    fn try_class_name(&mut self, class: Oop) -> HeapResult<String> {
        if self.heap.inline_slots(class) < behavior::COUNT {
            return Ok("?".to_string());
        }
        let attached = self.heap.slot(class, behavior::ATTACHED)?;
        if attached.is_pointer()
            && self.heap.inline_slots(attached) >= behavior::COUNT
            && self.class_flags(class)? & class_flags::SINGLETON != 0
        {
            return Ok(format!("#<Class:{}>", self.class_name(attached)));
        }
        let ruby = self.heap.slot(class, behavior::RUBY_NAME)?;
        let name = if ruby.is_nil() {
            self.heap.slot(class, behavior::NAME)?
        } else {
            ruby
        };
        if name.is_nil() {
            let up = self.superclass_of(class, 1)?;
            return Ok(if up.is_nil() {
                "#<Class>".to_string()
            } else {
                format!("#<Class:{}>", self.class_name(up))
            });
        }
        let scope = self.heap.slot(class, behavior::SCOPE)?;
        let text = self.heap.text(name);
        Ok(if scope.is_nil() {
            text
        } else {
            format!("{}::{text}", self.class_name(scope))
        })
    }

    /// Smalltalk's name of a class, whatever Ruby calls it: `Foo`, `Foo class`.
    pub fn smalltalk_class_name(&mut self, class: Oop) -> String {
        self.own_smalltalk_name(class)
            .ok()
            .flatten()
            .unwrap_or_else(|| self.class_name(class))
    }

    fn own_smalltalk_name(&mut self, class: Oop) -> HeapResult<Option<String>> {
        if self.heap.inline_slots(class) < behavior::COUNT {
            return Ok(None);
        }
        let attached = self.heap.slot(class, behavior::ATTACHED)?;
        let singleton = self.class_flags(class)? & class_flags::SINGLETON != 0;
        if singleton && attached.is_pointer() && self.heap.inline_slots(attached) >= behavior::COUNT
        {
            return Ok(Some(format!(
                "{} class",
                self.smalltalk_class_name(attached)
            )));
        }
        let name = self.heap.slot(class, behavior::NAME)?;
        Ok((name.is_pointer() && self.heap.is_bytes(name)).then(|| self.heap.text(name)))
    }

    /// Whether Ruby shows no class in the labels of this class's methods: a singleton class of an object, or an anonymous one.
    pub fn is_nameless(&mut self, class: Oop) -> bool {
        use wellknown::slots::behavior;
        [behavior::NAME, behavior::RUBY_NAME]
            .iter()
            .all(|&slot| self.heap.slot(class, slot).is_ok_and(Oop::is_nil))
    }

    /// An object in a message of the machine: special constants as Ruby writes them, others by their class.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when its class or one above that is not in memory yet.
    pub fn describe(&mut self, object: Oop) -> HeapResult<String> {
        Ok(match object {
            Oop::NIL => "nil".to_string(),
            Oop::TRUE => "true".to_string(),
            Oop::FALSE => "false".to_string(),
            _ if object.as_small_int().is_some() => {
                object.as_small_int().unwrap_or_default().to_string()
            }
            _ if self.heap.is_symbol(object) => format!(":{}", self.heap.text(object)),
            _ => {
                let class = self.heap.class_of(object)?;
                let class = self.real_class(class)?;
                format!("#<{}>", self.class_name(class))
            }
        })
    }
}
