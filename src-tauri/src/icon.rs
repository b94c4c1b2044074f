//! Draws the tray's icon. Nobody says how light the panel is: a light line within a dark contour is seen on any, and contents that
//! are neither light nor dark differ from an empty flask, through which the panel is seen.

use codex_lab_core::view::icon::{Icon, Level, STEPS, Sign};
use tiny_skia::{
    BlendMode, Color, FillRule, LineCap, LineJoin, Mask, Paint, Path, PathBuilder, Pixmap, PremultipliedColorU8, Rect, Stroke, Transform,
};

/// The sides of the squares that panels ask for, in pixels.
#[cfg(any(target_os = "linux", test))]
pub(crate) const SIDES: [u32; 5] = [16, 22, 24, 32, 48];

/// The icon is drawn on a square of this side.
const BOARD: f32 = 32.0;
/// How far the contour goes beyond the lines, but for small pictures, in which it has a whole pixel.
const CONTOUR: f32 = 1.5;
/// How wide lines are.
const LINE: f32 = 2.4;
/// The same for a sign, which is small: it stands on a dark ground of its own.
const SIGN_CONTOUR: f32 = 2.6;
/// Where the contents begin.
const BOTTOM: f32 = 27.4;
/// How high the last drop is: it has to be seen in the smallest picture too.
const DROP: f32 = 3.4;
/// Where they end in the flask's body; a full flask is full in its neck too.
const SHOULDER: f32 = 12.6;
/// To the left, to make room for a sign.
const ASIDE: f32 = -2.2;

/// A square picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Its side in pixels.
    pub(crate) side: u32,
    /// Red, green, blue and alpha of each pixel, line by line. Colours are not multiplied by alpha.
    pub(crate) rgba: Vec<u8>,
}

/// The picture of an icon. Empty if its side is nothing.
pub(crate) fn picture(icon: Icon, side: u32) -> Picture {
    let rgba = Board::new(side).map(|mut board| {
        board.draw(icon);
        board.pixels.pixels().iter().copied().flat_map(straight).collect()
    });
    Picture { side, rgba: rgba.unwrap_or_default() }
}

/// Its colours are no longer multiplied by alpha.
fn straight(pixel: PremultipliedColorU8) -> [u8; 4] {
    let pixel = pixel.demultiply();
    [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
}

struct Board {
    pixels: Pixmap,
    scale: f32,
    moved: f32,
}

impl Board {
    fn new(side: u32) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "sides are small")]
        let scale = side as f32 / BOARD;
        Some(Self { pixels: Pixmap::new(side, side)?, scale, moved: 0.0 })
    }

    fn draw(&mut self, icon: Icon) {
        self.moved = if icon.sign.is_some() { ASIDE } else { 0.0 };
        self.flask(icon.level);
        self.moved = 0.0;
        if let Some(sign) = icon.sign {
            let (width, strokes) = strokes(sign);
            self.outlined(lines(strokes).as_ref(), width, SIGN_CONTOUR);
        }
    }

    fn flask(&mut self, level: Level) {
        let Some(flask) = flask() else { return };
        let (rim, dark, light) = (lines(&[&[(10.6, 4.6), (21.4, 4.6)]]), dark(), light());
        for path in [Some(&flask), rim.as_ref()].into_iter().flatten() {
            self.line(path, LINE + 2.0 * self.contour(), &dark);
        }
        let nothing = Paint { blend_mode: BlendMode::Clear, ..dark.clone() };
        self.pixels.fill_path(&flask, &nothing, FillRule::Winding, self.place(), None);
        if let Some(top) = top(level) {
            self.fill_below(top, &flask);
        }
        for path in [Some(&flask), rim.as_ref()].into_iter().flatten() {
            self.line(path, LINE, &light);
        }
        match level {
            Level::Unknown => {
                if let Some(prompt) = self.prompt() {
                    self.line(&prompt, LINE, &light);
                }
            }
            Level::NoLogin => self.outlined(lines(&[&[(5.0, 5.0), (27.0, 27.0)]]).as_ref(), 2.8, self.contour()),
            Level::Left(_) => {}
        }
    }

    /// In a small picture there is no room for all of it.
    fn prompt(&self) -> Option<Path> {
        if self.scale < 0.6 {
            lines(&[&[(13.6, 14.6), (18.8, 20.0), (13.6, 25.4)]])
        } else {
            lines(&[&[(12.4, 17.6), (16.0, 20.8), (12.4, 24.0)], &[(18.0, 24.0), (21.0, 24.0)]])
        }
    }

    fn fill_below(&mut self, top: f32, flask: &Path) {
        // Between two pixels a step would be lost.
        let (side, top) = (self.pixels.width(), (top * self.scale).round() / self.scale);
        let below = Rect::from_ltrb(-BOARD, top, 2.0 * BOARD, BOARD).map(PathBuilder::from_rect);
        if let (Some(mut mask), Some(below)) = (Mask::new(side, side), below) {
            mask.fill_path(&below, FillRule::Winding, true, self.place());
            self.pixels.fill_path(flask, &contents(), FillRule::Winding, self.place(), Some(&mask));
        }
    }

    /// Light lines within a dark contour.
    fn outlined(&mut self, path: Option<&Path>, width: f32, contour: f32) {
        if let Some(path) = path {
            self.line(path, width + 2.0 * contour, &dark());
            self.line(path, width, &light());
        }
    }

    fn line(&mut self, path: &Path, width: f32, paint: &Paint<'_>) {
        let stroke = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        self.pixels.stroke_path(path, paint, &stroke, self.place(), None);
    }

    fn contour(&self) -> f32 {
        CONTOUR.max(1.0 / self.scale)
    }

    fn place(&self) -> Transform {
        Transform::from_translate(self.moved, 0.0).post_scale(self.scale, self.scale)
    }
}

/// How high the contents stand.
fn top(level: Level) -> Option<f32> {
    match level {
        Level::NoLogin | Level::Left(0) => None,
        Level::Left(steps) if steps < STEPS => {
            Some(BOTTOM - DROP - (BOTTOM - DROP - SHOULDER) * f32::from(steps - 1) / f32::from(STEPS - 2))
        }
        Level::Unknown | Level::Left(_) => Some(0.0),
    }
}

fn flask() -> Option<Path> {
    let mut path = PathBuilder::new();
    path.move_to(13.0, 5.2);
    path.line_to(13.0, 12.0);
    path.line_to(5.6, 24.0);
    path.cubic_to(4.4, 26.0, 5.8, 28.6, 8.2, 28.6);
    path.line_to(23.8, 28.6);
    path.cubic_to(26.2, 28.6, 27.6, 26.0, 26.4, 24.0);
    path.line_to(19.0, 12.0);
    path.line_to(19.0, 5.2);
    path.close();
    path.finish()
}

/// A sign in the upper right, and how wide its strokes are.
fn strokes(sign: Sign) -> (f32, &'static [&'static [(f32, f32)]]) {
    match sign {
        Sign::Attention => (4.0, &[&[(26.0, 4.0), (26.0, 10.0)], &[(26.0, 16.0), (26.0, 16.01)]]),
        Sign::UsedUp => (3.0, &[&[(21.0, 4.0), (29.0, 12.0)], &[(29.0, 4.0), (21.0, 12.0)]]),
        Sign::Paused => (4.0, &[&[(22.0, 5.0), (22.0, 12.0)], &[(28.0, 5.0), (28.0, 12.0)]]),
        Sign::Forced => (3.0, &[&[(20.0, 9.0), (28.6, 9.0)], &[(24.4, 4.4), (29.0, 9.0), (24.4, 13.6)]]),
    }
}

fn lines(lines: &[&[(f32, f32)]]) -> Option<Path> {
    let mut path = PathBuilder::new();
    for line in lines {
        for (place, (x, y)) in line.iter().enumerate() {
            if place == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
        }
    }
    path.finish()
}

fn dark() -> Paint<'static> {
    paint(Color::from_rgba8(0x1d, 0x22, 0x26, 0xff))
}

/// A teal of medium lightness: three times as light as a dark panel, and a third as light as a light one.
fn contents() -> Paint<'static> {
    paint(Color::from_rgba8(0x12, 0x8a, 0x7e, 0xff))
}

fn light() -> Paint<'static> {
    paint(Color::from_rgba8(0xf1, 0xf3, 0xf2, 0xff))
}

fn paint(color: Color) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(color);
    paint
}

#[cfg(test)]
#[path = "icon_tests.rs"]
mod tests;
