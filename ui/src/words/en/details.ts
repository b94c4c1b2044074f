// What is said about the user's own remarks on a profile.
import type { Colour } from "../../generated/Colour";

const colour: Record<Colour, string> = {
  blue: "Blue",
  orange: "Orange",
  green: "Green",
  pink: "Pink",
  yellow: "Yellow",
  grey: "Grey",
};

export const details = {
  title: (name: string) => `Details of ${name}`,
  label: "Label",
  labelHint: "A word or two beside the name, at most 40 characters.",
  colourTitle: "Colour",
  noColour: "None",
  colour,
  note: "Note",
  noteHint: "For you alone, at most 500 characters.",
  muted: "Mute",
  mutedText: "No notification is shown of this account alone.",
  routing: "For what comes through the gateway",
  routingText: "These act on sessions that were started through Codex Lab, together with the rules on the Routing page.",
  drain: "Drain",
  drainText: "Finish what runs, take nothing new.",
  prime: "Start its weeks",
  primeText: "As soon as a week is over, send one short question to the cheapest model, so that the next one begins.",
  weight: "Weight",
  weightHint: "Its share of new sessions, from 0 to 100. 10 is usual; 0 means only when nothing else is left.",
  low: "Low, in percent left",
  lowHint: "Below this, no new sessions while other accounts have more.",
  critical: "Critical, in percent left",
  criticalHint: "Below this, only as a last resort. Empty: as for all accounts.",
  save: "Save",
  saved: (name: string) => `Saved the details of ${name}.`,
  error: {
    label: (over: number) => `The label is too long by ${over}.`,
    note: (over: number) => `The note is too long by ${over}.`,
    weight: "The weight is a whole number from 0 to 100.",
    low: "Low is a whole number from 0 to 100, or empty.",
    critical: "Critical is a whole number from 0 to 100, or empty.",
    order: (critical: number, low: number) => `Critical (${critical} %) has to be below Low (${low} %).`,
  },
};
