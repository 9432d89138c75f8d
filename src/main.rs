//! The binary: hands the command line to the library and ends with its exit code.

/// A scan makes some thousand allocations a request, most of them in the SDK, and drops them on other
/// threads than it made them on; with this allocator it takes a quarter less of the processor than with
/// the system's, and a third less memory (docs/benchmarks.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> postura::cli::Exit {
    postura::cli::run(std::env::args_os())
}
