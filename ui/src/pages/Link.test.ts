// Links that were opened with the app: a question, and nothing without a click.
import { cleanup, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import type { LinkAsks } from "../host/host";
import { trio } from "../host/scenes";
import { mark } from "../words/marks";
import { by, open, press } from "./acting";

afterEach(cleanup);

async function ask(link: LinkAsks | null, snapshot = trio()) {
  const host = await open(snapshot);
  host.show({ link });
  await waitFor(() => expect(by(mark.link)).not.toBeNull());
  return host;
}

const title = () => document.querySelector("dialog h2")?.textContent;
const page = () => document.querySelector("main")?.dataset.page;

test.each<[LinkAsks | null, string]>([
  [{ switch: "work" }, "A link asks to switch to work"],
  [{ switch: "nobody" }, "A link asks to switch to an account that there is not"],
  ["add", "A link asks to add an account"],
  [{ page: "usage" }, "A link asks to show Usage"],
  [null, "A link asks for something that there is not"],
])("%j is a question with Cancel at hand, and Cancel does nothing", async (asks, expected) => {
  const host = await ask(asks);
  expect(title()).toBe(expected);
  expect(document.activeElement).toBe(by(mark.linkCancel));
  const before = host.asked.length;
  await press(mark.linkCancel);
  expect([by(mark.link), page(), host.asked.length]).toEqual([null, "accounts", before]);
});

test("what there is not has no button", async () => {
  for (const asks of [null, { switch: "nobody" }]) {
    await ask(asks);
    expect(by(mark.linkConfirm)).toBeNull();
  }
});

test("the button does as the link asks", async () => {
  const host = await ask({ switch: "work" });
  await press(mark.linkConfirm);
  await waitFor(() => expect(by(mark.link)).toBeNull());
  expect(host.asked.at(-1)).toEqual({ method: "switch_to", params: { profile: "0000000000000002" } });

  await ask({ page: "usage" });
  await press(mark.linkConfirm);
  expect([by(mark.link), page()]).toEqual([null, "usage"]);

  const adding = await ask("add");
  await press(mark.linkConfirm);
  expect(adding.asked.at(-1)?.method).toBe("begin_sign_in");
});

test("a refusal is told in the dialog", async () => {
  const host = await ask({ switch: "work" });
  host.refuseNext = { code: "codex_store_mode", message: "Not there.", hints: [] };
  await press(mark.linkConfirm);
  await waitFor(() => expect(by(mark.dialogError)?.textContent).toContain("Not there."));
});

test("a link that comes meanwhile does not change what is asked", async () => {
  const host = await ask({ page: "usage" });
  host.show({ link: { switch: "work" } });
  expect(title()).toBe("A link asks to show Usage");
});

test("where names are hidden, the question has none, and finds the account all the same", async () => {
  const snapshot = trio();
  snapshot.settings = { ...snapshot.settings, private_notifications: true };
  const host = await ask({ switch: "work" }, snapshot);
  expect(title()).toBe("A link asks to switch to Profile 2");
  await press(mark.linkConfirm);
  await waitFor(() => expect(host.asked.at(-1)).toEqual({ method: "switch_to", params: { profile: "0000000000000002" } }));
});
