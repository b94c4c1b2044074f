// Programs that go through the gateway, connected and disconnected as a user would.
import { cleanup, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import type { ClientRow } from "../generated/ClientRow";
import { trio } from "../host/scenes";
import { mark } from "../words/marks";
import { all, by, openSettings, press } from "./acting";

afterEach(cleanup);

const row = (client: ClientRow["client"], state: ClientRow["state"]): ClientRow => ({ client, state, path: `/home/ada/${client}`, since: null });

test("a program is connected and disconnected", async () => {
  const host = await openSettings(trio({ clients: [row("codex", "not_connected"), row("opencode", "not_found")] }));
  expect(all(mark.client)).toHaveLength(1);
  expect(by(mark.client)?.textContent).toContain("Uses its own login.");
  await press(mark.clientSwitch);
  await waitFor(() => expect(by(mark.client)?.dataset.state).toBe("connected"));
  expect(host.asked).toContainEqual({ method: "connect_client", params: { client: "codex", replace: false, dry_run: false } });
  await press(mark.clientSwitch);
  await waitFor(() => expect(by(mark.client)?.dataset.state).toBe("not_connected"));
  expect(host.asked).toContainEqual({ method: "disconnect_client", params: { client: "codex", dry_run: false } });
});

test("what is left to know of a program is said", async () => {
  const host = await openSettings(trio({ clients: [row("codex", "connected")] }));
  host.remarks = [{ code: "client_config", message: "One value was changed by hand and stays.", hints: [] }];
  await press(mark.clientSwitch);
  await waitFor(() => expect(by(mark.refusal)?.textContent).toContain("One value was changed by hand and stays."));
});

test("without such a program there is nothing to connect", async () => {
  await openSettings(trio({ clients: [row("codex", "not_found")] }));
  expect(by(mark.client)).toBeNull();
});
