// What is said of use over time. Forecasts say the same as in the terminal: view/forecast.rs.
import type { Forecast } from "../../generated/Forecast";
import { quota } from "./quota";
import { when } from "./times";

/** "1.4 % an hour"; less than a tenth is nothing. */
function pace(forecast: Forecast | null): string {
  if (forecast === null) return "too little was seen";
  const percent = forecast.percent_per_hour;
  if (percent < 0.05) return "nothing used of late";
  return percent < 9.95 ? `${percent.toFixed(1)} % an hour` : `${percent.toFixed(0)} % an hour`;
}

/** "runs out Thu 14:00", "lasts until the reset Fri 10:00", "does not run out", "used up"; nothing where nothing can be told. */
function end(forecast: Forecast | null, now: number): string {
  if (forecast === null) return "";
  const { runs_out_at: out, resets_at: reset } = forecast;
  if (out !== null) return Date.parse(out) <= now ? "used up" : `runs out ${when(out, now)}`;
  return reset === null ? "does not run out" : `lasts until the reset ${when(reset, now)}`;
}

/** The name of a window's length where one is chosen: "Weekly", "5-hour". */
function windowChoice(minutes: number): string {
  const name = quota.limit(minutes);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export const usage = {
  title: "Usage",
  lead: "What was left of each account’s quota, and how it goes on.",
  refresh: "Refresh",
  pace,
  end,

  window: "Window",
  windowChoice,
  span: "Time",
  spans: { "24": "24 h", "168": "7 d", "720": "30 d" } as Record<string, string>,

  none: "No quota is known yet",
  noneText: "It is known once an account was used, or Codex Lab has asked for it.",
  loading: "Reading the history…",

  chart: "What is left, in percent",
  chartLabel: (limit: string, span: string) => `Chart of what was left of each account’s ${limit} quota in the last ${span}, and how it goes on. The table below it says the same.`,
  forecastKey: "Dashed: how it would go on at the pace of late. No promise.",
  byDay: "Each step is a day: the least that was left on it. Choose 24 h for every change.",
  asOf: (when: string) => `as of ${when}`,
  refreshed: "Refreshed.",
  now: "now",
  all: "All",
  nothingShown: "Choose an account below to see its line.",
  mostUsed: (shown: number, of: number) => `The chart shows the ${shown} accounts of ${of} that were used most. Choose others below.`,
  someShown: (shown: number, of: number) => `The chart shows ${shown} of ${of} accounts.`,

  table: (limit: string) => `Each account’s ${limit} quota, its pace and its forecast`,
  account: "Account",
  left: "Left",
  unverified: "Reset, unverified",
  paceHead: "Pace",
  forecastHead: "Forecast",
  together: "All together",
  show: (name: string) => `Show ${name} in the chart`,
  more: (n: number) => `Show ${n} more`,

  points: "All points",
  pointsText: "Of the lines in the chart, newest first. Between two points nothing is known to have changed by more than half a percent.",
  pointsNone: "No points in this time.",
  seen: "Seen",
  copyCsv: "Copy as CSV",
  copyJson: "Copy as JSON",
  copyText: "All accounts and windows of the chosen time.",
};
