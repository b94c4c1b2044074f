//! The pictures of the tray.

use codex_lab_core::view::icon::IconState;
use tauri::image::Image;
use tauri::include_image;

/// The picture for a state.
pub(crate) fn picture(state: IconState) -> Image<'static> {
    match state {
        IconState::Ready => include_image!("icons/tray/ready.png"),
        IconState::Half => include_image!("icons/tray/half.png"),
        IconState::Low => include_image!("icons/tray/low.png"),
        IconState::Empty => include_image!("icons/tray/empty.png"),
        IconState::NoLogin => include_image!("icons/tray/no-login.png"),
        IconState::Attention => include_image!("icons/tray/attention.png"),
    }
}
