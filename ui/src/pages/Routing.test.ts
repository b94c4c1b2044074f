// The rules of routing, operated as a user would.
import { cleanup, fireEvent, waitFor, within } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";

import type { Request } from "../generated/Request";
import type { RoutingSettings } from "../generated/RoutingSettings";
import type { Snapshot } from "../generated/Snapshot";
import type { ScriptedHost } from "../host/scripted";
import { row, routing, scenes, trio } from "../host/scenes";
import { mark } from "../words/marks";
import { words } from "../words";
import { all, by, isOff, open, press, type } from "./acting";

afterEach(cleanup);

async function openRouting(snapshot: Snapshot): Promise<ScriptedHost> {
  const host = await open(snapshot);
  await press(mark.navRouting);
  return host;
}

/** The last change of the rules that was asked for. */
function set(host: ScriptedHost): RoutingSettings | undefined {
  const changes = host.asked.filter((request): request is Extract<Request, { method: "set_routing" }> => request.method === "set_routing");
  return changes.at(-1)?.params.settings;
}

const check = (name: string) => document.querySelector<HTMLInputElement>(`[data-test="${mark.profileCheck}"][data-name="${name}"]`)!;

test("a strategy takes effect at once, and the preview follows", async () => {
  const host = await openRouting(trio());
  await waitFor(() => expect(by(mark.nextWho)?.textContent).toBe("work: the strategy’s choice for a new session"));
  expect(all(mark.verdict).slice(0, 3).map((item) => item.textContent)).toContain("main Ready, but spared: below its low threshold.");
  await fireEvent.click(by(`${mark.strategy}-random`)!);
  await waitFor(() => expect(by(mark.next)?.textContent).toContain(words.routing.lot));
  expect(set(host)).toEqual({ ...routing, strategy: "random" });
  host.publish({ profiles: trio().profiles.map((old) => ({ ...old, state: "paused" })) });
  await waitFor(() => expect(by(mark.nextWho)?.textContent).toBe("Nobody: no account can serve"));
});

test("one account for everything begins, shows on the first page with its time, and ends there", async () => {
  const host = await openRouting(trio());
  await type(mark.forceProfile, row(2, "").id);
  await type(mark.forceSpan, "8");
  await press(mark.forceStrict);
  await press(mark.forceGo);
  await waitFor(() => expect(by(mark.force)?.dataset.on).toBe("true"));
  const force = set(host)?.force;
  expect([force?.profile, force?.strict]).toEqual([row(2, "").id, true]);
  expect(Math.round((Date.parse(force?.until ?? "") - Date.now()) / 3_600_000)).toBe(8);
  await press(mark.navAccounts);
  expect(by(mark.forceBanner)?.textContent).toMatch(/Everything goes to work, and to nothing else for 8 h more, until/);
  await press(mark.forceBannerStop);
  await waitFor(() => expect(by(mark.forceBanner)).toBeNull());
  expect(set(host)?.force).toBeNull();
  expect(by(mark.announcer)?.textContent).toBe(words.routing.forceStopped);
});

test("no more time is left than was chosen, though the page's clock may be a second late", async () => {
  await open(trio());
  await press(mark.navRouting);
  const opened = Date.now();
  const late = vi.spyOn(Date, "now").mockImplementation(() => opened + 900);
  await press(mark.forceGo);
  await waitFor(() => expect(by(mark.forceLeft)?.textContent).toMatch(/^for 1 h more, until/));
  late.mockRestore();
});

test("a force whose time is over is not shown", async () => {
  await open(trio({ routing: { ...routing, force: { profile: row(2, "").id, until: new Date(Date.now() - 1000).toISOString(), strict: false } } }));
  expect(by(mark.forceBanner)).toBeNull();
});

test("order moves by buttons, says so, keeps the focus, and goes back", async () => {
  const host = await openRouting(trio());
  const names = () => all(mark.orderRow).map((item) => item.dataset.name);
  await fireEvent.click(within(all(mark.orderRow)[2]!).getByRole("button", { name: "Move backup up" }));
  await waitFor(() => expect(names()).toEqual(["main", "backup", "work"]));
  expect(set(host)?.order).toEqual([1, 3, 2].map((at) => row(at, "").id));
  await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("Move backup up"));
  expect(by(mark.announcer)?.textContent).toBe("backup is now at position 2 of 3.");
  await press(mark.orderReset);
  await waitFor(() => expect(names()).toEqual(["main", "work", "backup"]));
  expect(by(mark.orderReset)).toBeNull();
});

test("shares of the weighted strategy add up to a hundred, by keys too, and go back to alike", async () => {
  const host = await openRouting(trio({ routing: { ...routing, strategy: "weighted" } }));
  const shares = () => all(mark.share).map((share) => share.textContent);
  expect(shares()).toEqual(["34 %", "33 %", "33 %"]);
  const slider = all(mark.weight)[0] as HTMLInputElement;
  expect([slider.type, slider.getAttribute("aria-valuetext")]).toEqual(["range", "34 %"]);
  await fireEvent.input(slider, { target: { value: "60" } });
  expect(shares(), "while it moves").toEqual(["60 %", "20 %", "20 %"]);
  expect(host.asked.some((request) => request.method === "set_weights")).toBe(false);
  await fireEvent.change(slider, { target: { value: "60" } });
  const [first, second, third] = [1, 2, 3].map((at) => row(at, "").id);
  await waitFor(() => expect(host.asked.find((request) => request.method === "set_weights")).toEqual({ method: "set_weights", params: { weights: { [first!]: 60, [second!]: 20, [third!]: 20 } } }));
  expect(host.profiles.map((profile) => profile.details.weight)).toEqual([60, 20, 20]);
  await press(mark.weightsAlike);
  await waitFor(() => expect(shares()).toEqual(["34 %", "33 %", "33 %"]));
  await fireEvent.click(by(`${mark.strategy}-random`)!);
  await waitFor(() => expect(by(mark.weights)).toBeNull());
});

test("thresholds are checked together while they are typed, and the core has the last word", async () => {
  const host = await openRouting(trio());
  expect(isOff(mark.thresholdsSave)).toBe(true);
  await type(mark.critical, "20");
  expect(by(mark.thresholdsOrder)?.textContent).toBe("Critical (20 %) has to be below Low (20 %).");
  expect(by(mark.low)?.getAttribute("aria-invalid")).toBe("true");
  expect(isOff(mark.thresholdsSave)).toBe(true);
  await type(mark.low, "30");
  host.refuseNext = { code: "invalid_input", message: "These settings of routing cannot be: x.", hints: [] };
  await press(mark.thresholdsSave);
  await waitFor(() => expect(by(mark.thresholdsError)?.textContent).toContain("cannot be"));
  await press(mark.thresholdsSave);
  await waitFor(() => expect(set(host)).toMatchObject({ low: 30, critical: 20 }));
  await waitFor(() => expect(isOff(mark.thresholdsSave)).toBe(true));
});

test("API keys that stand in have a cap, and a banner on the first page", async () => {
  const keyed = [...trio().profiles, row(4, "metered", { kind: "api_key" })];
  const host = await openRouting(trio({ profiles: keyed }));
  await press(mark.apiKeyFallback);
  await waitFor(() => expect(by(mark.cap)).not.toBeNull());
  await type(mark.cap, "five");
  expect(isOff(mark.capSave)).toBe(true);
  await type(mark.cap, "5.5");
  await press(mark.capSave);
  await waitFor(() => expect(set(host)).toMatchObject({ api_key_fallback: true, api_key_spend_cap_cents: 550 }));
  await press(mark.waitForReset);
  expect(set(host)).toMatchObject({ wait_for_reset: true, api_key_spend_cap_cents: 550 });
  await press(mark.navAccounts);
  expect(by(mark.apiKeyBanner)?.textContent).toContain("up to $5.50 a month; about $0 so far this month");
  await press(mark.apiKeyBannerChange);
  expect(by(mark.page)?.dataset.page).toBe("routing");
});

test("what API keys cost is shown, and reckoned by prices that the user sets", async () => {
  const keyed = [...trio().profiles, row(4, "metered", { kind: "api_key" })];
  const spending = { cents: 131, profiles: { [keyed[3]!.id]: 124, "00000000000000ff": 7 } };
  const host = await openRouting(trio({ profiles: keyed, spending, routing: { ...routing, api_key_fallback: true } }));
  expect(by(mark.spent)?.textContent).toContain("About $1.31 so far this month: metered $1.24, a removed account $0.07. An estimate");
  for (const wrong of ["", "0", "five", "10000.01"]) {
    await type(mark.inputPrice, wrong);
    expect(isOff(mark.capSave), wrong).toBe(true);
  }
  await type(mark.inputPrice, "1,25");
  await type(mark.outputPrice, "10");
  await press(mark.capSave);
  await waitFor(() => expect(set(host)).toMatchObject({ api_key_spend_cap_cents: null, api_key_input_price_cents: 125, api_key_output_price_cents: 1000 }));
  await waitFor(() => expect(isOff(mark.capSave)).toBe(true));
});

test("nothing is paid without an API key, so there is no banner", async () => {
  await open(trio({ routing: { ...routing, api_key_fallback: true } }));
  expect(by(mark.apiKeyBanner)).toBeNull();
});

test("a folder is bound and let go; a refusal keeps what was typed", async () => {
  const host = await openRouting(trio());
  await press(`${mark.folders}-add`);
  await type(`${mark.folders}-name`, "src/paid");
  await fireEvent.click(check("work"));
  expect(isOff(mark.setAdd)).toBe(true);
  await type(`${mark.folders}-name`, "/home/ada/src/paid");
  host.refuseNext = { code: "invalid_input", message: "The folder is bound twice.", hints: [] };
  await press(mark.setAdd);
  await waitFor(() => expect(by(`${mark.folders}-error`)?.textContent).toContain("bound twice"));
  await press(mark.setAdd);
  await waitFor(() => expect(by(`${mark.folders}-row`)?.dataset.name).toBe("/home/ada/src/paid"));
  expect(set(host)?.folders).toEqual([{ folder: "/home/ada/src/paid", profiles: [row(2, "").id] }]);
  await press(`${mark.folders}-remove`);
  await waitFor(() => expect(by(`${mark.folders}-row`)).toBeNull());
});

test("a wall goes up around accounts that stand behind no other", async () => {
  const host = await openRouting(trio({ routing: { ...routing, walls: { office: [row(2, "").id] } } }));
  await press(`${mark.walls}-add`);
  expect(check("work").disabled).toBe(true);
  await fireEvent.click(check("main"));
  await type(`${mark.walls}-name`, " home ");
  await press(mark.setAdd);
  await waitFor(() => expect(all(`${mark.walls}-row`)).toHaveLength(2));
  expect(set(host)?.walls).toEqual({ office: [row(2, "").id], home: [row(1, "").id] });
});

test("the last decisions open to every account's reasons", async () => {
  await openRouting(scenes.routed!());
  await waitFor(() => expect(all(mark.decision)).toHaveLength(4));
  const [first, second, , nobody] = all(mark.decision);
  expect(first?.textContent).toContain("work: the session is at home there");
  expect(first?.textContent).toContain("session 0192a7b3-6c1d… · gpt-6-sol · 12 times");
  expect(second?.textContent).toMatch(/main\s*Tried for this request already. Its 5-hour limit is used up; back in 1 h 29 min\./);
  expect(nobody?.textContent).toContain("Nobody: no account can serve");
  expect(nobody?.textContent).toContain("and 4 more");
});

test("a session is tied to the account that served it, and untied", async () => {
  const host = await openRouting(scenes.routed!());
  await waitFor(() => expect(all(mark.decision)).toHaveLength(4));
  const session = "0192a7b3-6c1d-7000-8000-00000000000a";
  const tie = all(mark.sessionPin)[0]!;
  expect(tie.textContent).toContain("Tie this session to work");
  await fireEvent.click(tie);
  await waitFor(() => expect(all(mark.sessionUnpin)[0]?.previousElementSibling?.textContent).toContain("tied to work"));
  expect(host.asked).toContainEqual({ method: "pin_session", params: { session, profile: row(2, "").id } });
  await fireEvent.click(all(mark.sessionUnpin)[0]!);
  await waitFor(() => expect(all(mark.sessionUnpin)).toHaveLength(0));
});

test("the state of the gateway stands on top, a removed account has no name", async () => {
  await openRouting(scenes.routed!());
  expect(by(mark.gateway)?.textContent).toBe("The gateway serves on 127.0.0.1:4820.");
  expect(all(`${mark.folders}-row`)[1]?.textContent).toContain("main, backup, a removed account");
});
