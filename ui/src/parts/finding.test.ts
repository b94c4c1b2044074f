// Searching and sorting profiles.
import { expect, test } from "vitest";

import type { ProfileRow } from "../generated/ProfileRow";
import { quota, reading, reset } from "../host/readings";
import { row } from "../host/scenes";
import { found, searched, sorted, type Sort } from "./finding";

const WEEK = 10_080;
const plainRow = row(1, "Zoë", { email: "zoe@example.com", plan: "prolite" });
const rows: ProfileRow[] = [
  plainRow,
  row(2, "account-10", { details: { ...plainRow.details, note: "Paid with the BLUE card", label: "office" }, quota: quota([reading(300, 50, 90), reading(WEEK, 20, 900)]) }),
  row(3, "account-9", { state: "paused", quota: quota([reset(300, 5), reading(WEEK, 90, 400)]) }),
  row(4, "spent", { quota: quota([reading(300, 0, 30)]) }),
  row(5, "gone", { state: "needs_sign_in", quota: quota([reading(300, 60, 600)]) }),
];

test.each<[string, string[]]>([
  ["", ["Zoë", "account-10", "account-9", "spent", "gone"]],
  ["  ", ["Zoë", "account-10", "account-9", "spent", "gone"]],
  ["zoe", ["Zoë"]],
  ["PRO LITE", ["Zoë"]],
  ["blue", ["account-10"]],
  ["office account", ["account-10"]],
  ["ada.gone@", ["gone"]],
  ["account nobody", []],
  ["(", []],
])("%j finds %j", (query, names) => expect(found(rows, rows.map(searched), query).map(({ name }) => name)).toEqual(names));

test.each<[Sort, string[]]>([
  ["own", ["Zoë", "account-10", "account-9", "spent", "gone"]],
  ["name", ["account-9", "account-10", "gone", "spent", "Zoë"]],
  ["state", ["gone", "spent", "Zoë", "account-10", "account-9"]],
  ["left", ["account-9", "gone", "account-10", "spent", "Zoë"]],
  ["reset", ["spent", "account-10", "account-9", "gone", "Zoë"]],
])("by %s: %j", (sort, names) => {
  expect(sorted(rows, sort).map(({ name }) => name)).toEqual(names);
  expect(rows[0]?.name).toBe("Zoë");
});
