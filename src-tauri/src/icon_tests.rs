//! Every icon in every size: none looks like another one, each reads on any ground, and all are on one sheet to look at.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "the numbers of a picture are small"
)]

use std::collections::HashMap;
use std::path::PathBuf;

use tiny_skia::{FilterQuality, PixmapPaint};

use super::*;

/// Panels: light, dark, and in between.
const GROUNDS: [(u8, u8, u8); 3] = [(0xf6, 0xf5, 0xf4), (0x24, 0x24, 0x24), (0x80, 0x80, 0x80)];

fn all() -> Vec<Icon> {
    // A mark that is full or unknown says nothing of being used up.
    Icon::all().filter(|icon| icon.sign != Some(Sign::UsedUp) || icon.level == Level::Left(0)).collect()
}

fn grey(picture: &Picture, pixel: usize, ground: u8) -> i32 {
    let [red, green, blue, alpha] = picture.rgba[pixel * 4..][..4] else { unreachable!() };
    let over = |colour: u8| (i32::from(colour) * i32::from(alpha) + i32::from(ground) * (255 - i32::from(alpha))) / 255;
    (over(red) * 2 + over(green) * 7 + over(blue)) / 10
}

#[test]
fn no_icon_looks_like_another_one_without_colours() {
    for side in SIDES {
        for (_, _, ground) in &GROUNDS[..2] {
            let mut seen: HashMap<Vec<i32>, Icon> = HashMap::new();
            for icon in all() {
                let picture = picture(icon, side);
                let greys: Vec<i32> = (0..(side * side) as usize).map(|pixel| grey(&picture, pixel, *ground)).collect();
                for (other, before) in &seen {
                    // Steps are close to each other on purpose; what differs otherwise differs more.
                    let step = matches!((icon.level, before.level), (Level::Left(_), Level::Left(_))) && icon.sign == before.sign;
                    let least = if step { 1 } else { side as usize / 3 };
                    let differ = greys.iter().zip(other).filter(|(left, right)| (*left - *right).abs() > 60).count();
                    assert!(differ >= least, "{icon:?} and {before:?} differ in {differ} pixels at {side}");
                }
                seen.insert(greys, icon);
            }
        }
    }
}

#[test]
fn every_icon_stands_out_from_any_ground() {
    for side in SIDES {
        for icon in all() {
            let picture = picture(icon, side);
            assert_eq!(picture.rgba.len(), (side * side * 4) as usize);
            for (_, _, ground) in GROUNDS {
                let strong = (0..(side * side) as usize).filter(|pixel| (grey(&picture, *pixel, ground) - i32::from(ground)).abs() > 90);
                assert!(strong.count() > side as usize, "{icon:?} at {side} on {ground}");
            }
        }
    }
}

#[test]
fn a_fuller_flask_is_lighter_on_a_dark_panel_and_darker_on_a_light_one() {
    for side in SIDES {
        let weight = |steps, ground| {
            let picture = picture(Icon { level: Level::Left(steps), sign: None }, side);
            (0..(side * side) as usize).map(|pixel| grey(&picture, pixel, ground)).sum::<i32>()
        };
        assert!((0..STEPS).all(|steps| weight(steps, 0x24) < weight(steps + 1, 0x24)), "{side}");
        assert!((0..STEPS).all(|steps| weight(steps, 0xf5) > weight(steps + 1, 0xf5)), "{side}");
    }
}

#[test]
fn there_is_no_picture_without_pixels() {
    assert!(picture(Icon { level: Level::Unknown, sign: None }, 0).rgba.is_empty());
}

/// `target/test-artefacts/tray-icons/sheet.png`: a row for each sign, the levels side by side, every size on every ground.
#[test]
fn all_icons_on_one_sheet() {
    const MARGIN: u32 = 8;
    let levels = u32::from(STEPS) + 3;
    let signs = 5;
    let widest = levels * (48 + MARGIN) + MARGIN;
    let rows: u32 = SIDES.iter().map(|side| signs * (side + MARGIN) + MARGIN).sum();
    let mut sheet = Pixmap::new(widest * 3, rows).unwrap();
    for (column, (red, green, blue)) in (0_u32..).zip(GROUNDS) {
        let ground = Rect::from_xywh((column * widest) as f32, 0.0, widest as f32, rows as f32).unwrap();
        sheet.fill_rect(ground, &paint(Color::from_rgba8(red, green, blue, 255)), Transform::identity(), None);
        let mut y = MARGIN;
        for side in SIDES {
            for (place, icon) in (0_u32..).zip(Icon::all()) {
                let x = column * widest + MARGIN + place % levels * (48 + MARGIN);
                let paint = PixmapPaint { quality: FilterQuality::Nearest, ..PixmapPaint::default() };
                let row = y + place / levels * (side + MARGIN);
                sheet.draw_pixmap(x as i32, row as i32, pixmap(&picture(icon, side)).as_ref(), &paint, Transform::identity(), None);
            }
            y += signs * (side + MARGIN) + MARGIN;
        }
    }
    let folder = artefacts();
    std::fs::create_dir_all(&folder).unwrap();
    sheet.save_png(folder.join("sheet.png")).unwrap();
}

fn pixmap(picture: &Picture) -> Pixmap {
    let mut drawn = Pixmap::new(picture.side, picture.side).unwrap();
    for (pixel, rgba) in drawn.pixels_mut().iter_mut().zip(picture.rgba.chunks_exact(4)) {
        let times = |colour: u8| ((u16::from(colour) * u16::from(rgba[3]) + 127) / 255) as u8;
        *pixel = PremultipliedColorU8::from_rgba(times(rgba[0]), times(rgba[1]), times(rgba[2]), rgba[3]).unwrap();
    }
    drawn
}

/// Where the other tests keep theirs: this program is in `target/<profile>/deps`.
fn artefacts() -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(3).unwrap().join("test-artefacts/tray-icons")
}
