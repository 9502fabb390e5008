//! The `tribunal` program.

fn main() -> std::process::ExitCode {
    tribunal::cli::main()
}
