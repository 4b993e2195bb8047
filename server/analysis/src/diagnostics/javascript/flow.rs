//! Facts that hold on some path to a place: a walk over one function's statements in the order in which they run.
//!
//! [`Flow`] carries a state of a [`Domain`] along, splits it where paths part and joins it where they meet; loops are
//! walked until nothing changes. The paths are those of ESLint's code path analysis: a condition decides nothing, but
//! a loop whose condition is a true literal ends by `break` alone. Functions inside are not entered: each is a walk of
//! its own. `reach` has the simplest domain.

mod frames;

use oxc_ast::{AstKind, ast::*};
use oxc_ast_visit::{Visit, walk};
use oxc_semantic::ScopeFlags;

use frames::{Frame, Jump, always_holds, is_first_in_try, join};

/// Loops inside loops up to which walks are repeated: each level doubles the work.
const MAX_LOOPS: usize = 6;

/// What is known on the paths to a place.
pub(super) trait Domain<'a> {
    /// The facts. More facts where paths meet, never fewer.
    type State: Clone + PartialEq;
    /// False when a second walk over a loop's body finds nothing new.
    const REPEATS: bool;
    /// Facts of two paths that meet.
    fn join(into: &mut Self::State, other: Self::State);
    /// A node whose parts have been evaluated. Not called for what no path reaches.
    fn leave(&mut self, _node: AstKind<'a>, _state: &mut Self::State) {}
    /// A statement is about to run, or is not reached.
    fn statement(&mut self, _statement: &Statement<'a>, _reached: bool) {}
    /// The statements of a case have run.
    fn case_end(&mut self, _case: &SwitchCase<'a>, _reached: bool) {}
}

/// The walk over one function.
pub(super) struct Flow<'a, D: Domain<'a>> {
    pub(super) domain: D,
    /// What holds here; `None` where no path leads.
    pub(super) state: Option<D::State>,
    /// What holds where the function returns by a statement.
    pub(super) returned: Option<D::State>,
    /// True when loops are nested too deeply: what the domain found is not to be used.
    pub(super) gave_up: bool,
    frames: Vec<Frame<'a, D::State>>,
    /// Labels before the statement that comes next.
    labels: Vec<&'a str>,
    /// What holds where a chain ends early, innermost chain last.
    chains: Vec<Option<D::State>>,
    loops: usize,
    finals: usize,
}

impl<'a, D: Domain<'a>> Flow<'a, D> {
    /// A walk that begins with `state`.
    pub(super) fn new(domain: D, state: D::State) -> Self {
        Self {
            domain,
            state: Some(state),
            returned: None,
            gave_up: false,
            frames: Vec::new(),
            labels: Vec::new(),
            chains: Vec::new(),
            loops: 0,
            finals: 0,
        }
    }

    /// What holds when the function ends, by its last statement or by `return`.
    pub(super) fn ended(&self) -> Option<D::State> {
        let mut ended = self.state.clone();
        join::<D>(&mut ended, self.returned.clone());
        ended
    }

    fn jump(&mut self, jump: Jump<'a>) {
        let Some(state) = self.state.take() else { return };
        self.jump_with(jump, state);
    }

    fn jump_with(&mut self, jump: Jump<'a>, state: D::State) {
        for frame in self.frames.iter_mut().rev() {
            let target = match (frame, jump) {
                (Frame::Finally { pending }, _) => {
                    match pending.iter_mut().find(|(other, _)| *other == jump) {
                        Some((_, known)) => D::join(known, state),
                        None => pending.push((jump, state)),
                    }
                    return;
                }
                (Frame::Loop { breaks, .. } | Frame::Switch { breaks }, Jump::Break(None)) => breaks,
                (Frame::Loop { labels, breaks, .. }, Jump::Break(Some(label))) if labels.contains(&label) => breaks,
                (Frame::Loop { continues, .. }, Jump::Continue(None)) => continues,
                (Frame::Loop { labels, continues, .. }, Jump::Continue(Some(label))) if labels.contains(&label) => {
                    continues
                }
                (Frame::Label { label, breaks }, Jump::Break(Some(wanted))) if *label == wanted => breaks,
                (Frame::Catch { thrown }, Jump::Throw) => {
                    join::<D>(thrown, Some(state.clone()));
                    // What is caught may be thrown in `catch` before it changes anything.
                    continue;
                }
                _ => continue,
            };
            join::<D>(target, Some(state));
            return;
        }
        if jump == Jump::Return {
            join::<D>(&mut self.returned, Some(state));
        }
    }

    /// What has just been evaluated could throw.
    fn may_throw(&mut self) {
        let inside = self.frames.iter().any(|it| matches!(it, Frame::Catch { .. } | Frame::Finally { .. }));
        if let (true, Some(state)) = (inside, self.state.clone()) {
            self.jump_with(Jump::Throw, state);
        }
    }

    fn in_finally(&self) -> bool {
        self.frames.iter().any(|it| matches!(it, Frame::Finally { .. }))
    }

    /// Walks a loop until nothing changes. `pass` walks it once: it leaves what goes back to the beginning as the
    /// state, and returns what leaves the loop.
    fn repeat(&mut self, pass: &mut dyn FnMut(&mut Self) -> Option<D::State>) {
        let labels = std::mem::take(&mut self.labels);
        let mut entry = self.state.take();
        self.loops += 1;
        self.gave_up |= D::REPEATS && self.loops > MAX_LOOPS;
        loop {
            self.state = entry.clone();
            self.frames.push(Frame::Loop { labels: labels.clone(), breaks: None, continues: None });
            let mut left = pass(self);
            if let Some(Frame::Loop { breaks, .. }) = self.frames.pop() {
                join::<D>(&mut left, breaks);
            }
            let back = std::mem::replace(&mut self.state, left);
            let mut next = entry.clone();
            join::<D>(&mut next, back);
            if !D::REPEATS || self.gave_up || next == entry {
                break;
            }
            entry = next;
        }
        self.loops -= 1;
    }

    /// What `continue` brings to the end of the loop's body.
    fn take_continues(&mut self) {
        if let Some(Frame::Loop { continues, .. }) = self.frames.last_mut() {
            let continues = continues.take();
            join::<D>(&mut self.state, continues);
        }
    }

    /// `inner` runs or does not.
    fn maybe(&mut self, inner: impl FnOnce(&mut Self)) {
        let without = self.state.clone();
        inner(self);
        join::<D>(&mut self.state, without);
    }

    fn for_each(&mut self, left: &ForStatementLeft<'a>, right: &Expression<'a>, body: &Statement<'a>) {
        self.visit_expression(right);
        self.repeat(&mut |flow| {
            let left_loop = flow.state.clone();
            flow.visit_for_statement_left(left);
            flow.visit_statement(body);
            flow.take_continues();
            left_loop
        });
    }

    fn optional(&mut self, optional: bool) {
        if optional {
            let here = self.state.clone();
            if let Some(chain) = self.chains.last_mut() {
                join::<D>(chain, here);
            }
        }
    }
}

impl<'a, D: Domain<'a>> Visit<'a> for Flow<'a, D> {
    fn leave_node(&mut self, kind: AstKind<'a>) {
        if matches!(
            kind,
            AstKind::CallExpression(_)
                | AstKind::NewExpression(_)
                | AstKind::StaticMemberExpression(_)
                | AstKind::ComputedMemberExpression(_)
                | AstKind::PrivateFieldExpression(_)
                | AstKind::ImportExpression(_)
                | AstKind::YieldExpression(_)
                | AstKind::AwaitExpression(_)
                | AstKind::TaggedTemplateExpression(_)
        ) || (matches!(kind, AstKind::IdentifierReference(_)) && is_first_in_try(&self.frames))
        {
            self.may_throw();
        }
        // Whoever runs a generator can end it here.
        if let (AstKind::YieldExpression(_), Some(state), true) = (&kind, &self.state, self.in_finally()) {
            let state = state.clone();
            self.jump_with(Jump::Return, state);
        }
        if let Some(state) = &mut self.state {
            self.domain.leave(kind, state);
        }
    }

    fn visit_statement(&mut self, it: &Statement<'a>) {
        self.domain.statement(it, self.state.is_some());
        if !matches!(
            it,
            Statement::LabeledStatement(_)
                | Statement::ForStatement(_)
                | Statement::ForInStatement(_)
                | Statement::ForOfStatement(_)
                | Statement::WhileStatement(_)
                | Statement::DoWhileStatement(_)
        ) {
            self.labels.clear();
        }
        walk::walk_statement(self, it);
    }

    fn visit_function(&mut self, it: &Function<'a>, _flags: ScopeFlags) {
        let kind = AstKind::Function(self.alloc(it));
        self.leave_node(kind);
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        let kind = AstKind::ArrowFunctionExpression(self.alloc(it));
        self.leave_node(kind);
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        if let Some(heritage) = &it.heritage {
            self.visit_expression(&heritage.expression);
        }
        for element in &it.body.body {
            if let (true, Some(key)) = (element.computed(), element.property_key()) {
                self.visit_property_key(key);
            }
        }
        let kind = AstKind::Class(self.alloc(it));
        self.leave_node(kind);
    }

    fn visit_if_statement(&mut self, it: &IfStatement<'a>) {
        self.visit_expression(&it.test);
        let test = self.state.clone();
        self.visit_statement(&it.consequent);
        let after = std::mem::replace(&mut self.state, test);
        if let Some(alternate) = &it.alternate {
            self.visit_statement(alternate);
        }
        join::<D>(&mut self.state, after);
    }

    fn visit_while_statement(&mut self, it: &WhileStatement<'a>) {
        self.repeat(&mut |flow| {
            flow.visit_expression(&it.test);
            let left = flow.state.clone().filter(|_| !always_holds(&it.test));
            flow.visit_statement(&it.body);
            flow.take_continues();
            left
        });
    }

    fn visit_do_while_statement(&mut self, it: &DoWhileStatement<'a>) {
        self.repeat(&mut |flow| {
            flow.visit_statement(&it.body);
            flow.take_continues();
            flow.visit_expression(&it.test);
            flow.state.clone().filter(|_| !always_holds(&it.test))
        });
    }

    fn visit_for_statement(&mut self, it: &ForStatement<'a>) {
        if let Some(init) = &it.init {
            self.visit_for_statement_init(init);
        }
        self.repeat(&mut |flow| {
            if let Some(test) = &it.test {
                flow.visit_expression(test);
            }
            let ends = it.test.as_ref().is_some_and(|test| !always_holds(test));
            let left = flow.state.clone().filter(|_| ends);
            flow.visit_statement(&it.body);
            flow.take_continues();
            if let Some(update) = &it.update {
                flow.visit_expression(update);
            }
            left
        });
    }

    fn visit_for_in_statement(&mut self, it: &ForInStatement<'a>) {
        self.for_each(&it.left, &it.right, &it.body);
    }

    fn visit_for_of_statement(&mut self, it: &ForOfStatement<'a>) {
        self.for_each(&it.left, &it.right, &it.body);
    }

    fn visit_labeled_statement(&mut self, it: &LabeledStatement<'a>) {
        let label: &'a str = self.alloc(it).label.name.as_str();
        self.labels.push(label);
        self.frames.push(Frame::Label { label, breaks: None });
        self.visit_statement(&it.body);
        if let Some(Frame::Label { breaks, .. }) = self.frames.pop() {
            join::<D>(&mut self.state, breaks);
        }
        self.labels.clear();
    }

    fn visit_switch_statement(&mut self, it: &SwitchStatement<'a>) {
        self.visit_expression(&it.discriminant);
        let mut tested = self.state.take();
        self.frames.push(Frame::Switch { breaks: None });
        let mut has_default = false;
        for case in &it.cases {
            if let Some(test) = &case.test {
                let fallen = std::mem::replace(&mut self.state, tested);
                self.visit_expression(test);
                tested = self.state.clone();
                join::<D>(&mut self.state, fallen);
            } else {
                has_default = true;
                join::<D>(&mut self.state, tested.clone());
            }
            for statement in &case.consequent {
                self.visit_statement(statement);
            }
            self.domain.case_end(case, self.state.is_some());
        }
        if !has_default {
            join::<D>(&mut self.state, tested);
        }
        if let Some(Frame::Switch { breaks }) = self.frames.pop() {
            join::<D>(&mut self.state, breaks);
        }
    }

    fn visit_break_statement(&mut self, it: &BreakStatement<'a>) {
        let it = self.alloc(it);
        self.jump(Jump::Break(it.label.as_ref().map(|label| label.name.as_str())));
    }

    fn visit_continue_statement(&mut self, it: &ContinueStatement<'a>) {
        let it = self.alloc(it);
        self.jump(Jump::Continue(it.label.as_ref().map(|label| label.name.as_str())));
    }

    fn visit_return_statement(&mut self, it: &ReturnStatement<'a>) {
        walk::walk_return_statement(self, it);
        self.jump(Jump::Return);
    }

    fn visit_throw_statement(&mut self, it: &ThrowStatement<'a>) {
        walk::walk_throw_statement(self, it);
        self.jump(Jump::Throw);
    }

    fn visit_try_statement(&mut self, it: &TryStatement<'a>) {
        if it.finalizer.is_some() {
            self.frames.push(Frame::Finally { pending: Vec::new() });
        }
        if it.handler.is_some() {
            self.frames.push(Frame::Catch { thrown: None });
        }
        self.visit_block_statement(&it.block);
        self.may_throw();
        if let Some(handler) = &it.handler {
            let Some(Frame::Catch { thrown }) = self.frames.pop() else { return };
            let after = std::mem::replace(&mut self.state, thrown);
            self.visit_catch_clause(handler);
            join::<D>(&mut self.state, after);
        }
        if let Some(finalizer) = &it.finalizer {
            let Some(Frame::Finally { pending }) = self.frames.pop() else { return };
            self.finals += 1;
            let normal = self.state.is_some();
            // Two walks double the work of every level; deep inside, one for all paths has to do.
            if self.finals <= MAX_LOOPS && (normal || pending.is_empty()) {
                self.visit_block_statement(finalizer);
            }
            let after = self.state.take();
            for (_, state) in &pending {
                join::<D>(&mut self.state, Some(state.clone()));
            }
            if self.state.is_some() {
                self.visit_block_statement(finalizer);
            }
            for (jump, _) in pending {
                if let Some(state) = self.state.clone() {
                    self.jump_with(jump, state);
                }
            }
            self.state = after;
            self.finals -= 1;
        }
    }

    fn visit_logical_expression(&mut self, it: &LogicalExpression<'a>) {
        self.visit_expression(&it.left);
        self.maybe(|flow| flow.visit_expression(&it.right));
        let kind = AstKind::LogicalExpression(self.alloc(it));
        self.leave_node(kind);
    }

    fn visit_conditional_expression(&mut self, it: &ConditionalExpression<'a>) {
        self.visit_expression(&it.test);
        let test = self.state.clone();
        self.visit_expression(&it.consequent);
        let after = std::mem::replace(&mut self.state, test);
        self.visit_expression(&it.alternate);
        join::<D>(&mut self.state, after);
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        let kind = AstKind::AssignmentExpression(self.alloc(it));
        if it.operator.is_logical() {
            self.visit_assignment_target(&it.left);
            self.maybe(|flow| {
                flow.visit_expression(&it.right);
                flow.leave_node(kind);
            });
            return;
        }
        let right_first = it.operator.is_assign() && !it.left.is_member_expression();
        if right_first {
            self.visit_expression(&it.right);
        }
        self.visit_assignment_target(&it.left);
        if !right_first {
            self.visit_expression(&it.right);
        }
        self.leave_node(kind);
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if let Some(init) = &it.init {
            self.visit_expression(init);
        }
        self.visit_binding_pattern(&it.id);
        let kind = AstKind::VariableDeclarator(self.alloc(it));
        self.leave_node(kind);
    }

    fn visit_assignment_pattern(&mut self, it: &AssignmentPattern<'a>) {
        self.maybe(|flow| flow.visit_expression(&it.right));
        self.visit_binding_pattern(&it.left);
    }

    fn visit_assignment_target_with_default(&mut self, it: &AssignmentTargetWithDefault<'a>) {
        self.maybe(|flow| flow.visit_expression(&it.init));
        self.visit_assignment_target(&it.binding);
    }

    fn visit_chain_expression(&mut self, it: &ChainExpression<'a>) {
        self.chains.push(None);
        walk::walk_chain_expression(self, it);
        let early = self.chains.pop().flatten();
        join::<D>(&mut self.state, early);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        self.visit_expression(&it.callee);
        self.optional(it.optional);
        for argument in &it.arguments {
            self.visit_argument(argument);
        }
        let kind = AstKind::CallExpression(self.alloc(it));
        self.leave_node(kind);
    }

    fn visit_static_member_expression(&mut self, it: &StaticMemberExpression<'a>) {
        self.visit_expression(&it.object);
        self.optional(it.optional);
        let kind = AstKind::StaticMemberExpression(self.alloc(it));
        self.leave_node(kind);
    }

    fn visit_computed_member_expression(&mut self, it: &ComputedMemberExpression<'a>) {
        self.visit_expression(&it.object);
        self.optional(it.optional);
        self.visit_expression(&it.expression);
        let kind = AstKind::ComputedMemberExpression(self.alloc(it));
        self.leave_node(kind);
    }
}
