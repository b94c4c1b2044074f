// What is said about requests that are made in the background.
import type { Purpose } from "../../generated/Purpose";

const purpose: Record<Purpose, string> = {
  keep_alive: "Renew the login",
  quota: "Ask for quota",
  prime_look: "See whether the week runs",
  models: "List models, to start the week with the cheapest",
  prime: "Start the week",
};

/** The section's words. */
export const background = {
  title: "What was asked in the background",
  used: (used: number, budget: number) => `${used} of ${budget} requests in the last 24 hours`,
  none: "Nothing yet.",
  line: (host: string, what: Purpose) => `${purpose[what]} (${host})`,
  budget: "Requests a day for each account",
  budgetText: "What one account may cost in the background within 24 hours.",
  apart: "Hours between started weeks",
  apartText: "So that accounts do not all run out together; with 0 each week starts at once.",
  removed: "A removed account",
};
