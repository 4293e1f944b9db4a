//! Embeds `ui/dist` and the window permissions. Build the UI first (`cargo xtask ui`): without it this stops with a message.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=ui/dist");
    if !std::path::Path::new("ui/dist/index.html").exists() {
        return Err("ui/dist is missing: run `cargo xtask ui` (or `npm ci && npm run build` in ui/) first".into());
    }
    let attributes = tauri_build::Attributes::new().capabilities_path_pattern("./src-tauri/capabilities/**/*");
    tauri_build::try_build(attributes)?;
    Ok(())
}
