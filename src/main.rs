//! The binary: hands the command line to the library and ends with its exit code.

fn main() -> postura::cli::Exit {
    postura::cli::run(std::env::args_os())
}
