//! The declaration that something holds no state secrets (涉密), which are not handled here.

use crate::problem::Fault;

/// One and the same fault wherever it is declared that there are secrets.
pub fn check(no_secrets: bool, faults: &mut Vec<Fault>) {
    if !no_secrets {
        faults.push(Fault::at(
            "/no_secrets",
            "not_allowed",
            "本系统不处理涉密内容，须声明不含涉密内容（true）。",
            "Classified matter is not handled here: declare that there is none (true).",
        ));
    }
}
