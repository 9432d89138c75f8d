//! The binary: hands the command line to the library and ends with its exit code.

/// A scan makes some thousand allocations a request, most of them in the SDK, and drops them on other
/// threads than it made them on; this allocator does that in two thirds of the time and memory of the
/// system's (docs/benchmarks.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> postura::cli::Exit {
    postura::cli::run(std::env::args_os())
}
