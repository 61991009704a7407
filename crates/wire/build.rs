//! Compiles `proto/` without protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files = ["peer.proto", "control.proto"];
    for file in files {
        println!("cargo:rerun-if-changed=../../proto/{file}");
    }
    let descriptors = protox::compile(files, ["../../proto"])?;
    tonic_prost_build::configure()
        // A chunk's body is taken out of the receive buffer, not copied.
        .bytes(".")
        .compile_fds(descriptors)?;
    Ok(())
}
