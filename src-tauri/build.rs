//! Reads `tauri.conf.json` and says which commands there are, so that the capability names each one the window may call.

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&["rpc", "subscribe", "page", "copy", "zoom"]);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands)) {
        println!("cargo::error={error:#}");
    }
}
