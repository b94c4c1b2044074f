// How the lines of a chart are drawn: the settings of uPlot, and what is drawn beside its lines.
import type uPlot from "uplot";

import { words } from "../words";
import { columns, spread, timeTicks, type Line, type Tone } from "./chart";

/** What is drawn. */
export interface Drawing {
  lines: Line[];
  /** From then on, in milliseconds since 1970. */
  since: number;
  /** Until then it is known. */
  until: number;
  /** Until then it is told how it goes on. */
  to: number;
}

/** Colours and type as they are now, taken from the page's own styles. */
export interface Paint {
  tone: Record<Tone, string>;
  text: string;
  grid: string;
  edge: string;
  surface: string;
  ahead: string;
  /** In CSS pixels. */
  size: number;
  family: string;
}

/** Radius of the mark at a line's end, in CSS pixels, for text of 13 pixels. */
const MARK = 9 / 13;

/** Reads the colours where `place` stands. Variables do not tell theirs, so each is tried on. */
export function paintOf(place: HTMLElement): Paint {
  const before = place.style.color;
  const colour = (name: string) => {
    place.style.color = `var(--${name})`;
    return getComputedStyle(place).color;
  };
  const plot = (name: string) => colour(`plot-${name}`);
  const tone = { blue: plot("blue"), orange: plot("orange"), green: plot("green"), pink: plot("pink"), yellow: plot("yellow"), grey: plot("grey"), all: colour("ink") };
  const paint = { tone, text: colour("muted"), grid: colour("line"), edge: colour("edge"), surface: colour("surface"), ahead: colour("sunken") };
  place.style.color = before;
  const { fontSize, fontFamily } = getComputedStyle(place);
  return { ...paint, size: parseFloat(fontSize) || 13, family: fontFamily };
}

/** The values as uPlot takes them: times in seconds, then what was left of each line, then how each goes on. */
export function valuesOf({ lines, until, to }: Drawing): uPlot.AlignedData {
  const { at, held, ahead } = columns(lines, until, to);
  return [at.map((time) => time / 1000), ...held, ...ahead];
}

/** The settings of uPlot. `paint` is asked at each drawing, for it changes with light and dark. */
export function optionsOf(drawing: Drawing, steps: uPlot.Series.PathBuilder | undefined, paint: () => Paint, width: number, height: number): uPlot.Options {
  const { lines, since, to } = drawing;
  const { size, family } = paint();
  const font = `${size}px ${family}`;
  const texts = new Map<number, string>();
  const axis = { font, stroke: () => paint().text, ticks: { show: false }, grid: { stroke: () => paint().grid, width: 1 } };
  const of = (line: Line) => ({ stroke: () => paint().tone[line.tone], width: line.tone === "all" ? 3 : 2, points: { show: false } });
  return {
    width,
    height,
    padding: [size * 2, size * 1.8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [since / 1000, to / 1000] }, y: { range: [0, 100] } },
    axes: [
      {
        ...axis,
        size: size * 2.2,
        gap: size * 0.5,
        splits: () => {
          const ticks = timeTicks(since, to, Math.max(2, Math.floor(width / (size * 5.5))));
          for (const { at, text } of ticks) texts.set(at / 1000, text);
          return ticks.map(({ at }) => at / 1000);
        },
        values: (_, splits) => splits.map((at) => texts.get(at) ?? ""),
      },
      { ...axis, size: size * 3.6, gap: size * 0.5, splits: () => [0, 25, 50, 75, 100], values: (_, splits) => splits.map((left) => words.quota.percent(left)) },
    ],
    series: [
      {},
      ...lines.map((line): uPlot.Series => ({ ...of(line), ...(steps === undefined ? {} : { paths: steps }) })),
      ...lines.map((line): uPlot.Series => ({ ...of(line), dash: [5, 5].map((length) => length * devicePixelRatio), spanGaps: true })),
    ],
    hooks: {
      drawClear: [(plot) => drawAhead(plot, drawing, paint())],
      draw: [(plot) => drawMarks(plot, drawing, paint())],
    },
  };
}

/** Everything on the canvas is in its own pixels, so many of which make one of CSS. */
const scaleOf = (plot: uPlot) => plot.ctx.canvas.width / plot.width;

function xOf(plot: uPlot, at: number): number {
  return plot.valToPos(at / 1000, "x", true);
}

/** The ground on which forecasts are drawn, with its name where there is room. */
function drawAhead(plot: uPlot, { until }: Drawing, paint: Paint) {
  const { ctx, bbox } = plot;
  const scale = scaleOf(plot);
  const now = xOf(plot, until);
  const end = bbox.left + bbox.width;
  ctx.save();
  ctx.fillStyle = paint.ahead;
  ctx.fillRect(now, bbox.top, end - now, bbox.height);
  ctx.fillStyle = paint.edge;
  ctx.fillRect(now - scale / 2, bbox.top, scale, bbox.height);
  ctx.fillStyle = paint.text;
  ctx.font = `${paint.size * scale}px ${paint.family}`;
  ctx.textBaseline = "bottom";
  const baseline = bbox.top - paint.size * 0.75 * scale;
  const space = paint.size * 0.4 * scale;
  if (end - now > ctx.measureText(words.usage.forecastHead).width + space) {
    ctx.textAlign = "left";
    ctx.fillText(words.usage.forecastHead, now + space, baseline);
  }
  ctx.textAlign = "right";
  ctx.fillText(words.usage.now, now - space, baseline);
  ctx.restore();
}

/** What tells the lines apart without colours: a mark at the end of what is known. And a dot where nothing is left. */
function drawMarks(plot: uPlot, { lines, until }: Drawing, paint: Paint) {
  const { ctx, bbox } = plot;
  const scale = scaleOf(plot);
  const radius = MARK * paint.size * scale;
  const ends = lines.flatMap((line) => {
    const last = line.points.at(-1);
    return last === undefined ? [] : [{ line, x: xOf(plot, Math.min(line.end, until)), y: plot.valToPos(last.left, "y", true) }];
  });
  // Within the chart, above the words of the axis.
  const heights = spread(ends.map(({ y }) => y), radius * 2.1, bbox.top, bbox.top + bbox.height - radius * 0.8);
  ctx.save();
  ctx.setLineDash([]);
  ctx.lineWidth = 2 * scale;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.font = `600 ${paint.size * 0.93 * scale}px ${paint.family}`;
  for (const { line } of ends) {
    if (!line.ahead?.out || line.ahead.to.at > plot.scales.x!.max! * 1000) continue;
    ctx.fillStyle = paint.tone[line.tone];
    ctx.beginPath();
    ctx.arc(xOf(plot, line.ahead.to.at), plot.valToPos(0, "y", true), radius / 2.2, 0, 2 * Math.PI);
    ctx.fill();
  }
  ends.forEach(({ line, x }, which) => {
    const y = heights[which] ?? 0;
    const half = Math.max(0, ctx.measureText(line.key).width / 2 - radius * 0.55);
    ctx.fillStyle = paint.surface;
    ctx.strokeStyle = paint.tone[line.tone];
    ctx.beginPath();
    ctx.arc(x - half, y, radius, Math.PI / 2, Math.PI * 1.5);
    ctx.arc(x + half, y, radius, Math.PI * 1.5, Math.PI / 2);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = paint.tone.all;
    ctx.fillText(line.key, x, y + scale / 2);
  });
  ctx.restore();
}
