// What the user typed about a profile, and whether it can be kept; the same rules as the core's, each error beside its field.
import type { Colour } from "../generated/Colour";
import type { ProfileDetails } from "../generated/ProfileDetails";
import { words } from "../words";

/** Characters. */
const LABEL_LIMIT = 40;
const NOTE_LIMIT = 500;

/** Remarks while they are typed. */
export interface Draft {
  label: string;
  note: string;
  colour: Colour | null;
  drain: boolean;
  prime: boolean;
  muted: boolean;
  weight: string;
  low: string;
  critical: string;
}

/** What is wrong, by field; `order` is about low and critical together. */
export type Faults = Partial<Record<"label" | "note" | "weight" | "low" | "critical" | "order", string>>;

/** Remarks as they are kept now, to be changed. */
export function draftOf(details: ProfileDetails): Draft {
  const { label, note, colour, drain, muted, prime, weight, thresholds } = details;
  const text = (number: number | null) => (number === null ? "" : String(number));
  return { label: label ?? "", note: note ?? "", colour, drain, muted, prime, weight: text(weight), low: text(thresholds.low), critical: text(thresholds.critical) };
}

/** A whole number from 0 to 100; `null` where there is none, `undefined` where there is something else. */
function percent(text: string): number | null | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  return /^\d{1,3}$/.test(trimmed) && Number(trimmed) <= 100 ? Number(trimmed) : undefined;
}

/** The remarks to keep, or what is wrong with them. */
export function read(draft: Draft): { details: ProfileDetails; faults: null } | { details: null; faults: Faults } {
  const faults: Faults = {};
  const label = draft.label.trim();
  const note = draft.note.trim();
  const [weight, low, critical] = [percent(draft.weight), percent(draft.low), percent(draft.critical)];
  const over = (text: string, limit: number) => [...text].length - limit;
  if (over(label, LABEL_LIMIT) > 0) faults.label = words.details.error.label(over(label, LABEL_LIMIT));
  if (over(note, NOTE_LIMIT) > 0) faults.note = words.details.error.note(over(note, NOTE_LIMIT));
  if (typeof weight !== "number") faults.weight = words.details.error.weight;
  if (low === undefined) faults.low = words.details.error.low;
  if (critical === undefined) faults.critical = words.details.error.critical;
  if (typeof low === "number" && typeof critical === "number" && critical >= low) faults.order = words.details.error.order(critical, low);
  if (typeof weight !== "number" || low === undefined || critical === undefined || Object.keys(faults).length > 0) return { details: null, faults };
  return { details: { label: label || null, note: note || null, colour: draft.colour, drain: draft.drain, muted: draft.muted, weight, thresholds: { low, critical }, prime: draft.prime }, faults: null };
}
