// What draws charts: read when the first one is shown, for no other page draws.

/** A desktop that has no language calls it "C". That names none, and uPlot would end over it. */
function nameLanguage(): void {
  try {
    Intl.getCanonicalLocales(navigator.language);
  } catch {
    Object.defineProperty(navigator, "language", { value: "en", configurable: true });
  }
}

/** uPlot. */
export async function drawer() {
  nameLanguage();
  return (await import("uplot")).default;
}
