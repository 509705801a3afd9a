//! Parameter lists as one sequence in the order of their registers.

use gem_bytecode::{KeyRest, Params};
use ruby_prism::{ConstantId, MultiTargetNode, Node, NodeList, ParametersNode};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Required,
    Optional,
    Rest,
    Post,
    Keyword { required: bool },
    KeyRest,
    Block,
}

/// One parameter. Anonymous and destructured ones have names that no program can write.
pub(crate) struct Param<'pr> {
    pub name: String,
    /// What `parameters` reports; empty for anonymous ones.
    pub shown: String,
    pub role: Role,
    pub default: Option<Node<'pr>>,
    pub nested: Option<MultiTargetNode<'pr>>,
}

/// All parameters of a method or block.
#[derive(Default)]
pub(crate) struct ParamList<'pr> {
    pub list: Vec<Param<'pr>>,
    pub trailing_comma: bool,
    pub forbids_keywords: bool,
    pub implicit: bool,
    /// Names after `;` in a block's parameters are ordinary locals: nothing to do for them.
    pub lenient: bool,
}

pub(crate) fn text(id: &ConstantId<'_>) -> String {
    String::from_utf8_lossy(id.as_slice()).into_owned()
}

/// Names under which anonymous parameters are found again by `f(*)`, `f(**)`, `f(&)` and `f(...)`.
pub(crate) const ANONYMOUS_REST: &str = "*";
pub(crate) const ANONYMOUS_KEYREST: &str = "**";
pub(crate) const ANONYMOUS_BLOCK: &str = "&";
/// The parameter behind `it`.
pub(crate) const IT: &str = "%it";

impl<'pr> ParamList<'pr> {
    /// Of a method.
    pub(crate) fn of_method(params: Option<ParametersNode<'pr>>) -> ParamList<'pr> {
        let mut out = ParamList::default();
        if let Some(p) = params {
            out.collect(&p);
        }
        out
    }

    /// Of a block or lambda: written, numbered, or `it`.
    pub(crate) fn of_block(params: Option<Node<'pr>>, lenient: bool) -> ParamList<'pr> {
        let mut out = ParamList {
            lenient,
            ..ParamList::default()
        };
        match params {
            None => {}
            Some(node) => {
                if let Some(written) = node.as_block_parameters_node() {
                    if let Some(p) = written.parameters() {
                        out.collect(&p);
                    }
                } else if let Some(numbered) = node.as_numbered_parameters_node() {
                    out.implicit = true;
                    for i in 1..=numbered.maximum() {
                        out.push(format!("_{i}"), Role::Required);
                    }
                } else if node.as_it_parameters_node().is_some() {
                    out.implicit = true;
                    out.push(IT.to_string(), Role::Required);
                }
            }
        }
        out
    }

    fn push(&mut self, name: String, role: Role) -> &mut Param<'pr> {
        let anonymous = name.starts_with(['%', '*', '&']);
        let shown = if anonymous {
            String::new()
        } else {
            name.clone()
        };
        self.list.push(Param {
            name,
            shown,
            role,
            default: None,
            nested: None,
        });
        self.list.last_mut().expect("just pushed")
    }

    fn named(&mut self, id: &ConstantId<'pr>, repeated: bool, role: Role) -> &mut Param<'pr> {
        let shown = text(id);
        let name = if repeated {
            self.hidden()
        } else {
            shown.clone()
        };
        let param = self.push(name, role);
        param.shown = shown;
        param
    }

    fn hidden(&self) -> String {
        format!("%arg{}", self.list.len())
    }

    fn positional(&mut self, nodes: &NodeList<'pr>, role: Role) {
        for node in nodes.iter() {
            if let Some(p) = node.as_required_parameter_node() {
                self.named(&p.name(), p.is_repeated_parameter(), role);
            } else if let Some(nested) = node.as_multi_target_node() {
                let name = self.hidden();
                self.push(name, role).nested = Some(nested);
            }
        }
    }

    fn collect(&mut self, p: &ParametersNode<'pr>) {
        self.positional(&p.requireds(), Role::Required);
        for node in p.optionals().iter() {
            if let Some(o) = node.as_optional_parameter_node() {
                self.named(&o.name(), o.is_repeated_parameter(), Role::Optional)
                    .default = Some(o.value());
            }
        }
        if let Some(rest) = p.rest() {
            match rest.as_rest_parameter_node() {
                Some(r) => self.optional_name(
                    r.name(),
                    r.is_repeated_parameter(),
                    Role::Rest,
                    ANONYMOUS_REST,
                ),
                None => self.trailing_comma = true,
            }
        }
        self.positional(&p.posts(), Role::Post);
        for node in p.keywords().iter() {
            if let Some(k) = node.as_required_keyword_parameter_node() {
                self.named(
                    &k.name(),
                    k.is_repeated_parameter(),
                    Role::Keyword { required: true },
                );
            } else if let Some(k) = node.as_optional_keyword_parameter_node() {
                let role = Role::Keyword { required: false };
                self.named(&k.name(), k.is_repeated_parameter(), role)
                    .default = Some(k.value());
            }
        }
        if let Some(rest) = p.keyword_rest() {
            if let Some(k) = rest.as_keyword_rest_parameter_node() {
                self.optional_name(
                    k.name(),
                    k.is_repeated_parameter(),
                    Role::KeyRest,
                    ANONYMOUS_KEYREST,
                );
            } else if rest.as_forwarding_parameter_node().is_some() {
                self.push(ANONYMOUS_REST.to_string(), Role::Rest);
                self.move_rest_before_posts();
                self.push(ANONYMOUS_KEYREST.to_string(), Role::KeyRest);
                self.push(ANONYMOUS_BLOCK.to_string(), Role::Block);
            } else {
                self.forbids_keywords = true;
            }
        }
        if let Some(block) = p.block()
            && let Some(b) = block.as_block_parameter_node()
        {
            self.optional_name(
                b.name(),
                b.is_repeated_parameter(),
                Role::Block,
                ANONYMOUS_BLOCK,
            );
        }
    }

    /// `...` comes last in the text, but its rest register belongs before keywords (there are no posts with it).
    fn move_rest_before_posts(&mut self) {
        let rest = self.list.pop().expect("just pushed");
        let at = self
            .list
            .iter()
            .position(|p| !matches!(p.role, Role::Required | Role::Optional))
            .unwrap_or(self.list.len());
        self.list.insert(at, rest);
    }

    fn optional_name(
        &mut self,
        name: Option<ConstantId<'pr>>,
        repeated: bool,
        role: Role,
        anonymous: &str,
    ) {
        match name {
            Some(id) => {
                self.named(&id, repeated, role);
            }
            None => {
                self.push(anonymous.to_string(), role);
            }
        }
    }

    fn count(&self, role: Role) -> u16 {
        self.list
            .iter()
            .filter(|p| p.role == role)
            .count()
            .min(u16::MAX as usize) as u16
    }

    /// The description for the call binder; keyword symbols are filled in when the code has a literal table.
    pub(crate) fn describe(&self) -> Params {
        let keyword = |p: &Param<'_>| match p.role {
            Role::Keyword { required } => Some((0, required)),
            _ => None,
        };
        Params {
            required: self.count(Role::Required),
            optional: self.count(Role::Optional),
            rest: self.count(Role::Rest) > 0,
            post: self.count(Role::Post),
            keywords: self.list.iter().filter_map(keyword).collect(),
            keyrest: match (self.forbids_keywords, self.count(Role::KeyRest) > 0) {
                (true, _) => KeyRest::Forbidden,
                (false, true) => KeyRest::Present,
                (false, false) => KeyRest::None,
            },
            block: self.count(Role::Block) > 0,
            lenient: self.lenient,
            trailing_comma: self.trailing_comma,
            implicit: self.implicit,
            names: self.list.iter().map(|p| p.shown.clone()).collect(),
        }
    }
}

impl ParamList<'_> {
    /// The variables that the parameters make.
    pub(crate) fn names(self) -> Vec<String> {
        self.list.into_iter().map(|p| p.name).collect()
    }

    /// Parameters without names: `required`, perhaps a rest, `post`.
    pub(crate) fn hidden_positional(&mut self, required: usize, rest: bool, post: usize) {
        let roles = std::iter::repeat_n(Role::Required, required);
        let roles = roles
            .chain(rest.then_some(Role::Rest))
            .chain(std::iter::repeat_n(Role::Post, post));
        for role in roles {
            let name = self.hidden();
            self.push(name, role);
        }
    }
}
