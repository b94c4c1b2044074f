// The names of plans. They are the provider's and the same in every language.

/** Plans whose name is not just their identifier with a capital. */
const plans: Record<string, string> = {
  prolite: "Pro Lite",
  promax: "Pro Max",
  self_serve_business_prolite: "Business",
  self_serve_business_usage_based: "Business",
  ent26: "Enterprise",
  enterprise_cbp_automation: "Enterprise",
  enterprise_cbp_usage_based: "Enterprise",
  edu_plus: "Edu Plus",
  edu_pro: "Edu Pro",
  sci: "Science",
  sci_plus: "Science Plus",
};

/** A plan as people call it; one that is not known yet reads as well as it can. */
export function planName(plan: string): string {
  const known = plans[plan];
  if (known !== undefined) return known;
  const spaced = plan.replaceAll("_", " ").trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** Plans of one person, who is in a workspace with nobody else. */
const personal = new Set(["guest", "free", "go", "plus", "pro", "prolite", "promax"]);

/** Whether a plan is one person's own. */
export function isPersonal(plan: string | null): boolean {
  return plan !== null && personal.has(plan);
}
