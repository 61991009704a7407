//! Compiles `proto/` without protoc.

const FILES: [&str; 8] = [
    "peer.proto",
    "control/node.proto",
    "control/runs.proto",
    "control/models.proto",
    "control/authorisations.proto",
    "control/audit.proto",
    "control/tokens.proto",
    "control/files.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=../../proto");
    let descriptors = protox::compile(FILES, ["../../proto"])?;
    tonic_prost_build::configure()
        // A chunk's body is taken out of the receive buffer, not copied.
        .bytes(".")
        .compile_fds(descriptors)?;
    Ok(())
}
