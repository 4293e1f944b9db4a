//! The commands the screens call: parse, ask the workspace, convert to views. One file per noun.

pub mod window;

use tauri::ipc::Invoke;

/// Every command, by the name `ui/src/ipc.ts` calls it.
pub fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![window::ready, window::window_activity]
}
