//! Memory of `ropewalk check`: that of the files that are worked on at one time, whatever their number.

use std::process::Stdio;

use crate::support::program::Project;

/// Largest resident memory of a run, in KiB.
#[expect(clippy::zombie_processes, reason = "`wait4` waits for it")]
fn peak(project: &Project, folder: &str) -> i64 {
    let mut command = project.command(&["check", folder, "--format", "json", "--threads", "2"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let pid = libc::pid_t::try_from(child.id()).expect("a process id");
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    #[expect(unsafe_code, reason = "the standard library waits for a child without its usage")]
    // SAFETY: both pointers are to live values of the right types; zeroes are a valid `rusage`.
    let usage = unsafe {
        assert_eq!(libc::wait4(pid, &raw mut status, 0, usage.as_mut_ptr()), pid);
        usage.assume_init()
    };
    assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 1, "status {status}");
    usage.ru_maxrss
}

#[test]
fn many_files_take_no_more_than_the_largest() {
    let project = Project::new("");
    // Each with a few findings, as real files have them.
    let source = |n: usize| {
        let pairs = (0..3000).map(|k| format!("  \"key{}\": [{k}, \"{n}\"],\n", k % 2990)).collect::<String>();
        format!("{{\n{pairs}  \"end\": 1\n}}\n")
    };
    for n in 0..4 {
        project.write(&format!("few/{n}.json"), source(n).as_bytes());
    }
    for n in 0..120 {
        project.write(&format!("many/{n}.json"), source(n).as_bytes());
    }
    let (few, many) = (peak(&project, "few"), peak(&project, "many"));
    assert!(many * 2 <= few * 3, "{many} KiB for 120 files, {few} KiB for 4 like them");
}
